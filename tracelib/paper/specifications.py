"""Judge traces by the release's check, by the exact check, and by every specification between the two.

The release's check is ``cotempqa_confusion_matrix_nn.py``, ``babiqa_confusion_matrix_nn.py`` and
``marco_confusion_matrix_nn.py`` at commits 25f464b1, 3b5881c3 and 66350f22. It looks up a gold row for each
item: the first test problem whose answer contains the item's first gold answer as text, else the row of the
item before. A trace is right if it contains any context fact of that row, and if its sentence on the category
contains the row's label. Outputs without a trace are left out. The exact check (`tracelib.scoring.verify`)
differs in six choices. `AXES` names them; the release's choice comes first, the exact check's last.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields, replace
from itertools import product

import numpy as np
import pandas as pd

from tracelib.core.errors import InputError
from tracelib.core.frames import where
from tracelib.core.paths import PAPER
from tracelib.core.pylist import listed
from tracelib.core.texts import folded
from tracelib.datasets import release_files, release_problems
from tracelib.datasets.problem import Problem
from tracelib.datasets.shipped import ShippedTable
from tracelib.paper import release
from tracelib.scoring.metrics import applied
from tracelib.scoring.outcomes import RUN, counts, pooled
from tracelib.scoring.outputs import Output
from tracelib.scoring.verify import cited_facts
from tracelib.stats import bootstrap
from tracelib.stats.proportions import difference
from tracelib.traces.format import parse

AXES = {
    "row": ("by answer", "own"),  # the gold row: the first row with this answer, or the item's own
    "facts": ("context", "supporting"),  # the facts of that row that count as gold
    "match": ("any", "all", "exactly"),  # the gold facts that the trace must hold; exactly: and no others
    "place": ("trace", "step"),  # where facts are searched: in the whole trace, or among the cited facts
    "label": ("sentence", "named"),  # the sentence contains the label, or the trace names it as the category
    "no_trace": ("left out", "wrong"),  # the verdict on an output without a trace
}
KEYS = [*RUN, "item"]
GAP = ("estimate", "low", "high", "method", "note")  # columns of `curve`
SENTENCE = {"cotempqa": 0, "babi": 1, "marco": 1}  # number of the sentence with the label, in the release


@dataclass(frozen=True)
class Specification:
    """One way to judge a trace: a choice on each of `AXES`."""

    row: str
    facts: str
    match: str
    place: str
    label: str
    no_trace: str

    @property
    def retrieval(self) -> str:
        """The column of `checks` that holds the verdict on step 2."""
        return "/".join((self.row, self.facts, self.match, self.place))

    @property
    def category(self) -> str:
        """The column of `checks` that holds the verdict on step 1."""
        return "/".join((self.row, self.label))


PUBLISHED = Specification(*(choices[0] for choices in AXES.values()))
EXACT = Specification(*(choices[-1] for choices in AXES.values()))


def every() -> list[Specification]:
    """All 96 specifications."""
    return [Specification(*choices) for choices in product(*AXES.values())]


VERDICTS = dict.fromkeys(column for choice in every() for column in (choice.category, choice.retrieval))
COLUMNS = {
    **dict.fromkeys(KEYS, "str"),
    "seed": "Int64",
    **dict.fromkeys(["looked up", "evaluated", *VERDICTS], "bool"),
}


def path() -> list[tuple[str, Specification]]:
    """The steps from the release's check to the exact one, each with one more choice changed.

    Returns:
        (what changed, the specification) of each step, from the release's check on.
    """
    steps = [("published", PUBLISHED)]
    for axis in fields(Specification):
        choice = getattr(EXACT, axis.name)
        steps.append(
            (f"{axis.name.replace('_', ' ')}: {choice}", replace(steps[-1][1], **{axis.name: choice}))
        )
    return steps


def check(outputs: Sequence[Output], rows: Sequence[Problem]) -> pd.DataFrame:
    """The verdicts on the outputs of one released file, by all specifications.

    Args:
        outputs: in the file's order, because an item without a gold row takes that of the item before.
        rows: the test problems in which the release looks up gold rows, in order.

    Returns:
        A row per output: `KEYS`, ``looked up`` (the gold row is another problem), ``evaluated`` (the release
        sees a trace, and has a gold row), and a boolean for each of `VERDICTS`.
    """
    answers = [row.gold[0] if row.dataset == "babi" else listed(row.gold) for row in rows]
    table, row = [], None
    for output in outputs:
        gold = output.problem.gold[0]
        row = next((rows[place] for place, text in enumerate(answers) if gold in text), row)
        verdicts = _checked(output, row or output.problem)
        if row is None:
            verdicts["evaluated"] = False
        table.append(verdicts)
    return pd.DataFrame(table)


def _checked(output: Output, row: Problem) -> dict:
    own, text = output.problem, output.prediction
    head = text.split("</think>")[0]
    trace = parse(text)
    sentences = head.split(".")
    sentence = sentences[min(SENTENCE[own.dataset], len(sentences) - 1)]
    names = (own.dataset, output.model, output.condition, output.seed, own.id)
    verdicts = dict(zip(KEYS, names, strict=True))
    verdicts["looked up"] = (row.question, row.facts) != (own.question, own.facts)
    verdicts["evaluated"] = "think" in text and head != ""
    found = {}
    for name, gold in (("by answer", row), ("own", own)):
        verdicts[f"{name}/sentence"] = gold.category in (
            sentence if own.dataset == "cotempqa" else sentence.lower()
        )
        verdicts[f"{name}/named"] = trace.category == gold.category
        seen = tuple(dict.fromkeys((*own.facts, *gold.facts)))
        found["trace"] = {folded(fact) for fact in seen if fact in head}
        found["step"] = cited_facts(seen, trace.facts_text or "")
        for facts, wanted in (("context", gold.facts), ("supporting", gold.supporting_facts)):
            target = set(map(folded, wanted))
            for place, cited in found.items():
                verdicts[f"{name}/{facts}/any/{place}"] = bool(cited & target)
                verdicts[f"{name}/{facts}/all/{place}"] = bool(target) and target <= cited
                verdicts[f"{name}/{facts}/exactly/{place}"] = cited == target and bool(target)
    return verdicts


def compute(outputs: Iterable[Output]) -> pd.DataFrame:
    """`check` for the released outputs, in order.

    Gold rows are looked up among the test problems of the SFT sets. The format of MARCO's SFT sets is
    unknown, so its gold rows are the problems of the same file of outputs. (On bAbI these are the test
    problems, in the same order.) If the test files of a dataset are not here, the shipped verdicts stand in;
    an output without one has no row (see `unchecked`).
    """
    tests = {dataset: _tested(dataset) for dataset in release_files.PROBLEM_FILES}
    files: dict[tuple, list[Output]] = {}
    for output in outputs:
        problem = output.problem
        relation = problem.category if problem.dataset == "cotempqa" else "all"
        files.setdefault((problem.dataset, output.model, output.condition, output.seed, relation), []).append(
            output
        )
    tables = []
    for (dataset, *_, relation), group in files.items():
        tested = tests.get(dataset, [output.problem for output in group])
        if tested is None:
            tables.append(_kept(group))
            continue
        rows = [row for row in tested if relation in (row.category, "all")]
        tables.append(check(group, rows))
    return pd.concat(tables, ignore_index=True).astype(COLUMNS)


def _tested(dataset: str) -> list[Problem] | None:
    try:
        return release_problems.load_tested(dataset)
    except release_files.Unreachable:
        return None


def _kept(outputs: Sequence[Output]) -> pd.DataFrame:
    """The shipped verdicts on these outputs."""
    keys = [(out.problem.dataset, out.model, out.condition, out.seed, out.problem.id) for out in outputs]
    table = pd.DataFrame(keys, columns=KEYS).astype({name: COLUMNS[name] for name in KEYS})
    return table.merge(SHIPPED.read(), on=KEYS)


def _of_release() -> pd.DataFrame:
    return compute(release.load_outputs(skipped=[]))


SHIPPED = ShippedTable(PAPER / "release_checks.parquet", _of_release, COLUMNS)  # `evidence` derives it
load = SHIPPED.load


def unchecked(outcomes: pd.DataFrame, checks: pd.DataFrame) -> str:
    """A phrase that says which outcomes have no verdict, and why; empty if all have one."""
    found = outcomes.merge(checks[KEYS], on=KEYS, how="left", indicator=True)
    lacking = outcomes[(found["_merge"] == "left_only").to_numpy()]
    if lacking.empty:
        return ""
    runs = release.in_words(release.files_behind(lacking))
    return (
        f"the release's check could not be made of the traces of {len(lacking):,} outputs ({runs}): test "
        "files of their dataset are not here, and the package ships no check of them"
    )


def _checkable(outcomes: pd.DataFrame, checks: pd.DataFrame) -> pd.DataFrame:
    return outcomes.merge(checks[KEYS], on=KEYS)


def judged(outcomes: pd.DataFrame, checks: pd.DataFrame, choice: Specification) -> pd.DataFrame:
    """The outcomes with their steps judged by a specification.

    Outcomes that the specification leaves out, and outcomes without a verdict, are not in the table.

    Raises:
        InputError: no outcome has a verdict.
    """
    merged = outcomes.merge(checks, on=KEYS, validate="one_to_one")
    if merged.empty and len(outcomes):
        raise InputError("no outcome has a verdict of the release's check, expected released outputs")
    category, retrieval = (merged[name].astype(bool) for name in (choice.category, choice.retrieval))
    table = merged[list(outcomes)].assign(
        category_correct=category,
        retrieval_correct=retrieval,
        trace_correct=category & retrieval,
        parsed=merged["parsed"] if choice == EXACT else merged["evaluated"].astype(bool),
    )
    return table[merged["evaluated"].astype(bool)] if choice.no_trace == "left out" else table


def published_counts(outcomes: pd.DataFrame, checks: pd.DataFrame, metric: str) -> pd.DataFrame:
    """`tracelib.scoring.outcomes.counts` under the release's check, as in its confusion matrices.

    n and answer_correct count all outputs with a verdict. The counts of steps and cells cover only the
    outputs that the release evaluates: the four cells add up to n - unparsed.
    """
    outcomes = _checkable(outcomes, checks)
    keys = [*RUN, "category"]
    every_output = counts(outcomes, metric).set_index(keys)
    table = counts(judged(outcomes, checks, PUBLISHED), metric).set_index(keys).reindex(every_output.index)
    evaluated = table["n"].fillna(0)
    whole = [name for name in table if name not in ("evaluator", "metric")]
    table = table.fillna(dict.fromkeys(whole, 0)).astype(dict.fromkeys(whole, int))
    table["n"], table["answer_correct"] = every_output["n"], every_output["answer_correct"]
    table["unparsed"] = (every_output["n"] - evaluated).astype(int)
    table["evaluator"], table["metric"] = "published", metric
    return table.reset_index()


def matrices(outcomes: pd.DataFrame, checks: pd.DataFrame) -> pd.DataFrame:
    """The quantities of the release's confusion matrices, computed from its outputs.

    Answers are judged by the official metric (MARCO: exact).

    Returns:
        A row per quantity (`tracelib.paper.release.QUANTITIES`) of each run on correct or incorrect traces:
        dataset, model, condition, n (outputs), quantity, computed.
    """
    rows = []
    outcomes = _checkable(outcomes, checks)
    traced = outcomes[outcomes["condition"].isin(("correct", "incorrect"))]
    for run, part in traced.groupby(["dataset", "model", "condition"], sort=False):
        answer = f"answer_{applied('official', run[0])}"
        evaluated = judged(part, checks, PUBLISHED)
        right = evaluated[answer].astype(bool)
        found = {"answer right": int(part[answer].sum()), "left out": len(part) - len(evaluated)}
        for step, column in (("category", "category"), ("fact", "retrieval"), ("trace", "trace")):
            verdict = evaluated[f"{column}_correct"]
            found[f"{step} right"] = int(verdict.sum())
            found[f"{step} right, answer right"] = int((verdict & right).sum())
            found[f"{step} right, answer wrong"] = int((verdict & ~right).sum())
            found[f"{step} wrong, answer right"] = int((~verdict & right).sum())
            found[f"{step} wrong, answer wrong"] = int((~verdict & ~right).sum())
        names = dict(zip(("dataset", "model", "condition"), run, strict=True))
        rows += [
            {**names, "n": len(part), "quantity": name, "computed": found[name]}
            for name in release.QUANTITIES
        ]
    return pd.DataFrame(rows, columns=["dataset", "model", "condition", "n", "quantity", "computed"])


def along_the_path(outcomes: pd.DataFrame, checks: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Counts over all categories at each step of `path`, for the runs on correct or incorrect traces.

    Returns:
        The columns of `tracelib.scoring.outcomes.counts`. ``evaluator`` says what changed in the step.
    """
    traced = outcomes[outcomes["condition"].isin(("correct", "incorrect"))]
    tables = []
    for changed, choice in path():
        table = pooled(counts(judged(traced, checks, choice), metric))
        tables.append(table.assign(evaluator=changed))
    return pd.concat(tables, ignore_index=True)


