// The trace explorer: filters over all outcomes of this build, and one problem with all outcomes on it.
//
// tracelib/book/explorer/files.py writes the data: an index with a character or a number per outcome, and the texts
// in chunks, which are loaded when they are asked for. The address of the page holds the whole state, so that every
// view has a link. Models wrote the texts: they enter the page as text alone, never as markup.
"use strict";
(() => {
  const DATA = new URL("data/", document.currentScript.src);
  const SHOWN = 10; // outcomes in the list at a time
  const LONG = 1500; // characters of a text that is folded away
  const MANY = 20; // facts that are folded away
  const FILTERS = ["origin", "dataset", "model", "condition"]; // properties of a run
  const KEYS = [...FILTERS, "verdict", "metric", "q", "page", "item", "run"];
  const METRICS = {
    primary: "each dataset's first: CoTempQA corrected, others exact",
    official: "official, the release's own",
    strict: "strict (CoTempQA), others exact",
  };
  // What a verdict asks of an outcome: its trace, its two steps and its answer, as the index writes them.
  const VERDICTS = {
    "both-right": ["trace right, answer right", (trace, category, facts, answer) => trace === "1" && answer === "1"],
    "trace-only": ["trace right, answer wrong", (trace, category, facts, answer) => trace === "1" && answer === "0"],
    "answer-only": ["trace wrong, answer right", (trace, category, facts, answer) => "0u".includes(trace) && answer === "1"],
    "both-wrong": ["trace wrong, answer wrong", (trace, category, facts, answer) => "0u".includes(trace) && answer === "0"],
    "category-only": ["category right, facts wrong", (trace, category, facts) => category === "1" && facts === "0"],
    "facts-only": ["facts right, category wrong", (trace, category, facts) => category === "0" && facts === "1"],
    unread: ["no trace could be read", (trace) => trace === "u"],
    unjudged: ["trace not judged", (trace) => trace === "-"],
  };
  const CELLS = Object.keys(VERDICTS).slice(0, 4);
  const WORDS = { 1: "right", 0: "wrong", u: "absent", "-": "not judged" };

  const loaded = (self.explorerData ??= {});
  const part = (name) => document.getElementById(`explorer-${name}`);
  let index, starts, searched, found;
  let seen, itemFaults = []; // the problem that is shown, and what its link asks for in vain
  let current; // the outcome that is shown

  // --- Elements: every text goes in as text -------------------------------------------------------

  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name in element) element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  const inItsDirection = (tag, text, properties = {}) => make(tag, { dir: "auto", ...properties }, text);

  function chip(name, verdict) {
    return make("span", { className: `verdict ${verdict}` }, `${name} ${verdict}`);
  }

  function say(...messages) {
    part("message").replaceChildren(...messages.map((text) => make("p", {}, text)));
    part("message").hidden = !messages.length;
  }

  // --- Files --------------------------------------------------------------------------------------

  function load(name) {
    const file = `${name}.js`;
    if (loaded[name]) return Promise.resolve(loaded[name]);
    return new Promise((resolve, reject) => {
      const fail = (what) => reject(new Error(`The file explorer/data/${file}, beside this page, ${what}`));
      const script = make("script", { src: new URL(file, DATA).href });
      script.onerror = () => fail("is missing. Copy the whole book, or build it again.");
      script.onload = () => {
        const value = loaded[name];
        if (!value) fail("is damaged. Build the book again.");
        else if (index && value.build !== index.build) fail("is from another build. Load this page again.");
        else resolve(value);
      };
      document.head.append(script);
    });
  }

  function chunkOf(item) {
    let [low, high] = [0, index.firsts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (index.firsts[middle] <= item) low = middle;
      else high = middle - 1;
    }
    return load(`texts-${String(low).padStart(3, "0")}`).then((chunk) => chunk.items[item - index.firsts[low]]);
  }

  // --- The state, which is the page's address -----------------------------------------------------

  const state = () => new URLSearchParams(location.hash.slice(1));

  function linked(changes) {
    const next = state();
    for (const [key, value] of Object.entries(changes)) {
      if (value === "" || value === null) next.delete(key);
      else next.set(key, value);
    }
    next.delete("all");
    return `#${next.toString() || "all"}`; // a bare # would scroll to the top
  }

  const runName = (run) =>
    [run.origin, run.setting, run.model, run.condition, run.seed ?? ""].join("/").replace(/\/$/, "");
  const itemName = (item) => `${index.items.dataset[item]}/${index.items.id[item]}`;

  function runAt(outcome) {
    let place = 0;
    while (starts[place + 1] <= outcome) place += 1;
    return index.runs[place];
  }

  // What a link asks for that is not there, in words; such a filter is left open.
  function asked() {
    const given = state();
    const faults = [];
    const value = (key, known) => {
      const text = given.get(key) ?? "";
      if (!text || known.includes(text)) return text;
      faults.push(`This link asks for the ${key} “${text}”, which this build does not have; it is left open.`);
      return "";
    };
    const wanted = { q: given.get("q") ?? "", page: Math.max(Number.parseInt(given.get("page") ?? "1", 10) || 1, 1) };
    for (const name of FILTERS) wanted[name] = value(name, index.runs.map((run) => run[name]));
    wanted.verdict = value("verdict", Object.keys(VERDICTS));
    wanted.metric = value("metric", Object.keys(METRICS)) || "primary";
    for (const key of given.keys()) {
      if (!KEYS.includes(key) && key !== "all") faults.push(`This link has a part “${key}”, which means nothing here.`);
    }
    return [wanted, faults];
  }

  // --- Filters ------------------------------------------------------------------------------------

  function matches(words) {
    if (!words.length) return null;
    const { question, id, category } = index.items;
    searched ??= question.map((text, item) => `${text}\n${id[item]}\n${category[item]}`.toLowerCase());
    return searched.map((text) => words.every((word) => text.includes(word)));
  }

  // The outcomes that pass the filters, and how many have each verdict if no verdict is asked for.
  function filtered(wanted) {
    const { item, trace, category, facts, answer } = index.outcomes;
    const answers = answer[wanted.metric];
    const ofItem = matches(wanted.q.toLowerCase().split(/\s+/).filter(Boolean));
    const counts = Object.fromEntries(Object.keys(VERDICTS).map((name) => [name, 0]));
    const passed = [];
    let all = 0;
    index.runs.forEach((run, place) => {
      if (!FILTERS.every((name) => !wanted[name] || run[name] === wanted[name])) return;
      for (let number = starts[place]; number < starts[place + 1]; number += 1) {
        if (ofItem && !ofItem[item[number]]) continue;
        all += 1;
        let passes = !wanted.verdict;
        for (const [name, [, holds]] of Object.entries(VERDICTS)) {
          if (!holds(trace[number], category[number], facts[number], answers[number])) continue;
          counts[name] += 1;
          passes ||= name === wanted.verdict;
        }
        if (passes) passed.push(number);
      }
    });
    return { passed, counts, all };
  }

  function options(select, first, values) {
    const shown = [["", first], ...values].map(([value, text]) => make("option", { value }, text));
    select.replaceChildren(...shown);
  }

  function fillFields() {
    for (const name of FILTERS) {
      const values = [...new Set(index.runs.map((run) => run[name]))];
      options(part(name), "all", values.map((value) => [value, value]));
      part(name).addEventListener("change", (event) => go({ [name]: event.target.value, page: "" }));
    }
    part("metric").replaceChildren(
      ...Object.entries(METRICS).map(([value, text]) => make("option", { value }, text)),
    );
    part("metric").addEventListener("change", (event) => go({ metric: event.target.value, page: "" }));
    part("verdict").addEventListener("change", (event) => go({ verdict: event.target.value, page: "" }));
    let waiting;
    part("q").addEventListener("input", (event) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => go({ q: event.target.value.trim(), page: "" }), 150);
    });
    part("form").addEventListener("submit", (event) => event.preventDefault());
    part("clear").addEventListener("click", () => location.replace("#all"));
    CELLS.forEach((name) => {
      part(name).addEventListener("click", () => go({ verdict: state().get("verdict") === name ? "" : name, page: "" }));
    });
  }

  const go = (changes) => location.replace(linked(changes));

  // --- The list -----------------------------------------------------------------------------------

  function showFields(wanted) {
    for (const name of FILTERS) part(name).value = wanted[name];
    part("metric").value = wanted.metric;
    if (document.activeElement !== part("q")) part("q").value = wanted.q;
    const number = (name) => found.counts[name].toLocaleString("en");
    options(part("verdict"), `any (${found.all.toLocaleString("en")})`,
      Object.entries(VERDICTS).map(([name, [words]]) => [name, `${words} (${number(name)})`]));
    part("verdict").value = wanted.verdict;
    for (const name of CELLS) {
      part(name).textContent = number(name);
      part(name).setAttribute("aria-label", `${VERDICTS[name][0]}: ${number(name)}`);
      part(name).setAttribute("aria-pressed", wanted.verdict === name);
    }
    part("calculate").href = `calculator.html#${CELLS.map((name) => found.counts[name]).join(",")}`;
  }

  function showList(wanted) {
    const { passed } = found;
    const pages = Math.max(Math.ceil(passed.length / SHOWN), 1);
    const page = Math.min(wanted.page, pages);
    const from = (page - 1) * SHOWN;
    const total = index.outcomes.item.length.toLocaleString("en");
    part("count").textContent = `${passed.length.toLocaleString("en")} of ${total} outcomes`;
    part("list").replaceChildren(...passed.slice(from, from + SHOWN).map((number) => row(number, wanted)));
    part("list").start = from + 1;
    part("page").textContent = `page ${page} of ${pages}`;
    part("before").disabled = page <= 1;
    part("after").disabled = page >= pages;
    part("before").onclick = () => go({ page: page - 1 });
    part("after").onclick = () => go({ page: page + 1 });
  }

  function row(number, wanted) {
    const { item, category, facts, trace, answer } = index.outcomes;
    const run = runAt(number);
    const at = item[number];
    const step = (flags) => WORDS[trace[number] === "u" ? "u" : flags[number]];
    const link = linked({ item: itemName(at), run: runName(run) });
    return make("li", {}, make("a", { href: link, "data-outcome": number },
      inItsDirection("span", titleOf(at), { className: "question" }),
      make("span", { className: "quiet" }, `${inWords(run)}; ${index.items.category[at]} `),
      chip("category", step(category)), " · ", chip("facts", step(facts)), " · ",
      chip("answer", WORDS[answer[wanted.metric][number]])));
  }

  const titleOf = (item) => index.items.question[item] || `Problem ${index.items.id[item]}`;

  function inWords(run) {
    const seed = run.seed === null ? "" : `, seed ${run.seed}`;
    const setting = run.setting === run.dataset ? run.dataset : `${run.dataset} (${run.setting})`;
    return `${run.model}, ${run.condition}${seed}; ${run.origin}, ${setting}`;
  }

  // --- One problem --------------------------------------------------------------------------------

  function places(name) {
    const slash = name.lastIndexOf("/");
    const [dataset, id] = [name.slice(0, slash), name.slice(slash + 1)];
    return index.items.id.findIndex((own, item) => own === id && index.items.dataset[item] === dataset);
  }

  // Shows the problem that the address names; what it names in vain, in words.
  async function showItem() {
    const [name, runGiven] = [state().get("item"), state().get("run")];
    const key = `${name}\n${runGiven}`;
    if (key === seen) return itemFaults;
    seen = key;
    itemFaults = [];
    if (!name) return hideItem();
    const item = places(name);
    if (item < 0) {
      return hideItem(`This link names the problem “${name}”, which this build does not have. Is the link whole? ` +
        "Problems that a program made differ between settings.");
    }
    let texts;
    try {
      texts = await chunkOf(item);
    } catch (error) {
      return seen === key ? hideItem(error.message) : itemFaults;
    }
    if (seen !== key) return itemFaults; // another problem was asked for meanwhile
    const ofRun = texts.said.find((said) => runName(runAt(said.outcome)) === runGiven);
    drawItem(item, texts, ofRun ?? texts.said[0]);
    if (runGiven && !ofRun) {
      itemFaults = [`This link names the run “${runGiven}”, which has no outcome on this problem; the first run is shown.`];
    }
    return itemFaults;
  }

  function hideItem(...faults) {
    part("problem").hidden = true;
    itemFaults = faults;
    return faults;
  }

  function drawItem(item, texts, chosen) {
    const run = runAt(chosen.outcome);
    const isBeside = (other) => ["origin", "setting", "model", "seed"].every((name) => runAt(other.outcome)[name] === run[name]);
    const others = texts.said.filter((said) => said !== chosen);
    const beside = others.filter(isBeside);
    const rest = others.filter((said) => !isBeside(said));
    const card = (said) => drawCard(said, texts, said === chosen, item);
    const drawn = [
      inItsDirection("h2", titleOf(item), { id: "explorer-title" }),
      make("p", { className: "quiet" }, `${index.items.dataset[item]}, category “${index.items.category[item]}”, problem ${index.items.id[item]}`),
      texts.facts ? drawFacts(texts, chosen) : make("p", {}, "The texts of this problem are not in this build: either no copy of the data was at hand, or the licence forbids it. The verdicts are there."),
      make("h3", {}, "The same problem under other conditions"),
      make("div", { className: "side-by-side" }, card(chosen), ...beside.map(card)),
    ];
    if (rest.length) {
      const more = make("div", { className: "side-by-side" });
      const fold = make("details", {}, make("summary", {}, `${rest.length} more outcomes on this problem, by other models or seeds`), more);
      fold.addEventListener("toggle", () => more.childNodes.length || more.append(...rest.map(card)));
      drawn.push(fold);
    }
    if (texts.credit) drawn.push(make("p", { className: "quiet" }, texts.credit));
    drawn.push(make("p", { className: "pages", id: "explorer-steps" }));
    part("problem").replaceChildren(...drawn);
    part("problem").hidden = false;
    current = chosen.outcome;
    showSteps();
    if (!document.activeElement?.closest("#explorer-form")) part("problem").focus();
  }

  // Buttons to the outcomes before and after the shown one, in the list as it is now.
  function showSteps() {
    const at = found.passed.indexOf(current);
    const button = (text, to) => {
      const target = at < 0 ? undefined : found.passed[to];
      const onclick = () => {
        const page = Math.floor(to / SHOWN) + 1;
        location.hash = linked({ item: itemName(index.outcomes.item[target]), run: runName(runAt(target)), page });
      };
      return make("button", { type: "button", disabled: target === undefined, onclick }, text);
    };
    part("steps").replaceChildren(
      button("Previous of the list", at - 1),
      button("Next of the list", at + 1),
      make("button", { type: "button", onclick: () => part("list").querySelector("a")?.focus() }, "Back to the list"),
    );
  }

  function drawFacts(texts, chosen) {
    const cited = new Set(chosen.cited);
    const gold = new Set(texts.supporting);
    const list = make("ol", { className: "facts" }, ...texts.facts.map((fact, place) => {
      const tags = [gold.has(place) && "gold", cited.has(place) && (gold.has(place) ? "cited" : "cited, not gold")];
      const shown = tags.filter(Boolean).map((tag) => make("span", { className: "tag" }, tag));
      const line = make("li", { className: gold.has(place) ? "gold" : "" }, inItsDirection("span", fact));
      for (const tag of shown) line.append(" ", tag);
      return line;
    }));
    const summary = `${texts.facts.length} facts; gold: ${texts.supporting.length}, cited by the first outcome below: ${cited.size}`;
    const golds = make("p", {}, "Gold answer: ", inItsDirection("span", texts.gold.join("; ")));
    return make("div", {}, make("details", { open: texts.facts.length <= MANY }, make("summary", {}, summary), list), golds);
  }

  function drawCard(said, texts, isChosen, item) {
    const run = runAt(said.outcome);
    const seed = run.seed === null ? "" : `, seed ${run.seed}`;
    const name = `${run.condition}: ${run.model}${seed}`;
    const heading = make("h3", {}, isChosen ? name
      : make("a", { href: linked({ item: itemName(item), run: runName(run) }) }, name));
    const steps = make("dl", {});
    for (const [step, verdict, text, why] of said.steps) {
      steps.append(make("dt", {}, chip(`${step}:`, verdict)));
      if (text) steps.append(inItsDirection("dd", text, { className: "said" }));
      steps.append(inItsDirection("dd", why, { className: "quiet" }));
    }
    return make("article", { className: isChosen ? "outcome chosen" : "outcome" }, heading,
      make("p", { className: "quiet" }, `${run.origin}, ${run.setting}`), steps, ...drawText(said.pieces));
  }

  function drawText(pieces) {
    if (!pieces.length) return [];
    const written = make("pre", { className: "written", dir: "auto" });
    for (const [text, mark] of pieces) {
      if (!mark) written.append(text);
      else written.append(make("mark", { className: mark }, make("span", { className: "unseen" }, ` [${mark}:] `), text));
    }
    const length = pieces.reduce((sum, [text]) => sum + [...text].length, 0);
    const summary = make("summary", {}, `The text as written (${length.toLocaleString("en")} characters)`);
    return [make("details", { open: length <= LONG }, summary, written)];
  }

  // --- All of it ----------------------------------------------------------------------------------

  async function show() {
    const [wanted, faults] = asked();
    found = filtered(wanted);
    showFields(wanted);
    showList(wanted);
    if (!part("problem").hidden) showSteps();
    say(...faults, ...(await showItem()));
    for (const link of part("list").querySelectorAll("a")) {
      if (link.hash === location.hash) link.setAttribute("aria-current", "true");
    }
  }

  load("index").then((value) => {
    index = value;
    starts = [0];
    for (const run of index.runs) starts.push(starts.at(-1) + run.n);
    fillFields();
    part("needs").hidden = true;
    part("all").hidden = false;
    addEventListener("hashchange", show);
    return show();
  }).then(() => {
    document.documentElement.dataset.explorer = "ready";
  }, (error) => {
    part("needs").textContent = error.message;
  });
})();
