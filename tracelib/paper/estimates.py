"""The numbers behind the scoreboard: one function per estimate, named in ``claims.yaml``.

Each function takes the scored outputs (`tracelib.paper.evidence.Evidence`) and returns an `InWords`: what is
estimated, its value with a 95% interval, n and the method, as text. Numbers are rounded only in the text.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from tracelib.analysis import preregistered, trace_answer
from tracelib.analysis.comparison import PAIRS, compare_conditions
from tracelib.core.frames import where
from tracelib.paper import (
    annotations,
    following,
    published_means,
    r1_totals,
    real_grid,
    release,
    specifications,
    steps,
    synthesis,
)
from tracelib.paper.evidence import Evidence
from tracelib.scoring.metrics import primary
from tracelib.scoring.outcomes import counts, pooled
from tracelib.stats import bounded
from tracelib.stats.as_text import p_value, percent, plain
from tracelib.stats.proportions import CONFIDENCE, wilson

HEADLINE = 28  # percent, in the abstract
NOTHING = "no outputs in this build"
METRICS = {"corrected": "corrected metric", "exact": "exact match"}  # metric -> in words
MARCO_METHODS = {
    synthesis.RELEASED: "released outputs, exact match; paired: Bonett-Price",
    synthesis.STATED: "stated totals, exact match; Newcombe, as if the conditions were asked different "
    "problems",
}
SMALL, LARGE = ("Llama-3.2-1B-Instruct", "Qwen3-1.7B"), ("Llama-3.1-8B-Instruct", "Qwen3-8B")


class InWords(NamedTuple):
    """One estimate, as text."""

    what: str
    value: str
    n: str
    method: str


def compute(evidence: Evidence, names: Iterable[str]) -> dict[str, InWords]:
    """The named estimates."""
    return {name: ESTIMATES[name](evidence) for name in names}


def _listed(rows: Iterable[tuple[str, dict]], unit: str = "%") -> str:
    """Each model's estimate with its interval, small models first, followed by the unit."""
    values = [f"{_short(model)} {percent(row)}" for model, row in sorted(rows, key=_size)]
    return f"{'; '.join(values)} {unit}" if values else NOTHING


def _correlations(rows: Iterable[tuple[str, dict]]) -> str:
    return "; ".join(f"{_short(model)} {plain(row)}" for model, row in sorted(rows, key=_size)) or NOTHING


def _p(p: float) -> str:
    text = p_value(p)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def _short(model: str) -> str:
    return model.removesuffix("-Instruct")


def _size(row: tuple[str, dict]) -> int:
    known = (*SMALL, *LARGE)
    return known.index(row[0]) if row[0] in known else len(known)


def _each(rows: Sequence[tuple[str, dict]], items: str) -> str:
    sizes = list(dict.fromkeys(int(row["n"]) for _, row in sorted(rows, key=_size))) or [0]
    return f"{', '.join(f'{n:,}' for n in sizes)} {items}" + (" each" if len(rows) > len(sizes) == 1 else "")


def _incomplete(evidence: Evidence, *compared: Sequence[str]) -> str:
    """Which models lack outputs on part of CoTempQA's test set: " (Qwen3-8B without mix)"; or an empty text.

    Args:
        compared: groups of conditions whose outputs are used together.
    """
    lacking: dict[str, dict] = {}
    for conditions in compared:
        for model, names in synthesis.lacking(evidence.outcomes, *conditions).items():
            lacking.setdefault(_short(model), {}).update(dict.fromkeys(names))
    parts = [f"{model} without {', '.join(names)}" for model, names in lacking.items()]
    return f" ({'; '.join(parts)})" if parts else ""


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


# --- Trace and answer -------------------------------------------------------------------------


def _rates(evidence: Evidence, quantity: str, dataset: str = "cotempqa") -> list[tuple[str, dict]]:
    """A quantity of `trace_answer.rates` for each model trained on correct traces, by the exact check."""
    of_dataset = evidence.outcomes["dataset"] == dataset
    traced = evidence.outcomes[of_dataset & (evidence.outcomes["condition"] == "correct")]
    return _of(trace_answer.rates(pooled(counts(traced, primary(dataset)))), quantity)


