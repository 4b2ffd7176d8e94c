from dataclasses import replace

import pytest

from tracelib.core.errors import InputError
from tracelib.datasets.decompose import facts_with_an_answer
from tracelib.datasets.problem import checked, content_id


def test_ids_name_the_content():
    first = content_id("q", ("a", "b"), ("c",))
    assert first == content_id("q", ("a", "b"), ("c",))
    assert len({first, content_id("q", ("ab",), ("c",)), content_id("q", ("b", "a"), ("c",))}) == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"facts": ()}, "f:3: field 'facts' is empty"),
        ({"gold": ()}, "f:3: field 'gold' is empty"),
        ({"supporting": (4,)}, "f:3: field 'supporting': index 4 is outside the 4 facts"),
        ({"supporting": (-1,)}, "index -1 is outside"),
    ],
)
def test_a_problem_that_cannot_be_is_refused(problem, change, message):
    with pytest.raises(InputError, match=message):
        checked(replace(problem, **change), "f", 3)
    assert checked(problem, "f", 3) is problem


def test_supporting_facts_contain_an_answer(problem):
    assert facts_with_an_answer(problem.facts, problem.gold) == (1, 2)
    assert facts_with_an_answer(("Liberals won.", "none"), ("Liberal",)) == (0,)  # a substring, as released
    assert facts_with_an_answer(("a",), ("A",)) == ()
