"""Answers and the cited facts, by hand; chance by its definition; the released outputs."""

import json
from dataclasses import replace
from math import comb

import numpy as np
import pandas as pd
import pytest

from tracelib.cli.main import main
from tracelib.datasets.problem import content_id
from tracelib.paper import following, release
from tracelib.reporting import tables_steps
from tracelib.scoring.outputs import Output
from tracelib.stats.paired import paired_difference
from tracelib.traces.format import listed, render

GAMMA, DELTA, EPSILON = (
    "Ada works for Gamma from 1940 to 1960.",
    "Ada works for Delta from 1950 to 1955.",
    "Ada works for Epsilon from 1980 to 1990.",
)


def output(problem, cited, answers, condition="correct", model="m"):
    """An output that cites these facts and gives these answers."""
    text = render(replace(problem, gold=tuple(answers)), "equal", listed(tuple(cited)))
    return Output(problem, text, model, condition)


def judged(problem, cited, answers):
    return following.compute([output(problem, cited, answers)]).iloc[0]


@pytest.fixture
def asked(problem):
    """The shared problem with more facts: employers at other times, and a position."""
    more = (
        "Ada works for Zeta from 1990 to 1992.",
        "Ada works for Eta from 1992 to 1994.",
        "Ada holds the position of envoy from 1950 to 1951.",
    )
    return replace(problem, facts=(*problem.facts, *more))


def test_an_answer_that_follows_a_wrong_fact(problem):
    row = judged(problem, [EPSILON], ["Epsilon"])
    assert row[list(following.VERDICTS)].tolist() == [True, True, False]


def test_an_answer_is_the_set_that_the_facts_give(problem):
    assert judged(problem, [GAMMA, EPSILON], ["Epsilon", "Gamma"])["followed"]
    assert not judged(problem, [GAMMA, EPSILON], ["Epsilon"])["followed"]
    assert not judged(problem, [EPSILON], ["Epsilon", "Gamma"])["followed"]
    assert judged(problem, [GAMMA], ["Gamma"])["implies_other"]  # the gold answer is Gamma and Delta


def test_the_gold_answer_all_the_same(problem):
    row = judged(problem, [EPSILON], ["Gamma", "Delta"])
    assert row[list(following.VERDICTS)].tolist() == [True, False, True]


def test_facts_that_give_the_gold_answer_by_another_route(problem):
    """Two gold facts name Gamma, so citing one is a wrong step. But it gives the right answer."""
    again = "Ada works for Gamma from 1962 to 1963."
    twice = replace(problem, facts=(*problem.facts, again), gold=("Gamma",), supporting=(1, 4))
    assert not judged(twice, [again], ["Gamma"])["implies_other"]


def test_facts_that_give_nothing(problem):
    for cited in ([], ["Nothing of the kind."]):
        row = judged(problem, cited, ["Epsilon"])
        assert row[["implies_other", "followed"]].isna().all()
        assert row["cited_kind"] == 0
    silent = following.compute([Output(problem, "<answer>['Epsilon']</answer>", "m", "incorrect")])
    assert silent["followed"].isna().all()
    assert following.followed(silent)[["n", "followed"]].to_numpy().tolist() == [[0, 0]]


def test_candidates_are_never_gold_nor_asked_about(asked):
    """``kind`` has employers, ``side`` also the envoy. Beta is in the question; Gamma and Delta are gold."""
    assert following.candidates(asked) == {
        "kind": {"epsilon", "zeta", "eta"},
        "side": {"epsilon", "zeta", "eta", "envoy"},
    }
    assert following.candidates(replace(asked, question="Why?")) == {"kind": set(), "side": set()}


def test_names_are_counted(asked):
    row = judged(asked, [EPSILON, DELTA], ["EPSILON", "Zeta", "envoy", "Delta", "Nowhere"])
    kind = [row[f"{name}_kind"] for name in following.COUNTS]
    side = [row[f"{name}_side"] for name in following.COUNTS]
    assert kind == [3, 1, 2, 1]
    assert side == [4, 1, 3, 1]


def test_the_model_without_traces_is_asked_about_the_same_names(asked):
    untraced = Output(asked, "<answer>['Epsilon', 'Eta']</answer>", "m", "vanilla")
    table = following.compute([untraced, output(asked, [EPSILON], ["Zeta"], "incorrect")])
    assert table["condition"].tolist() == ["incorrect"]
    assert table[["named_kind", "both_kind"]].to_numpy().tolist() == [[1, 0]]
    assert table[["untraced_named_kind", "untraced_both_kind"]].to_numpy().tolist() == [[2, 1]]
    alone = following.compute([output(asked, [EPSILON], ["Zeta"], "incorrect", "other")])
    assert alone["untraced_named_kind"].isna().all()