def _of(rates: pd.DataFrame, quantity: str) -> list[tuple[str, dict]]:
    found = rates[(rates["quantity"] == quantity) & (rates["category"] == "all")]
    return [(row["model"], row) for row in found.to_dict("records")]


def right_together(evidence: Evidence) -> InWords:
    """Joint rate of right trace and right answer."""
    rows = _rates(evidence, "joint")
    return InWords(
        "trace and answer right, of all problems",
        _listed(rows),
        _each(rows, "problems") + _incomplete(evidence, ("correct",)),
        "CoTempQA, trained on correct traces; exact check, corrected metric; Wilson",
    )


def right_given_right_trace(evidence: Evidence) -> InWords:
    """Rate of right answers, given a right trace."""
    rows = _rates(evidence, "given_right")
    return InWords(
        "answer right, of problems with a right trace (which, by definition, names the answer)",
        _listed(rows),
        _each(rows, "problems") + _incomplete(evidence, ("correct",)),
        "CoTempQA, trained on correct traces; exact check, corrected metric; Wilson",
    )


def narrowest_match(evidence: Evidence) -> InWords:
    """The stated joint counts that round to the headline, over each possible denominator."""
    stated = trace_answer.stated(release.load_matrices())
    rounding = trace_answer.rounding_to(trace_answer.rates(stated), HEADLINE)
    names, values, sizes, recounted = [], [], [], True
    for run in rounding[rounding["quantity"] == "joint"].to_dict("records"):
        published = specifications.published_counts(evidence.outcomes, evidence.checks, run["metric"])
        found = trace_answer.by_denominator(stated, published, pd.Series(run))
        recounted &= "outputs" in found
        names.append(f"{run['model']} on {run['condition']} traces")
        values.append(_and([f"{100 * row['count'] / row['n']:.2f}" for row in found.values()]))
        sizes += [str(row["n"]) for row in found.values()]
    again = (
        "and recounted in the released outputs" if recounted else "not recounted: outputs are missing here"
    )
    return InWords(
        f"the stated joint count that rounds to it ({'; '.join(names) or 'none does'}), over the outputs its "
        f"matrix evaluates, over all problems, {again}",
        f"{'; '.join(values)} %" if values else "none",
        f"{_and(list(dict.fromkeys(sizes)))} problems" if values else f"{len(stated)} matrices",
        "the release's check, official metric; exact counts",
    )


def association(evidence: Evidence) -> InWords:
    """Phi by the exact check, and the range of phi by the release's check."""
    rows = _rates(evidence, "phi")
    theirs = [row["estimate"] for _, row in _published_phi(evidence, specifications.PUBLISHED)]
    span = f"{min(theirs):.2f} to {max(theirs):.2f}" if theirs else NOTHING
    return InWords(
        "correlation (phi) of right trace and right answer by the exact check, largely so by definition; by "
        f"the release's check {span}",
        _correlations(rows),
        _each(rows, "problems") + _incomplete(evidence, ("correct",)),
        "CoTempQA, trained on correct traces; exact check, corrected metric; Fisher's z",
    )


def association_by_step(evidence: Evidence) -> InWords:
    """Phi of the answer and each step alone."""
    outcomes = evidence.outcomes
    traced = outcomes[(outcomes["dataset"] == "cotempqa") & (outcomes["condition"] == "correct")]
    values = []
    for step, column in (("facts", "retrieval_correct"), ("label", "category_correct")):
        alone = pooled(counts(traced.assign(trace_correct=traced[column]), "corrected"))
        values.append(f"{step}: {_correlations(_of(trace_answer.rates(alone), 'phi'))}")
    return InWords(
        "the same for each step alone: the facts name the answer by definition, the label does not",
        "; ".join(values),
        _each(_rates(evidence, "phi"), "problems") + _incomplete(evidence, ("correct",)),
        "exact check, corrected metric; Fisher's z",
    )


def _published_phi(evidence: Evidence, choice: specifications.Specification) -> list[tuple[str, dict]]:
    outcomes = evidence.outcomes
    traced = outcomes[(outcomes["dataset"] == "cotempqa") & (outcomes["condition"] == "correct")]
    return _of(
        trace_answer.rates(counts(specifications.judged(traced, evidence.checks, choice), "official")), "phi"
    )


