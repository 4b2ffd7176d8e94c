"""Interventions: the forced traces, by hand. `test_control_models` has models with a known dependence."""

from dataclasses import replace

import pandas as pd
import pytest

from tracelib.core.errors import InputError
from tracelib.datasets import twins
from tracelib.datasets.babi import twin as babi
from tracelib.datasets.babi.dataset import DATASET as BABI
from tracelib.datasets.cotempqa import twin as cotempqa
from tracelib.datasets.cotempqa.dataset import DATASET as COTEMPQA
from tracelib.experiments.control_models import reader
from tracelib.experiments.interventions import GIVEN, OWN, begun, forced, intervene, read_off
from tracelib.traces import conditions
from tracelib.traces.format import listed, parse

CATEGORY, FACTS = COTEMPQA.category_sentence, COTEMPQA.facts_sentence
OTHER = "Ada works for Epsilon from 1980 to 1990."


@pytest.fixture(scope="module")
def problems():
    return cotempqa.generate(60, seed=3)


def start(problem, intervention, own=""):
    return forced(problem, intervention, 1, [], own)


def test_what_is_forced_by_hand(problem):
    gold = listed(problem.supporting_facts)
    assert start(problem, "gold") == f"<think>{CATEGORY}mix.\n{FACTS}{gold}</think> <answer>"
    assert start(problem, "gold, category only") == f"<think>{CATEGORY}mix.</think> <answer>"
    assert start(problem, "empty") == "<think></think> <answer>"
    own = f"<think>{CATEGORY}equal.\n{FACTS}['{OTHER}']</think> <answer>['Epsilon']</answer>"
    assert start(problem, "own", own) == own.partition("['Epsilon']")[0]
    assert start(problem, "own, category only", own) == f"<think>{CATEGORY}equal.</think> <answer>"
    assert (
        start(problem, "own with gold facts", own)
        == f"<think>{CATEGORY}equal.\n{FACTS}{gold}</think> <answer>"
    )
    cited = f"{FACTS}['{OTHER}']</think> <answer>"
    assert start(problem, "own with gold category", own) == f"<think>{CATEGORY}mix.\n{cited}"
    category = parse(start(problem, "own with wrong category", own)).category
    assert category in {"overlap", "during"}  # neither its own (equal) nor the gold one (mix)
    cited = parse(start(problem, "own with wrong facts", own)).quotes
    assert set(cited) == set(problem.facts) - set(problem.supporting_facts)


def test_the_incorrect_condition_has_its_own_format(problem):
    """One wrong fact stands as a bare sentence, several gold ones in a list."""

    def set_for(intervention, own=""):
        return forced(problem, intervention, 1, [problem, replace(problem, id="p2")], own, "incorrect")

    assert set_for("gold") == start(problem, "gold")
    one = replace(problem, supporting=(1,))
    assert forced(one, "gold", 1, [], "", "incorrect") == (
        f"<think>{CATEGORY}mix.\n{FACTS}{problem.facts[1]}</think> <answer>"
    )
    assert set_for("wrong category") == start(problem, "wrong category")
    right = conditions.target(problem, "correct", 4)
    for name in ("wrong facts", "both wrong", "own with wrong facts"):
        listed_facts, bare = parse(start(problem, name, right)), parse(set_for(name, right))
        assert bare.facts_text == listed_facts.quotes[0]
        assert bare.category == listed_facts.category
    own = conditions.target(problem, "incorrect", 4)
    assert set_for("own", own) == own.partition("['Gamma")[0]


def test_on_babi_that_format_is_in_lower_case():
    pool = babi.generate(30, seed=3)
    for problem in pool:
        for name in ("gold", "wrong facts", "both wrong", "another problem's", "renamed", "other answer"):
            plain, lower = (begun(problem, name, 1, pool, "", how) for how in ("correct", "incorrect"))
            if plain is None:
                assert lower is None
                continue
            assert lower.facts == plain.facts
            before, _, facts = plain.text.rpartition(BABI.facts_sentence)
            assert lower.text == before + BABI.facts_sentence + facts.lower()


@pytest.mark.parametrize("condition", sorted({*conditions.CONDITIONS} - {"incorrect"}))
def test_the_others_are_set_in_the_format_of_correct_traces(problems, condition):
    for intervention in (*GIVEN, "renamed"):
        for problem in problems[:5]:
            plain = forced(problem, intervention, 1, problems)
            assert forced(problem, intervention, 1, problems, "", condition) == plain


def test_a_trained_format_is_the_one_that_is_set():
    """For any facts: in a list or not, how many, in lower case or not."""
    for dataset in twins.DATASETS:
        pool = twins.generate(dataset, 30, 3, 6)
        for condition, name in (
            ("correct", "gold"),
            ("both-wrong", "both wrong"),
            ("incorrect", "both wrong"),
        ):
            for problem in pool:
                target = conditions.target(problem, condition, 1, pool)
                made = forced(problem, name, 1, pool, "", condition)
                assert shape(target.partition("<answer>")[0]) == shape(made.partition("<answer>")[0])


