"""The meaning of each column of a table of outcomes, for ``audit --help`` and the page *Use from Python*.

The types are in `tracelib.scoring.outcomes.DTYPES`. This module imports little, so that help is instant.
"""

from tracelib.core.described import first_line
from tracelib.datasets.registry import NAMES
from tracelib.scoring.metrics import JUDGES


def meaning(metric: str) -> str:
    """When a metric takes an answer as right: the first line of its docstring, to stand inside a sentence."""
    sentence = first_line(JUDGES[metric])
    return sentence[0].lower() + sentence.removesuffix(".")[1:]


OUTCOMES = {
    "dataset": f"{', '.join(NAMES)}, or the name of your own dataset",
    "model": "the model, as the output names it",
    "condition": "how the model was trained or prompted, as the output names it; the name of its file, or "
    "the NAME given for the file, is added if runs would share a name",
    "category": "the gold category of the problem: its relation, task or type",
    "item": "id of the problem, unique in its run; a repeated id becomes ID.2, ID.3 and so on",
    "problem": "hash of question, facts and gold answers; the same problem has the same hash in every file",
    "kind": "triple_element, the question type of CoTempQA; empty for others",
    "status": "complete (both steps and an answer in tags), partial, no trace, or not judged; a trace is not "
    "judged if the problem lacks facts, supporting facts or category, and its columns about steps are empty",
    "found": "how the answer was found: tag, box, json, label, bare (no mark), or none",
    "seed": "seed of the run; empty if none was given",
    "answer_correct": "whether the answer is right by the primary metric: corrected on CoTempQA, else exact",
    **{
        f"answer_{metric}": f"the same by metric {metric}: {meaning(metric)}; empty where it does not apply"
        for metric in JUDGES
    },
    "official_precision": "share of the answers found that are gold answers, by metric official",
    "official_recall": "share of the gold answers that were found, by metric official",
    "official_f1": "harmonic mean of official_precision and official_recall",
    "category_correct": "whether the trace names the gold category; a missing step is wrong",
    "retrieval_correct": "whether the trace cites exactly the gold facts; a missing step is wrong",
    "trace_correct": "whether both steps are right",
    "parsed": "whether both steps were found in the output",
    "category_valid": "whether the category named is right by the solver; empty if the solver has no verdict",
    "retrieval_valid": "whether the facts cited are right by the solver; empty if the solver has no verdict",
    "facts_cited": "number of facts that the trace cites",
    "facts_gold": "number of gold facts",
    "facts_both": "number of gold facts that the trace cites",
    "tokens": "number of words of the output, separated by white space",
}
PLACES = {
    "file": "the file that the output was read from",
    "line": "its line in the file, counted from 1",
}