def change(
    outcomes: pd.DataFrame,
    checks: pd.DataFrame,
    metric: str,
    before: Specification = PUBLISHED,
    after: Specification = EXACT,
) -> dict:
    """How much the difference of the conditional rates changes from one specification to another.

    Both specifications judge the same outputs, so the change is paired.

    Args:
        outcomes: of one run.

    Returns:
        estimate, low, high (P(A | T) - P(A | not T), after minus before; bootstrap over problems), n,
        clusters, method, note.
    """
    merged = outcomes.merge(checks, on=KEYS, validate="one_to_one")
    answer = merged[f"answer_{metric}"].to_numpy(dtype=bool)
    columns = []
    for choice in (before, after):
        trace = (merged[choice.category] & merged[choice.retrieval]).to_numpy(dtype=bool)
        used = merged["evaluated"].to_numpy(dtype=bool) | (choice.no_trace == "wrong")
        columns += [used & trace & answer, used & trace, used & ~trace & answer, used & ~trace]
    values = np.column_stack(columns).astype(float)
    sums = bootstrap.cluster_sums(values, merged["problem"])
    estimate = _change(values.sum(0, keepdims=True))[0]
    return bootstrap.interval(estimate, _change(sums), n=len(merged), clusters=merged["problem"].nunique())


