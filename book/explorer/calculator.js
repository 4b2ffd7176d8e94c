// The calculator of the two-by-two table of trace and answer.
//
// `twoByTwo` gives the numbers of tracelib.stats.association.two_by_two; a test compares the two in a browser.
"use strict";
(() => {
  const Z = 1.959963984540054; // the 97.5% point of the normal distribution
  const SMALL = 5; // the chi-square test is doubtful if an expected count is smaller (Cochran 1954)
  const MOST = 1000000; // a count that may be typed
  const LEAST_SLIDER = 100; // the end of a slider, at least
  const NAMES = ["a", "b", "c", "d"];
  const WORDS = ["right trace, right answer", "right trace, wrong answer", "wrong trace, right answer", "wrong trace, wrong answer"];

  // --- Numbers ------------------------------------------------------------------------------------

  // A share with its Wilson score interval (Wilson 1927); null without items.
  function wilson(successes, n) {
    if (!n) return null;
    const share = successes / n;
    const centre = (share + (Z * Z) / (2 * n)) / (1 + (Z * Z) / n);
    const half = (Z / (1 + (Z * Z) / n)) * Math.sqrt((share * (1 - share)) / n + (Z * Z) / (4 * n * n));
    return { estimate: share, low: Math.max(centre - half, 0), high: Math.min(centre + half, 1) };
  }

  // The difference of two independent shares with Newcombe's (1998) interval, method 10.
  function difference(first, second) {
    if (!first || !second) return null;
    const estimate = first.estimate - second.estimate;
    const low = Math.hypot(first.estimate - first.low, second.high - second.estimate);
    const high = Math.hypot(first.high - first.estimate, second.estimate - second.low);
    return { estimate, low: estimate - low, high: estimate + high };
  }

  // The odds ratio with Woolf's (1955) interval; with a zero cell, one half is added to each (Haldane 1956).
  function oddsRatio(cells) {
    const [a, b, c, d] = cells.includes(0) ? cells.map((cell) => cell + 0.5) : cells;
    const estimate = (a * d) / (b * c);
    const factor = Math.exp(Z * Math.sqrt(1 / a + 1 / b + 1 / c + 1 / d));
    return { estimate, low: estimate / factor, high: estimate * factor };
  }

  // P(a chi-square variable with one degree of freedom is larger), which is erfc(sqrt(x / 2)).
  function chiSquareTail(x) {
    const y = Math.sqrt(x / 2);
    if (y < 2) { // a series for erf
      let term = (2 / Math.sqrt(Math.PI)) * y;
      let sum = term;
      for (let k = 1; Math.abs(term) > 1e-18; k += 1) {
        term *= (-y * y) / k;
        sum += term / (2 * k + 1);
      }
      return 1 - sum;
    }
    let fraction = 0; // a continued fraction for erfc
    for (let k = 60; k >= 1; k -= 1) fraction = k / 2 / (y + fraction);
    return Math.exp(-y * y) / (y + fraction) / Math.sqrt(Math.PI);
  }

  // Fisher's exact test, two-sided: the chances of all tables that are no likelier than this one.
  function fisher([a, b, c, d]) {
    const logs = [0];
    for (let k = 1; k <= a + b + c + d; k += 1) logs.push(logs[k - 1] + Math.log(k));
    const chance = (k) => // of k in the first cell, up to a factor that all tables share
      -(logs[k] + logs[a + b - k] + logs[a + c - k] + logs[d - a + k]);
    const [least, most] = [Math.max(0, a - d), Math.min(a + b, a + c)];
    let [all, unlikely, greatest] = [0, 0, -Infinity];
    for (let k = least; k <= most; k += 1) greatest = Math.max(greatest, chance(k));
    for (let k = least; k <= most; k += 1) {
      const own = Math.exp(chance(k) - greatest);
      all += own;
      if (chance(k) <= chance(a) + 1e-7) unlikely += own;
    }
    return Math.min(unlikely / all, 1);
  }

  function twoByTwo(...cells) {
    const [a, b, c, d] = cells;
    const [right, wrong, answered, missed] = [a + b, c + d, a + c, b + d];
    const n = right + wrong;
    const [givenRight, givenWrong] = [wilson(a, right), wilson(c, wrong)];
    const empty = [[right, "no right trace"], [wrong, "no wrong trace"], [answered, "no right answer"], [missed, "no wrong answer"]]
      .filter(([count]) => !count).map(([, words]) => words).join("; ");
    const found = {
      n, empty,
      joint: wilson(a, n),
      given_right: givenRight,
      given_wrong: givenWrong,
      trace_given_answer: wilson(a, answered),
      difference: difference(givenRight, givenWrong),
      odds_ratio: null,
      chi_square: null,
    };
    if (empty) return found;
    const least = (Math.min(right, wrong) * Math.min(answered, missed)) / n;
    const statistic = (n * (a * d - b * c) ** 2) / (right * wrong * answered * missed);
    found.odds_ratio = oddsRatio(cells);
    found.chi_square = { statistic, p: chiSquareTail(statistic), p_exact: fisher(cells), small: least < SMALL };
    return found;
  }

  // --- Words --------------------------------------------------------------------------------------

  const NONE = "–";
  const spread = (row, shown) => (row ? `${shown(row.estimate)} [${shown(row.low)}, ${shown(row.high)}]` : NONE);
  const percent = (row) => spread(row, (share) => (100 * share).toFixed(1));
  const signed = (row) => spread(row, (share) => (share < 0 ? "-" : "+") + Math.abs(100 * share).toFixed(1));
  const plain = (row) => spread(row, (value) => (value < 100 ? value.toFixed(2) : rounded(value)));
  const rounded = (value) => (value < 1e6 ? Math.round(value).toLocaleString("en") : value.toExponential(1));
  const pValue = (p) => (p < 0.001 ? "< 0.001" : p.toFixed(3));

  function rows([a, b, c, d], found) {
    const zero = [a, b, c, d].includes(0) && !found.empty ? "; a zero cell, so one half is added to each" : "";
    const none = found.empty && `; there is none: ${found.empty}`;
    const test = found.chi_square;
    return [
      ["Joint: trace and answer right, % of all", percent(found.joint), `${a} of ${found.n}`],
      ["Answer right given a right trace, %", percent(found.given_right), `${a} of ${a + b}`],
      ["Answer right given a wrong trace, %", percent(found.given_wrong), `${c} of ${c + d}`],
      ["Difference of these two, points", signed(found.difference), "Newcombe's interval"],
      ["Trace right given a right answer, %", percent(found.trace_given_answer), `${a} of ${a + c}`],
      ["Odds ratio", plain(found.odds_ratio), `logit interval (Woolf)${zero}${none}`],
      ["Chi-square, 1 df", test ? `${test.statistic.toFixed(2)}, p ${equal(test.p)}` : NONE,
        `Pearson's test of no association${none || (test.small ? "; an expected count is below 5: prefer the exact test" : "")}`],
      ["Exact test", test ? `p ${equal(test.p_exact)}` : NONE, `Fisher's${none}`],
    ];
  }

  const equal = (p) => (p < 0.001 ? pValue(p) : `= ${pValue(p)}`);

  function inWords([a, b, c, d], found) {
    if (!found.n) return "There are no outputs yet.";
    const share = (row) => `${(100 * row.estimate).toFixed(1)}%`;
    const joint = `In ${share(found.joint)} of all ${found.n} outputs, trace and answer are both right.`;
    const given = a + b ? `Of the ${a + b} right traces, ${share(found.given_right)} have a right answer` : "No trace is right";
    const other = c + d ? `of the ${c + d} wrong ones, ${share(found.given_wrong)}` : "no trace is wrong";
    return `${joint} ${given}; ${other}.`;
  }

  // --- The page -----------------------------------------------------------------------------------

  const part = (name) => document.getElementById(`calculator-${name}`);
  const cells = [0, 0, 0, 0];
  let end = LEAST_SLIDER; // of the sliders

  function make(tag, text, properties = {}) {
    const element = Object.assign(document.createElement(tag), properties);
    element.textContent = text;
    return element;
  }

  // Right traces stand left, wrong ones right, each as wide as its share; right answers stand below.
  function drawSquares([a, b, c, d]) {
    const shapes = [];
    const shape = (tag, attributes, text = "") => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      element.textContent = text;
      shapes.push(element);
    };
    const [width, height, top] = [400, 190, 20];
    let x = 0;
    for (const [name, right, wrong] of [["trace right", a, b], ["trace wrong", c, d]]) {
      const across = a + b + c + d ? (width * (right + wrong)) / (a + b + c + d) : 0;
      const up = right + wrong ? (height * right) / (right + wrong) : 0;
      shape("rect", { x, y: top, width: across, height: height - up, class: "answer-wrong" });
      shape("rect", { x, y: top + height - up, width: across, height: up, class: "answer-right" });
      const side = x ? { x: width, "text-anchor": "end" } : { x: 0 };
      if (across) shape("text", { ...side, y: 13 }, name);
      if (across > 80) {
        if (height - up > 18) shape("text", { x: x + 6, y: top + 14 }, "answer wrong");
        if (up > 18) shape("text", { x: x + 6, y: top + height - 6 }, "answer right");
      }
      x += across;
    }
    part("squares").replaceChildren(...shapes);
  }

  function show() {
    const found = twoByTwo(...cells);
    if (Math.max(...cells) > end) end = 2 * Math.max(...cells); // never smaller while a slider moves
    NAMES.forEach((name, place) => {
      part(`${name}-slider`).max = end;
      part(`${name}-slider`).value = cells[place];
      if (document.activeElement !== part(name)) part(name).value = cells[place];
    });
    part("figures").replaceChildren(...rows(cells, found).map(([name, value, how]) => {
      const row = document.createElement("tr");
      row.append(make("th", name, { scope: "row" }), make("td", value), make("td", how, { className: "quiet" }));
      return row;
    }));
    part("joint-words").textContent = inWords(cells, found);
    drawSquares(cells);
  }

  function say(text) {
    part("message").textContent = text;
    part("message").hidden = !text;
  }

  const isCount = (text) => /^[0-9]{1,7}$/.test(text) && Number(text) <= MOST;

  function change(place, text, fault) {
    if (isCount(text)) cells[place] = Number(text);
    say(isCount(text) ? "" : fault);
    if (!isCount(text)) return;
    history.replaceState(null, "", `#${cells.join(",")}`);
    show();
  }

  function set(counts) {
    counts.forEach((count, place) => (cells[place] = Number(count)));
    end = LEAST_SLIDER;
  }

  // Four counts from the page's address, as the explorer's link writes them.
  function fromAddress() {
    const given = location.hash.slice(1);
    if (!given) return;
    const parts = given.split(",");
    if (parts.length === 4 && parts.every(isCount)) {
      set(parts);
      say("");
    } else {
      say(`The link should end with four whole numbers of at most ${MOST.toLocaleString("en")}, as in #27,0,11,82. It ends with “${given}”.`);
    }
    show();
  }

  function offer(tables) {
    for (const run of tables) {
      const seed = run.seed === null ? "" : `, seed ${run.seed}`;
      const words = `${run.origin}: ${run.setting}, ${run.model}, ${run.condition}${seed}; ${run.metric}`;
      part("preset").append(make("option", words, { value: run.cells.join(",") }));
    }
  }

  function start() {
    NAMES.forEach((name, place) => {
      const fault = `“${WORDS[place]}”: expected a whole number from 0 to ${MOST.toLocaleString("en")}.`;
      part(name).addEventListener("input", (event) => change(place, event.target.value.trim(), fault));
      part(name).addEventListener("blur", show);
      part(`${name}-slider`).addEventListener("input", (event) => change(place, event.target.value, fault));
    });
    part("form").addEventListener("submit", (event) => event.preventDefault());
    part("preset").addEventListener("change", (event) => event.target.value && (location.hash = event.target.value));
    addEventListener("hashchange", fromAddress);
    const script = document.createElement("script");
    script.src = new URL("data/tables.js", source).href;
    script.onload = () => {
      offer(self.explorerData?.tables ?? []);
      const first = part("preset").options[1];
      if (!location.hash && first) set(first.value.split(","));
      show();
    };
    script.onerror = () => show(); // the calculator works without the runs
    document.head.append(script);
    part("needs").hidden = true;
    part("all").hidden = false;
    fromAddress();
    show();
  }

  const source = document.currentScript.src;
  self.calculator = { twoByTwo };
  start();
})();