def test_other_datasets_and_models_without_traces_have_no_rows(problem):
    other = replace(problem, dataset="babi")
    outputs = [output(other, [EPSILON], ["Epsilon"]), output(problem, [EPSILON], ["Epsilon"], "prompted")]
    table = following.compute(outputs)
    assert table.empty
    for rows in (following.followed(table), following.answered(table), following.exclusion(table)):
        assert rows.empty


def test_kinds_of_answers_are_counted(problem):
    outputs = [
        output(replace(problem, id=str(number)), cited, answers)
        for number, (cited, answers) in enumerate(
            [
                ([EPSILON], ["Epsilon"]),
                ([EPSILON], ["Gamma", "Delta"]),
                ([EPSILON], ["Gamma"]),
                ([GAMMA, DELTA], ["Gamma", "Delta"]),
                ([], ["Gamma"]),
            ]
        )
    ]
    found = following.answered(following.compute(outputs)).set_index(["give", "answer"])
    assert found.loc["another answer"]["count"].to_dict() == {
        "followed": 1,
        "gold_all_the_same": 1,
        "neither": 1,
    }
    assert found.loc["another answer"]["n"].tolist() == [3, 3, 3]
    assert found.loc[("the gold answer", "gold_all_the_same"), ["count", "n", "outputs"]].tolist() == [
        1,
        1,
        5,
    ]


# --- Chance -----------------------------------------------------------------------------------


def counted(*rows: tuple[int, int, int, int], condition: str = "incorrect") -> pd.DataFrame:
    """A run from the counts `COUNTS` of each output: candidates, cited, named, both."""
    table = pd.DataFrame(rows, columns=[f"{name}_kind" for name in following.COUNTS])
    names = {"dataset": "cotempqa", "model": "m", "condition": condition}
    items = [f"i{number}" for number in range(len(rows))]
    untraced = {f"untraced_{name}_kind": pd.array([None] * len(rows), "Int64") for name in ("named", "both")}
    return table.assign(**names, item=items, problem=items, **untraced)


def test_chance_by_hand():
    """Of 4 candidates, one named and one cited: 1/4. Two and two: 1 - 1/6. No answer names a cited one."""
    (row,) = following.exclusion(counted((4, 1, 1, 0), (4, 2, 2, 0))).to_dict("records")
    assert (row["n"], row["observed"]) == (2, 0)
    assert row["expected"] == pytest.approx(1 / 4 + 5 / 6)
    assert row["difference"] == pytest.approx(-(1 / 4 + 5 / 6) / 2)
    assert row["p"] == pytest.approx(2 * (3 / 4) * (1 / 6))


def test_a_figure_has_them_side_by_side():
    table = counted((4, 1, 1, 0), (4, 1, 1, 1))
    rows = following.beside_chance(table).set_index("share")
    assert rows.loc["wrong answers", "estimate"] == 0.5
    assert rows.loc["by chance", "estimate"] == 0.25
    assert pd.isna(rows.loc["by chance", "low"])
    assert pd.isna(rows.loc["wrong answers of the model without traces", "estimate"])


def test_where_chance_has_nothing_to_say():
    """No candidate is cited; none is named; all are named; so many are named that a cited one must be."""
    table = counted((4, 0, 1, 0), (4, 1, 0, 0), (2, 1, 2, 1), (4, 2, 3, 1))
    assert following.open_to_chance(table).empty
    (row,) = following.exclusion(table).to_dict("records")
    assert (row["wrong"], row["n"], row["p"], row["difference"]) == (3, 0, None, None)


@pytest.mark.parametrize(("candidates", "cited", "named"), [(5, 1, 1), (6, 2, 1), (7, 2, 3)])
def test_the_chance_is_the_share_of_draws(candidates, cited, named):
    part = following.open_to_chance(counted((candidates, cited, named, 0)))
    missed = comb(candidates - cited, named) / comb(candidates, named)
    assert part["expected"].tolist() == pytest.approx([1 - missed])


def test_names_drawn_at_random_are_at_chance():
    rng = np.random.default_rng(0)
    rows = []
    for _ in range(400):
        candidates, named = int(rng.integers(4, 10)), int(rng.integers(1, 3))
        rows.append((candidates, 1, named, int(0 in rng.choice(candidates, named, replace=False))))
    (row,) = following.exclusion(counted(*rows)).to_dict("records")
    assert row["difference_low"] < 0 < row["difference_high"]
    assert row["p"] > 0.05


def test_the_two_models_are_paired_by_problem():
    table = counted((5, 1, 1, 0), (5, 1, 1, 0), (5, 1, 1, 1), (5, 1, 0, 0))
    table = table.assign(
        untraced_named_kind=pd.array([1, 1, 1, 1], "Int64"),
        untraced_both_kind=pd.array([1, 0, 1, 1], "Int64"),
    )
    (row,) = following.with_and_without(table).to_dict("records")
    assert (row["own"], row["untraced"], row["n"]) == (1, 2, 3)  # the fourth own answer names none
    own, untraced = pd.Series([False, False, True]), pd.Series([True, False, True])
    assert row["p"] == paired_difference(own, untraced)["p"]