def shape(text: str) -> tuple:
    cited = parse(text).facts_text
    return cited.startswith("["), len(parse(text).quotes), cited != cited.lower()


def test_an_edit_that_would_change_nothing_is_none(problem):
    right = start(problem, "gold")
    assert start(problem, "own", right) == right
    assert start(problem, "own with gold facts", right) is None
    assert start(problem, "own with gold category", right) is None
    wrong = start(problem, "own with wrong facts", right)
    assert start(problem, "own with wrong facts", wrong) is None
    assert start(problem, "own with gold facts", wrong) == right


def test_an_own_trace_without_its_steps_cannot_be_edited(problem):
    assert [start(problem, name, "nothing to read") for name in OWN] == [None] * len(OWN)


def test_what_a_forced_trace_gives(problem):
    assert read_off(problem, start(problem, "gold")) == ("Gamma", "Delta")
    assert read_off(problem, f"<think>{CATEGORY}mix.\n{FACTS}['{OTHER}']</think> <answer>") == ("Epsilon",)
    assert read_off(problem, start(problem, "empty")) == ()
    assert read_off(problem, f"<think>{CATEGORY}mix.\n{FACTS}['not a fact']</think> <answer>") == ()


def test_what_an_answer_gives(problem):
    """The facts of the gold trace give the gold answer; the facts of a wrong trace give another answer."""
    said = {
        "gold": ["['Delta', 'Gamma']</answer>", "['Gamma']</answer>", ""],
        "wrong facts": ["['Beta', 'Epsilon']</answer>", "['Gamma', 'Delta']</answer>", "nobody</answer>"],
        "renamed": ["['Gamma', 'Delta']</answer>", "</answer>", "['Eta']"],
        "empty": ["['Gamma', 'Delta']</answer>", "['Beta']</answer>", "\n"],
    }
    found = {
        name: [
            intervene(
                [problem],
                "correct",
                1,
                [],
                [""],
                lambda _, starts, answer=answer: [answer] * len(starts),
                [name],
            )
            for answer in answers
        ]
        for name, answers in said.items()
    }
    gives = {name: [table["gives"].item() for table in tables] for name, tables in found.items()}
    assert gives == {
        "gold": ["both", "other", "none"],
        "wrong facts": ["forced", "gold", "other"],
        "renamed": ["gold", "none", "other"],
        "empty": ["gold", "other", "none"],
    }
    follows = {name: [table["follows"].item() for table in tables] for name, tables in found.items()}
    assert follows["gold"] == follows["wrong facts"] == [True, False, False]
    assert follows["renamed"] == [False] * 3
    assert follows["empty"] == [pd.NA] * 3
    assert [table["leads_astray"].item() for table in found["renamed"]] == [True] * 3


def test_further_interventions_share_no_batch_with_the_others(problems):
    """An intervention that applies to no problem gives an empty table with all columns."""
    asked = []

    def answering(_, starts):
        asked.append(len(starts))
        return ["</answer>"] * len(starts)

    names = ["renamed", "gold", "empty"]
    table = intervene(problems, "correct", 1, problems, [""] * len(problems), answering, names)
    assert asked == [2 * len(problems), len(problems)]
    assert table["intervention"].unique().tolist() == ["gold", "empty", "renamed"]
    alone = intervene(problems, "correct", 1, problems, [""] * len(problems), answering, ["other answer"])
    assert (len(alone), alone.columns.tolist()) == (0, table.columns.tolist())


def test_who_reads_its_trace_follows_on_babi_too():
    """Rewritten facts never give the gold answer, and the order of a list does not matter."""
    pool = babi.generate(40, seed=3)

    def by_trace(problems, starts):
        return [
            f"{','.join(reversed(','.join(read_off(p, s)).split(',')))}</answer>"
            for p, s in zip(problems, starts, strict=True)
        ]

    names = ["gold", "other answer", "renamed"]
    table = intervene(pool, "correct", 1, pool, [""] * len(pool), by_trace, names)
    table = table[~table["item"].isin([p.id for p in pool if p.category == "path-finding"])]
    assert set(table["intervention"]) == set(names)
    assert table["follows"].all()
    assert (table["leads_astray"] == (table["intervention"] != "gold")).all()
    assert set(table["gives"]) == {"both", "forced"}


def test_another_problems_trace_needs_a_pool(problems):
    with pytest.raises(InputError, match="a second problem"):
        forced(problems[0], "another problem's", 1, problems[:1])
    assert forced(problems[0], "another problem's", 1, problems) != start(problems[0], "gold")


@pytest.mark.parametrize("condition", conditions.UNFORCED)
def test_a_model_without_a_trace_before_its_answer_is_refused(problems, condition):
    with pytest.raises(InputError, match=f"'{condition}' writes no trace before its answer"):
        intervene(problems, condition, 1, problems, [""] * len(problems), reader)


def test_an_unknown_intervention_is_named(problems):
    with pytest.raises(
        InputError, match="unknown intervention 'magic', expected one of gold, wrong category"
    ):
        start(problems[0], "magic")
    assert set(GIVEN.values()) <= set(conditions.CONDITIONS)
