"""Differences in format between the released targets of the conditions."""

import pandas as pd
import pytest

from tracelib.core.errors import InputError
from tracelib.paper import target_formats


def test_the_shape_of_a_target():
    sentence = "<think>I need to use the following facts to answer the question:"
    listed = f"{sentence} ['A.']</think> <answer>['B']</answer>"
    bare = f"{sentence} A.</think> <answer>B</answer>"
    assert target_formats._shape(listed) == {"tagged": True, "facts_listed": True, "answer_listed": True}
    assert target_formats._shape(bare) == {"tagged": True, "facts_listed": False, "answer_listed": False}
    assert target_formats._shape("['B']") == {"tagged": False, "facts_listed": False, "answer_listed": True}


@pytest.mark.parametrize("messages", ["[{'content': 'x'}]", "not a list", "[1, 2]", "__import__('os')"])
def test_a_row_that_is_not_two_turns_is_an_error(messages):
    with pytest.raises(InputError, match="expected a printed list of two turns"):
        target_formats.turns_of({"messages": messages}, "f.csv", 2)


def test_on_cotempqa_an_incorrect_trace_cites_a_bare_sentence(release_root, tmp_path):
    """949 of 950 do; a correct trace prints a list. Recompute with `tracelib release derive`."""
    table = target_formats.compute()
    listed = table.set_index(["dataset", "condition"])["facts_listed"].to_dict()
    assert (listed["cotempqa", "correct"], listed["cotempqa", "incorrect"]) == (950, 1)
    assert (listed["babi", "correct"], listed["babi", "incorrect"]) == (376, 376)
    assert (table["prompt_as_vanilla"] == table["n"]).all()
    assert target_formats.SHIPPED.derive(tmp_path / "f.csv")["n"].sum() == 3_978
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "f.csv"), target_formats.SHIPPED.read())
