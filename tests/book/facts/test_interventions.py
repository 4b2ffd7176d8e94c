"""The facts of the real model's forced traces, on the committed tables."""

import pytest

from tests.book.facts.cited import cited, kinds
from tracelib.book.facts import interventions
from tracelib.core.errors import InputError
from tracelib.paper import real_grid

ARMS = {"correct", "both-wrong", "random-fact", "incorrect"}


@pytest.fixture(scope="module")
def found():
    return interventions.facts()


def test_every_number_is_cited_and_has_a_type_that_prose_can_show(found):
    assert set(found.numbers) == cited("interventions")
    counts = {"arms", "seeds", "items", "astray", "renamed", "too-long", "least"}
    assert kinds(found.numbers) == {"int": counts, "str": set(found.numbers) - counts}


def test_every_arm_with_traces_is_there(found):
    for rows in (found.answers, found.following, found.astray, found.parts, found.edited):
        assert set(rows["condition"]) == ARMS
    assert (found.numbers["arms"], found.numbers["items"]) == (4, 188)


def test_the_example_is_forced_with_a_wrong_answer_twice(found):
    gives = found.gives.set_index("forced")
    assert found.example.dataset == "babi"
    assert gives.loc["gold", "right"]
    for name in ("other answer", "renamed"):
        assert len(gives.loc[name, "gives"]) == 1
        assert not gives.loc[name, "right"]
    invented = gives.loc["renamed", "gives"][0]
    assert all(invented not in fact for fact in found.example.facts)


def test_control_models_are_told_apart_by_the_other_answer(found):
    rates = found.probed.set_index(["condition", "intervention", "measure"])["estimate"]
    assert rates["reads its trace", "other answer", "follows"] == 1
    assert rates["ignores its trace", "other answer", "follows"] == 0
    assert rates["ignores its trace", "other answer", "answer_correct"] == 1


def test_following_is_the_share_of_answers_that_the_facts_give(found):
    _, forced, *_ = real_grid.read()
    mine = forced[forced["condition"].eq("correct") & forced["intervention"].eq("other answer")]
    row = found.astray.set_index(["condition", "intervention"]).loc[("correct", "other answer")]
    astray = mine[mine["leads_astray"].eq(True)]
    expected = astray["follows"].astype(float).groupby(astray["seed"]).mean()
    assert row["estimate"] == pytest.approx(expected.mean())
    assert found.numbers["astray-follow"].startswith(f"correct {100 * expected.mean():.1f}")


def test_the_papers_models_are_seen_on_their_own_traces(found):
    assert set(found.released["condition"]) == {"correct", "incorrect"}
    assert found.released["n"].min() > 100


def test_missing_tables_are_an_error(tmp_path):
    with pytest.raises(InputError, match="tracelib grid smollm2-babi"):
        interventions.facts(tmp_path)