def changes(outcomes: pd.DataFrame, checks: pd.DataFrame, models: Iterable[str]) -> pd.DataFrame:
    """`change` from the release's check to the exact one, for each model's run on CoTempQA's correct traces.

    The answer metric is official. There is a row per model.
    """
    runs = {model: where(outcomes, dataset="cotempqa", condition="correct", model=model) for model in models}
    return pd.DataFrame([{"model": model, **change(run, checks, "official")} for model, run in runs.items()])


def _change(sums: np.ndarray) -> np.ndarray:
    """The change of the difference of rates.

    Args:
        sums: (..., 8), first before and then after: right answers and items with a right trace, right answers
            and items with a wrong trace.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = sums[:, 0::2] / sums[:, 1::2]
    return (rates[:, 2] - rates[:, 3]) - (rates[:, 0] - rates[:, 1])


def curve(outcomes: pd.DataFrame, checks: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """The specification curve: every specification under every metric, for each run trained on traces.

    Returns:
        A row per run x specification x metric: `RUN`, the six choices (`AXES`), metric, n, traces (right
        traces), joint (rate), estimate, low, high (P(answer right | trace right) - P(answer right | trace
        wrong), Newcombe), method, note.
    """
    traced = outcomes[outcomes["condition"].isin(("correct", "incorrect"))]
    merged = traced.merge(checks, on=KEYS, validate="one_to_one")
    rows = []
    for run, part in merged.groupby(RUN, dropna=False, sort=False):
        columns = {name: part[name].to_numpy(dtype=bool) for name in (*VERDICTS, "evaluated")}
        answers = {name: part[f"answer_{name}"] for name in metrics if part[f"answer_{name}"].notna().all()}
        for choice, (metric, answer) in product(every(), answers.items()):
            used = columns["evaluated"] if choice.no_trace == "left out" else np.ones(len(part), bool)
            trace = (columns[choice.category] & columns[choice.retrieval])[used]
            right = answer.to_numpy(dtype=bool)[used]
            both, traces, n = int((right & trace).sum()), int(trace.sum()), len(trace)
            gap = difference(both, traces, int(right.sum()) - both, n - traces)
            names = dict(zip((*RUN, *AXES), (*run, *astuple(choice)), strict=True))
            rows.append(
                {
                    **names,
                    "metric": metric,
                    "n": n,
                    "traces": traces,
                    "joint": both / n if n else None,
                    **{name: gap[name] for name in GAP},
                }
            )
    return pd.DataFrame(rows, columns=[*RUN, *AXES, "metric", "n", "traces", "joint", *GAP])