def association_between(evidence: Evidence) -> InWords:
    """Phi by the release's check with one of two choices mended: the gold row, or the gold facts."""
    mended = {
        "each trace by its own row": {"row": "own"},
        "gold facts alone": {"facts": "supporting"},
    }
    values = []
    for words, change in mended.items():
        rows = _published_phi(evidence, replace(specifications.PUBLISHED, **change))
        values.append(f"{words}: {_correlations(rows)}")
    return InWords(
        "the release's check with one of its choices changed",
        "; ".join(values),
        _each(rows, "problems") + _incomplete(evidence, ("correct",)),
        "official metric; Fisher's z",
    )


def chi_square_stated(evidence: Evidence) -> InWords:
    """How many stated matrices have a chi-square below the project page's critical value."""
    rates = trace_answer.rates(trace_answer.stated(release.load_matrices()))
    tests = rates[(rates["quantity"] == "chi_square") & rates["statistic"].notna()]
    parts = []
    for condition, part in tests.groupby("condition", sort=False):
        below = int((part["statistic"] < trace_answer.CRITICAL).sum())
        parts.append(f"{below} of {len(part)} on {condition} traces")
    return InWords(
        "of the confusion matrices that the release states, those with a chi-square below "
        f"{trace_answer.CRITICAL}",
        " and ".join(parts),
        f"{len(tests)} matrices that have right and wrong traces",
        "Pearson's chi-square of the stated counts",
    )


def association_published(evidence: Evidence) -> InWords:
    """Phi of the same outputs by the release's own check."""
    rows = _published_phi(evidence, specifications.PUBLISHED)
    return InWords(
        "the same outputs by the release's check",
        _correlations(rows),
        _each(rows, "problems") + _incomplete(evidence, ("correct",)),
        "the release's check, official metric; Fisher's z",
    )


def association_marco(evidence: Evidence) -> InWords:
    """Phi of MARCO's stated matrices."""
    stated = trace_answer.stated(release.load_matrices())
    chosen = stated[(stated["dataset"] == "marco") & (stated["condition"] == "correct")]
    rows = _of(trace_answer.rates(chosen), "phi")
    return InWords(
        "MARCO's matrices as the release states them",
        _correlations(rows),
        _each(rows, "problems"),
        "the release's check; Fisher's z",
    )


def _after_wrong(evidence: Evidence, dataset: str) -> list[tuple[str, dict]]:
    """Share of the right answers that follow a wrong trace: one minus ``trace_given_answer``."""
    found = []
    for model, row in _rates(evidence, "trace_given_answer", dataset):
        flipped = {"estimate": 1 - row["estimate"], "low": 1 - row["high"], "high": 1 - row["low"]}
        found.append((model, row | flipped))
    return found


def right_answers_after_wrong_traces(evidence: Evidence) -> InWords:
    """Share of the right answers that follow a wrong trace, on CoTempQA."""
    rows = _after_wrong(evidence, "cotempqa")
    return InWords(
        "of the right answers, those that follow a wrong trace",
        _listed(rows),
        _each(rows, "right answers") + _incomplete(evidence, ("correct",)),
        "CoTempQA, trained on correct traces; exact check, corrected metric; Wilson",
    )


def right_answers_after_wrong_traces_babi(evidence: Evidence) -> InWords:
    """Share of the right answers that follow a wrong trace, on bAbI."""
    rows = _after_wrong(evidence, "babi")
    return InWords(
        "the same on bAbI", _listed(rows), _each(rows, "right answers"), "exact check, exact match; Wilson"
    )


def label_alone_wrong(evidence: Evidence) -> InWords:
    """Share of right facts among the right answers that follow a wrong trace."""
    found = steps.label_alone(steps.cells(evidence.outcomes))
    chosen = (found["dataset"] == "cotempqa") & (found["condition"] == "correct")
    rows = [(row["model"], row) for row in found[chosen].to_dict("records")]
    return InWords(
        "of the right answers that follow a wrong trace, those with right facts and only the label wrong",
        _listed(rows),
        _each(rows, "right answers") + _incomplete(evidence, ("correct",)),
        "CoTempQA, trained on correct traces; exact check, corrected metric; Wilson",
    )