# --- The release ------------------------------------------------------------------------------


def test_no_text_is_shipped():
    table = following.SHIPPED.read()
    assert list(table) == list(following.COLUMNS)
    assert table["item"].str.fullmatch(r"[0-9a-f]{12}(\.\d+)?").all()
    assert content_id("q", (), ()) not in set(table["problem"])
    assert set(table["category"]) == {"equal", "overlap", "during", "mix"}


def test_models_on_correct_traces_follow_and_models_on_incorrect_ones_do_not():
    found = following.followed(following.SHIPPED.read()).set_index(["model", "condition"])[["n", "followed"]]
    of = {key: tuple(row) for key, row in zip(found.index, found.to_numpy().tolist(), strict=True)}
    assert of == {
        ("Llama-3.1-8B-Instruct", "correct"): (251, 233),
        ("Llama-3.1-8B-Instruct", "incorrect"): (929, 0),
        ("Llama-3.2-1B-Instruct", "correct"): (572, 553),
        ("Llama-3.2-1B-Instruct", "incorrect"): (906, 2),
        ("Qwen3-1.7B", "correct"): (482, 457),
        ("Qwen3-1.7B", "incorrect"): (663, 2),
    }
    paired = following.compared(following.SHIPPED.read()).set_index("model")
    assert paired["n"].to_dict() == {
        "Llama-3.1-8B-Instruct": 244,
        "Llama-3.2-1B-Instruct": 556,
        "Qwen3-1.7B": 345,
    }
    assert (paired["only_second"] == 0).all()


def test_cited_names_are_seldom_among_the_wrong_answers_of_models_on_incorrect_traces():
    table = following.SHIPPED.read()
    found = following.exclusion(table).set_index(["condition", "model"])
    rows = found.loc["incorrect"]
    assert rows["observed"].tolist() == [1, 2, 3]
    assert rows["n"].tolist() == [52, 137, 110]
    assert rows["expected"].tolist() == pytest.approx([7.95, 18.56, 16.81], abs=0.01)
    assert (rows["p_holm"] < 0.01).all()
    assert (found.loc["correct", "estimate"] == 1).all()
    beside = following.exclusion(table, who="untraced").set_index(["condition", "model"]).loc["incorrect"]
    assert (
        beside["observed"] / beside["expected"] > 0.9
    ).all()  # a model without traces names them as often as by chance, or nearly
    paired = following.with_and_without(table).set_index(["condition", "model"]).loc["incorrect"]
    assert paired[["own", "untraced", "n"]].to_numpy().tolist() == [[1, 3, 42], [2, 22, 109], [3, 12, 74]]


def test_tables_for_people():
    table = following.SHIPPED.read()
    answered = following.answered(table)
    shown = tables_steps.answered(answered)
    assert "92.8 [89.0, 95.4]" in shown["what the facts give"].tolist()
    other = answered["give"] == "another answer"
    alone = tables_steps.answered_otherwise(answered[other])
    same = shown[shown["cited facts give"] == "another answer"].reset_index(drop=True)
    assert alone.equals(same[alone.columns])
    right = tables_steps.answered_right(answered[~other])
    assert list(right) == ["model", "condition", "n", "the gold answer"]
    shown = tables_steps.exclusion(following.exclusion(table))
    assert shown["chance"].tolist()[1] == pytest.approx(8.0)
    assert tables_steps.with_and_without(following.with_and_without(table))["without traces"].tolist()[1] == 3


def test_the_command_prints_counts_for_machines(capsys, monkeypatch):
    monkeypatch.setattr(release, "read_outputs", lambda quiet: (None, release.Source("shipped", "here")))
    assert main(["release", "show", "--follow", "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.err == "tracelib: note: source: here\n"
    rows = json.loads(printed.out)
    assert all(list(row) == ["model", "condition", "dataset", "n", "followed"] for row in rows)
    assert len(rows) == 6
    assert {row["dataset"] for row in rows} == {"cotempqa"}
    assert main(["release", "show", "--follow"]) == 0
    assert "Source: here." in capsys.readouterr().out


def test_where_no_output_can_follow_that_is_said(capsys, monkeypatch, problem):
    """All outputs here are of a model trained without traces."""
    found = [output(problem, [EPSILON], ["Epsilon"], "vanilla")]
    monkeypatch.setattr(release, "read_outputs", lambda quiet: (found, release.Source("local copy", "here")))
    none = "no output on CoTempQA of a model trained on traces is here"
    assert main(["release", "show", "--follow", "--json"]) == 0
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("[]\n", f"tracelib: note: source: here; {none}\n")
    assert main(["release", "show", "--follow"]) == 0
    assert f"({none})" in capsys.readouterr().out


def test_the_two_parts_exclude_each_other(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["release", "show", "--follow", "--steps"])
    assert stopped.value.code == 2
    assert "not allowed with" in capsys.readouterr().err
