"""Whether a model copies its answer from the facts that its trace cites.

Only CoTempQA's facts give an answer by themselves.
"""

from dataclasses import replace

from tracelib.experiments.interventions import read_off
from tracelib.scoring.metrics import answer_correct
from tracelib.scoring.outputs import Output
from tracelib.traces.format import parse


def is_copied(output: Output) -> bool | None:
    """Whether the answer equals, as a set, the answer that the cited facts give. None if they give none."""
    given = read_off(output.problem, output.prediction)
    if not given:
        return None
    cited = replace(output.problem, gold=given)
    return answer_correct("strict", cited, parse(output.prediction))