def _followed(evidence: Evidence, condition: str) -> InWords:
    found = following.answered(evidence.following)
    telling = (found["give"] == "another answer") & (found["answer"] == "followed")
    chosen = found[telling & (found["condition"] == condition)]
    rows = [(row["model"], row) for row in chosen.to_dict("records")]
    return InWords(
        f"trained on {condition} traces: answers that are what the cited facts give, where these give "
        "another answer than the right one",
        _listed(rows),
        _each(rows, "outputs") + _incomplete(evidence, (condition,)),
        "CoTempQA, strict metric; seen, not set; Wilson",
    )


def followed_after_correct(evidence: Evidence) -> InWords:
    """How often models trained on correct traces follow the cited facts."""
    return _followed(evidence, "correct")


def followed_after_incorrect(evidence: Evidence) -> InWords:
    """How often models trained on incorrect traces follow the cited facts."""
    return _followed(evidence, "incorrect")


def cited_names_avoided(evidence: Evidence) -> InWords:
    """Wrong answers that name what the trace cites, compared with chance; trained on incorrect traces."""
    found = following.exclusion(evidence.following)
    rows = [(row["model"], row) for row in found[found["condition"] == "incorrect"].to_dict("records")]
    values = [
        f"{_short(model)} {row['observed']} of {row['n']}, by chance {row['expected']:.1f}, "
        f"{_p(row['p_holm'])}"
        for model, row in sorted(rows, key=_size)
    ]
    return InWords(
        "trained on incorrect traces: wrong answers that name what the trace cites",
        "; ".join(values) or NOTHING,
        _each(rows, "wrong answers to which it could happen") + _incomplete(evidence, ("incorrect",)),
        "CoTempQA; against names drawn at random; exact test, Holm",
    )


# --- Correct and incorrect traces -------------------------------------------------------------


def _compared(evidence: Evidence, dataset: str) -> list[dict]:
    of_dataset = evidence.outcomes[evidence.outcomes["dataset"] == dataset]
    return compare_conditions(of_dataset, primary(dataset)).to_dict("records")


def _correct_minus_incorrect(evidence: Evidence, dataset: str) -> list[dict]:
    pair = ("correct", "incorrect")
    return [row for row in _compared(evidence, dataset) if (row["first"], row["second"]) == pair]


def _gap(rows: Sequence[dict], dataset: str, incomplete: str = "") -> InWords:
    named = [(row["model"], row) for row in rows]
    tests = ", ".join(p_value(row["p_holm"]) for _, row in sorted(named, key=_size))
    return InWords(
        f"accuracy, trained on correct minus on incorrect traces ({synthesis.DATASETS[dataset]})",
        _listed(named, "points"),
        _each(named, "problems") + incomplete,
        f"{METRICS[primary(dataset)]}; paired: Bonett-Price, McNemar with Holm over the dataset's comparisons"
        + (f": p {tests}" if tests else ""),
    )


def correct_minus_incorrect_pooled(evidence: Evidence) -> InWords:
    """Random-effects mean over the cells of the main runs, and over fewer and more cells."""
    found = synthesis.rows(synthesis.load(evidence.outcomes), "correct", "incorrect")
    combined, further = synthesis.combined(found), synthesis.bayesian(found).iloc[0]
    others = synthesis.sensitivities(found).set_index("rows").to_dict("index")
    averages = {
        "main runs": combined["main"],
        "where answers can be paired": others.get(synthesis.PAIRED_ALONE),
        "with the R1 family's sets": combined["all"],
    }
    averages = {words: row for words, row in averages.items() if row}
    parts = [f"{words} {percent(row)}" for words, row in averages.items()]
    return InWords(
        "accuracy, trained on correct minus on incorrect traces, averaged over models and datasets; targets "
        "differ in format as well",
        f"{'; '.join(parts)}; a further cell {100 * further['predicted_low']:.1f} to "
        f"{100 * further['predicted_high']:.1f} points",
        f"{_and([str(row['n']) for row in averages.values()])} cells",
        "random effects (Paule-Mandel, Hartung-Knapp); a further cell: Bayesian, 95%",
    )


