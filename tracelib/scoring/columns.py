"""The meaning of each column of a table of outcomes, for ``audit --help`` and the page *Use from Python*.

The types are in `tracelib.scoring.outcomes.DTYPES`. This module imports little, so that help is instant.
"""

from tracelib.core.described import first_line
from tracelib.datasets.registry import NAMES
from tracelib.scoring.metrics import JUDGES


def meaning(metric: str) -> str:
    """When a metric takes an answer as right: the first sentence of its judge, inside another sentence."""
    sentence = first_line(JUDGES[metric])
    return sentence[0].lower() + sentence.removesuffix(".")[1:]


OUTCOMES = {
    "dataset": f"{', '.join(NAMES)}, or the name of your own",
    "model": "as the output says it",
    "condition": "how the model was trained or prompted, as the output says it; with the name of its "
    "file, or the NAME given to that, where it tells runs apart",
    "category": "the gold category of the problem: its relation, task or type",
    "item": "id of the problem, unique in its run: where an id repeats, the second is ID.2, and so on",
    "problem": "hash of question, facts and gold answers: the same problem in any file",
    "kind": "triple_element, the question type of CoTempQA; empty for others",
    "status": "complete (both steps and an answer in tags), partial, no trace; or not judged: the problem "
    "lacks facts, supporting facts or category, and all about steps is empty",
    "found": "how the answer was found: tag, box, json, label, bare (no mark), or none",
    "seed": "of the run; empty if none was given",
    "answer_correct": "is the answer right, by the primary metric: corrected on CoTempQA, else exact",
    **{
        f"answer_{metric}": f"the same by metric {metric}: {meaning(metric)}; empty where the data lack it"
        for metric in JUDGES
    },
    "official_precision": "share of the answers found that are gold, by metric official",
    "official_recall": "share of the gold answers that are found, by metric official",
    "official_f1": "harmonic mean of the two",
    "category_correct": "does the trace name the gold category; a step that is missing is wrong",
    "retrieval_correct": "does the trace cite exactly the gold facts",
    "trace_correct": "both steps right",
    "parsed": "could both steps be found in the output",
    "category_valid": "is the category named right by the solver; empty where it has no verdict",
    "retrieval_valid": "are the facts cited right by the solver; empty where it has no verdict",
    "facts_cited": "how many facts the trace cites",
    "facts_gold": "how many facts are gold",
    "facts_both": "how many facts are cited and gold",
    "tokens": "words of the output, separated by white space",
}
PLACES = {
    "file": "the file that the output was read from",
    "line": "its line there, from 1",
}
