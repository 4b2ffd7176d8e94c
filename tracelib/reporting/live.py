"""The results of `tracelib live` as lines for a terminal: accuracies, one of the traces, what to try next."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from tracelib.core import terminal
from tracelib.datasets import problem_sets, splits
from tracelib.datasets.registry import TWINS
from tracelib.datasets.release_files import Unreachable
from tracelib.experiments import run_folder
from tracelib.experiments.config import Experiment
from tracelib.experiments.interventions import GIVES
from tracelib.experiments.profiles import Profile
from tracelib.experiments.sweep import experiments
from tracelib.reporting import terminal_text
from tracelib.scoring import outputs
from tracelib.scoring.outputs import Output
from tracelib.stats import as_text
from tracelib.stats.proportions import CONFIDENCE, wilson
from tracelib.traces.conditions import UNTRACED

SHOWN = "other answer"  # the intervention that is counted
GIVEN = {  # `GIVES` in words
    "forced": "the answer that the trace leads to",
    "gold": "the gold answer",
    "both": "an answer that is both",
    "other": "another answer",
    "none": "none",
}
CANNOT = (
    "what this cannot show: this is one training, on few problems. Another seed or other problems could give "
    "another result; the intervals are over test problems only. The evaluation asks whether traces must be "
    "right: it has more conditions, five trainings of each, and all test problems."
)
KNOBS = (
    "train_items, epochs: more to learn from",
    "conditions: vanilla-tagged (the answer without a trace), both-wrong, random-fact, ...",
    "seeds: [1, 2, 3]: how much one training differs from the next (tracelib grid)",
    "test_items, intervene_items: narrower intervals",
)


def chosen(profile: Profile) -> tuple[dict[str, Experiment], str]:
    """The runs of the first setting whose problems are available, by name, with the profile's first seed.

    Also a sentence that says which setting stands in for which, empty for the profile's first setting. If no
    setting's problems are available, the error of the last one is raised.
    """
    missed = []
    for setting in profile.settings:
        cells = [f"{setting}-{condition}" for condition in profile.conditions[setting]]
        found = experiments(profile, cells, profile.seeds[:1])
        try:
            problem_sets.load(next(iter(found.values())))
        except Unreachable as error:
            missed.append((setting, error))
            continue
        return found, " ".join(_instead(*each, setting) for each in missed)
    raise missed[-1][1]


def _instead(setting: str, error: Unreachable, taken: str) -> str:
    made = f", made by a program: its results say nothing of {setting}" if taken in TWINS else ""
    return (
        f"the problems of {setting} cannot be had ({error}); {taken} stands in{made}. "
        "Name a copy with TRACELIB_DATA, or get one with 'tracelib release fetch'"
    )


def lines(names: Sequence[str], folder: Path) -> list[str]:
    """The results of the named runs in a folder; the last run is shown in detail."""
    outcomes, about = run_folder.read_all(folder, names)
    last = names[-1]
    parameters = about[last]["parameters"]
    title = f"{parameters['model']} on {parameters['dataset']}, {splits.in_words(**about[last]['problems'])}"
    title += f"; seed {parameters['seed']}"
    table = accuracies(outcomes, [about[name]["parameters"]["condition"] for name in names])
    shown = [*_wrapped(title), "", f"percent [{CONFIDENCE:.0%} Wilson interval]"]
    shown += table.to_string(index=False).split("\n")
    shown += ["", *_set(folder / last / "interventions.csv")]
    shown += ["", *_example(outputs.read(folder / last / "predictions.jsonl"), parameters["condition"])]
    return [*shown, "", *_next(about, folder)]


def accuracies(outcomes: pd.DataFrame, conditions: Sequence[str]) -> pd.DataFrame:
    """A row per condition: right answers, parsed traces, right facts, right categories."""
    columns = {
        "answers right": "answer_correct",
        "traces parsed": "parsed",
        "facts right": "retrieval_correct",
        "category right": "category_correct",
    }
    rows = []
    for condition in conditions:
        own = outcomes[outcomes["condition"] == condition]
        row = {"condition": condition, "n": len(own)}
        for title, column in columns.items():
            of_trace = column != "answer_correct" and condition in UNTRACED
            right = int(own[column].fillna(False).astype(bool).sum())
            row[title] = as_text.NONE if of_trace else as_text.percent(wilson(right, len(own)))
        rows.append(row)
    return pd.DataFrame(rows)


def _set(path: Path) -> list[str]:
    """How often the model follows a set trace that leads to another answer."""
    if not path.is_file():
        return []
    table = pd.read_csv(path)
    gives = table[table["intervention"] == SHOWN]["gives"]
    if gives.empty:
        return _wrapped(f"{SHOWN}: no problem whose trace was set has such a trace")
    count = gives.value_counts().reindex(GIVES, fill_value=0)
    rate = as_text.percent(wilson(int(count["forced"]), len(gives)))
    said = ", ".join(f"{words} in {count[name]}" for name, words in GIVEN.items() if count[name])
    return _wrapped(
        f"{SHOWN}: in {len(gives)} test problems the trace was set, to the right category and to facts that "
        f"give another answer than the gold one. The model then gives {said}. It follows in {rate}%."
    )


def _example(written: Sequence[Output], condition: str) -> list[str]:
    """The problem with the fewest facts, and the model's output."""
    shortest = min(written, key=lambda output: len(output.problem.facts))
    heading = f"One answer, to the first of the shortest test problems, after training on {condition}:"
    shown = [heading, "", *terminal_text.problem_lines("test", shortest.problem), ""]
    return shown + terminal_text.output_lines(shortest.problem, shortest.prediction)


def _next(about: Mapping[str, dict], folder: Path) -> list[str]:
    seconds = sum(sum(each["seconds"].values()) for each in about.values())
    shown = _wrapped(f"computed in {seconds / 60:.1f} minutes; the runs:")
    shown += [f"  {terminal.one_line(str(folder / name))}" for name in about]
    shown += ["", "what to try next, in a profile that extends smollm2 (tracelib live mine.yaml):"]
    shown += [f"  {knob}" for knob in KNOBS]
    return [*shown, "", *_wrapped(CANNOT)]


def _wrapped(text: str) -> list[str]:
    return terminal.wrapped(text, terminal.width())