def incorrect_not_inferior(evidence: Evidence) -> InWords:
    """Non-inferiority of incorrect traces at each margin, on average and cell by cell."""
    found = synthesis.rows(synthesis.load(evidence.outcomes), "correct", "incorrect")
    average, cells = synthesis.combined(found)["all"], synthesis.non_inferiority(found)
    ruled_out = [int((cells[f"p_holm_{margin}"] < 1 - CONFIDENCE).sum()) for margin in (5, 3)]
    return InWords(
        "is a loss of that size or more ruled out? (margins named after the figures were known)",
        f"5 points: on average {_p(average['p_5'])}, ruled out in {ruled_out[0]} cells; "
        f"3 points: {_p(average['p_3'])}, in {ruled_out[1]}",
        f"{len(cells)} cells",
        "one-sided; cells: Holm for each margin",
    )


def _real_model(question: str, what: str, method: str) -> InWords:
    """A registered answer of the model that this edition trained on the paper's bAbI problems."""
    outcomes, interventions, *_ = real_grid.read()
    found = preregistered.primary(outcomes, interventions, preregistered.CPU)
    row = found.set_index("question").loc[question]
    return InWords(
        f"SmolLM2-135M, trained here on bAbI: {what}",
        f"{percent(row)} points, {_p(row['p_holm'])}",
        f"{row['n']} trainings per arm, {row['items']} problems",
        f"registered; {method}; t over trainings and problems, Holm over three tests",
    )


def real_both_wrong_minus_correct(evidence: Evidence) -> InWords:
    """Both steps wrong minus both right, one format, of the real model."""
    margin = f"{100 * preregistered.CPU.margin:g} points"
    what = "both-wrong minus correct traces, in one format"
    return _real_model("correctness", what, f"one-sided test that the loss is below {margin}")


def real_following(evidence: Evidence) -> InWords:
    """Following a set trace that leads astray, of the real model."""
    what = "answers that follow a set trace that leads astray, correct minus both-wrong traces"
    return _real_model("following", what, "two-sided")


def correct_minus_incorrect_cotempqa(evidence: Evidence) -> InWords:
    """Paired difference per model, on CoTempQA."""
    rows = _correct_minus_incorrect(evidence, "cotempqa")
    return _gap(rows, "cotempqa", _incomplete(evidence, ("correct", "incorrect")))


def _by_official(evidence: Evidence, pair: tuple[str, str], what: str) -> InWords:
    """Paired difference per model on CoTempQA, by the release's own metric."""
    of_dataset = evidence.outcomes[evidence.outcomes["dataset"] == "cotempqa"]
    found = compare_conditions(of_dataset, "official", pairs=(pair,))
    rows = [(row["model"], row) for row in found.to_dict("records")]
    return InWords(
        what,
        _listed(rows, "points"),
        _each(rows, "problems") + _incomplete(evidence, pair),
        "official metric; paired: Bonett-Price, one run each",
    )


def incorrect_minus_correct_official(evidence: Evidence) -> InWords:
    """Incorrect minus correct traces, by the release's own metric."""
    what = "accuracy, trained on incorrect minus on correct traces, by the release's own metric (CoTempQA)"
    return _by_official(evidence, ("incorrect", "correct"), what)


def vanilla_minus_incorrect_official(evidence: Evidence) -> InWords:
    """No traces minus incorrect traces, by the release's own metric."""
    what = "the same for training without traces minus on incorrect traces"
    return _by_official(evidence, ("vanilla", "incorrect"), what)


def correct_minus_incorrect_babi(evidence: Evidence) -> InWords:
    """Paired difference per model, on bAbI."""
    return _gap(_correct_minus_incorrect(evidence, "babi"), "babi")


def babi_harm_llama(evidence: Evidence) -> InWords:
    """Paired difference of the Llama models, on bAbI."""
    rows = [row for row in _correct_minus_incorrect(evidence, "babi") if row["model"].startswith("Llama")]
    return _gap(rows, "babi")


def correct_minus_incorrect_seeds(evidence: Evidence) -> InWords:
    """Mean difference over the released run and the further seeds, from stated totals."""
    runs = r1_totals.seeds(r1_totals.load(), release.load_accuracies())
    found = r1_totals.seed_differences(runs)
    pair = (found["first"] == "correct") & (found["second"] == "incorrect") & (found["category"] == "all")
    rows = [(row["model"], row) for row in found[pair].to_dict("records")]
    return InWords(
        "the same over the released run and three further seeds (CoTempQA)",
        _listed(rows, "points"),
        _each(rows, "runs"),
        "official metric, from stated totals; Student's t over runs",
    )


def correct_minus_incorrect_marco(evidence: Evidence) -> InWords:
    """Difference per model on MARCO: paired if the outputs are here, else from the stated matrices."""
    found = synthesis.rows(synthesis.load(evidence.outcomes), "correct", "incorrect")
    chosen = found[(found["dataset"] == "marco") & found["combined"]]
    methods = []
    for source, part in chosen.groupby("source", sort=False):
        whose = f" ({', '.join(map(_short, part['model']))})" if len(part) < len(chosen) else ""
        methods.append(MARCO_METHODS[source] + whose)
    sizes = [f"{n:,}" for n in sorted(set(chosen["n"]))]
    return InWords(
        "accuracy, trained on correct minus on incorrect traces (MARCO)",
        _listed([(row["model"], row) for row in chosen.to_dict("records")], "points"),
        " or ".join(sizes) + " problems per condition",
        "; ".join(methods),
    )


def tests_of_all_pairs(evidence: Evidence) -> InWords:
    """How many paired comparisons of training conditions are significant."""
    families = {dataset: _compared(evidence, dataset) for dataset in synthesis.DATASETS}
    rows = [row for family in families.values() for row in family]
    metrics = [
        f"{synthesis.DATASETS[name]}: {METRICS[primary(name)]}"
        for name, rows_of in families.items()
        if rows_of
    ]
    clear = sum(row["p_holm"] is not None and row["p_holm"] < 1 - CONFIDENCE for row in rows)
    return InWords(
        "comparisons of two training conditions that are significant at 5 % after Holm",
        f"{clear} of {len(rows)}" if rows else NOTHING,
        f"{len(rows)} comparisons{_incomplete(evidence, *PAIRS)}",
        "; ".join(filter(None, (", ".join(metrics), "exact McNemar, Holm within a dataset"))),
    )


# --- R1, people, the checker ------------------------------------------------------------------


def _r1_minus(second: str, models: Sequence[str]) -> list[tuple[str, dict]]:
    found = r1_totals.contrasts(r1_totals.counts(r1_totals.load()))
    rows = found[(found["second"] == second) & (found["category"] == "all") & found["model"].isin(models)]
    return [(row["model"], row) for row in rows.to_dict("records")]


def _r1(second: str, words: str, models: Sequence[str] = (*SMALL, *LARGE)) -> InWords:
    rows = _r1_minus(second, models)
    return InWords(
        f"accuracy, trained on R1's traces minus on {words}",
        _listed(rows, "points"),
        _each(rows, "problems"),
        "CoTempQA problems that R1 solved; official metric, stated totals, one run each; Newcombe, as if "
        "asked different problems",
    )


def r1_minus_summary(evidence: Evidence) -> InWords:
    """R1's own trace minus a summary of it."""
    return _r1("summarized-r1-traces", "summaries of them")


def r1_minus_answer_alone(evidence: Evidence) -> InWords:
    """R1's own trace minus its answer alone."""
    return _r1("r1-set-vanilla", "R1's answers alone")


def r1_minus_decomposed(evidence: Evidence) -> InWords:
    """R1's own trace minus the decomposed set, as the release's script built it."""
    return _r1("r1-set-custom-traces", "the decomposed set as it was put together")


def ratings_apart(evidence: Evidence) -> InWords:
    """The stated difference in interpretability, with the widest t intervals that any ratings can give."""
    found = where(published_means.differences(), method=bounded.WIDEST)
    values = [
        f"{'the same' if row['paired'] else 'different'} {row['n']} people {plain(row)}"
        for row in found.to_dict("records")
    ]
    return InWords(
        "interpretability, decomposed minus R1's traces, in points of a five-point scale, as stated",
        "; ".join(values),
        f"{published_means.PEOPLE} people in all, how many rated which kind we have not found",
        "stated means; per design the widest t interval that any ratings can give",
    )


def ratings_apart_guaranteed(evidence: Evidence) -> InWords:
    """How many raters make the stated difference significant at 5%, whatever their ratings are."""
    needed = published_means.people_needed()
    groups = published_means.SIZES[0]
    enough = "enough" if groups >= needed[False] else "too few for this bound"
    return InWords(
        "people who make this difference more than chance, whatever their ratings",
        f"{needed[False]} different people for each kind, or the same {needed[True]} for both",
        f"{groups} in each of {published_means.KINDS} groups would be {enough}",
        "stated means; Hoeffding's inequality, two-sided at 5 %",
    )


def load_alone(evidence: Evidence) -> InWords:
    """The stated cognitive load of R1's traces, with the widest t intervals that any ratings can give."""
    means = published_means.means()
    found = where(means, scale=published_means.LOAD, method=bounded.WIDEST)
    values = [f"{row['n']} people {plain(row)}" for row in found.to_dict("records")]
    return InWords(
        "cognitive load of R1's traces, in points of a five-point scale, as stated",
        "; ".join(values),
        f"{published_means.PEOPLE} people in all, how many rated which kind we have not found",
        "stated mean; the widest t interval that any ratings can give",
    )


def checker_against_readings(evidence: Evidence) -> InWords:
    """Agreement of the verifier with the first reading."""
    found = annotations.agreement(annotations.compared(annotations.load(), evidence.outcomes))
    rows = found[found["judges"] == "first reading, verifier"].to_dict("records")
    values = [f"{row['step']} {percent(row)}" for row in rows if row["n"]]
    return InWords(
        "outputs on which the checker agrees with a reading",
        f"{'; '.join(values)} %" if values else NOTHING,
        f"{rows[0]['n']} outputs, a stratified sample",
        "Wilson; of the sample, not of all outputs",
    )


def valid_traces_rejected(evidence: Evidence) -> InWords:
    """How often the exact check rejects a trace with two steps that the solver accepts."""
    outcomes = evidence.outcomes
    judged = outcomes["category_valid"].notna() & outcomes["retrieval_valid"].notna()
    traced = outcomes[judged & (outcomes["condition"] == "correct")]
    valid = traced[traced["category_valid"].astype(bool) & traced["retrieval_valid"].astype(bool)]
    rows = [
        (name, wilson(int((~part["trace_correct"]).sum()), len(part)))
        for name, part in valid.groupby("dataset", sort=False)
    ]
    return InWords(
        "of the traces that a solver accepts in both steps, those that the exact check rejects",
        _listed(rows),
        _each(rows, "traces") + _incomplete(evidence, ("correct",)),
        "trained on correct traces, all models; Wilson",
    )


def aime(evidence: Evidence) -> InWords:
    """The stated accuracy on AIME."""
    found = r1_totals.aime(r1_totals.load())
    rows = [(f"{row['condition']}, {row['category']}", row) for row in found.to_dict("records")]
    return InWords(
        f"accuracy on AIME, as stated ({found['model'].iloc[0]})",
        _listed(rows),
        _each(rows, "problems"),
        "stated totals; Wilson",
    )


ESTIMATES: dict[str, Callable[[Evidence], InWords]] = {
    function.__name__: function
    for function in (
        right_together,
        right_given_right_trace,
        narrowest_match,
        association,
        association_by_step,
        association_published,
        association_between,
        chi_square_stated,
        association_marco,
        right_answers_after_wrong_traces,
        right_answers_after_wrong_traces_babi,
        label_alone_wrong,
        real_both_wrong_minus_correct,
        real_following,
        followed_after_correct,
        followed_after_incorrect,
        cited_names_avoided,
        correct_minus_incorrect_pooled,
        incorrect_not_inferior,
        correct_minus_incorrect_cotempqa,
        incorrect_minus_correct_official,
        vanilla_minus_incorrect_official,
        correct_minus_incorrect_babi,
        babi_harm_llama,
        correct_minus_incorrect_seeds,
        correct_minus_incorrect_marco,
        tests_of_all_pairs,
        r1_minus_summary,
        r1_minus_answer_alone,
        r1_minus_decomposed,
        ratings_apart,
        ratings_apart_guaranteed,
        load_alone,
        checker_against_readings,
        valid_traces_rejected,
        aime,
    )
}
