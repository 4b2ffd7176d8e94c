"""Descriptions and patterns by hand, escaped pages."""

import io
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracelib.analysis import item_analysis
from tracelib.core.errors import InputError
from tracelib.datasets import release_files, release_problems
from tracelib.paper import items, label_audit, release
from tracelib.reporting import figures_items
from tracelib.stats.proportions import wilson

EVIL = "</script><script>alert('x')</script><img src=x onerror=alert(1)>"
BLOCKS = ["category", "kind", "gold_answers", "facts", "granularity", "same_subject"]


def table(runs: dict[tuple[str, str], str], dataset: str = "cotempqa") -> pd.DataFrame:
    """Outcomes from a sign per item and run: ``+`` right, ``-`` wrong, ``?`` no verdict, blank no outcome."""
    verdict = {"+": True, "-": False, "?": None}
    rows = [
        (dataset, model, condition, f"i{place}", f"p{place}", verdict[letter])
        for (model, condition), letters in runs.items()
        for place, letter in enumerate(letters)
        if letter != " "
    ]
    columns = ["dataset", "model", "condition", "item", "problem", "answer_corrected"]
    return pd.DataFrame(rows, columns=columns).astype({"answer_corrected": "boolean"})


def matrix(runs: dict[tuple[str, str], str]) -> pd.DataFrame:
    return item_analysis.answers(table(runs), "corrected")[0]


@pytest.fixture
def four() -> pd.DataFrame:
    """Two models, two conditions, six items: all right, none right, two flip, two differ between models."""
    return matrix(
        {
            ("a", "vanilla"): "+-+-+-",
            ("a", "correct"): "+--++-",
            ("b", "vanilla"): "+-+--+",
            ("b", "correct"): "+--+-+",
        }
    )


@pytest.fixture(scope="module")
def released() -> pd.DataFrame:
    outcomes = release.shipped_outcomes()
    return outcomes[outcomes["condition"] != "prompted"]


@pytest.fixture(scope="module")
def right(released) -> pd.DataFrame:
    return item_analysis.answers(released[released["dataset"] == "cotempqa"], "corrected")[0]


# --- Descriptions -----------------------------------------------------------------------------


def test_a_description_by_hand(problem):
    row = item_analysis.describe([problem]).iloc[0].to_dict()
    assert row == {
        "dataset": "cotempqa",
        "problem": problem.content,
        "category": "mix",
        "kind": "S1_R1_O2",
        "gold_answers": 2,
        "facts": 4,
        "gold_facts": 2,
        "granularity": "year",
        "same_subject": 1,
    }
    assert set(row) == set(item_analysis.DESCRIPTIONS)


def test_subjects_are_counted_over_distinct_problems(problem):
    other = replace(problem, id="p2", gold=("Gamma",), supporting=(1,))
    stranger = replace(
        problem,
        id="p3",
        question=problem.question.replace("Ada", "Bo"),
        facts=tuple(fact.replace("Ada", "Bo") for fact in problem.facts),
    )
    again = replace(problem, id="a second time")
    described = item_analysis.describe([problem, other, again, stranger])
    assert described["same_subject"].tolist() == [2, 2, 1]


def test_a_question_that_no_fact_starts_has_no_subject_and_no_granularity(problem):
    row = item_analysis.describe([replace(problem, question="Why?")]).iloc[0]
    assert row["granularity"] == ""
    assert pd.isna(row["same_subject"])


def test_a_story_has_neither(problem):
    story = replace(problem, dataset="babi", category="counting", kind="")
    row = item_analysis.describe([story]).iloc[0]
    assert row["granularity"] == ""
    assert pd.isna(row["same_subject"])


def test_bands():
    counts = pd.DataFrame({"gold_answers": [1, 3, 7], "gold_facts": [1, 2, 3], "facts": [10, 11, 31]})
    counts = counts.assign(same_subject=[1, 52, None]).astype("Int64")
    banded = item_analysis.banded(counts)
    assert banded["gold_answers"].tolist() == ["1", "3 or more", "3 or more"]
    assert banded["gold_facts"].tolist() == ["1", "2", "3 or more"]
    assert banded["facts"].tolist() == ["up to 10", "11 to 20", "over 30"]
    assert banded["same_subject"].tolist() == ["1", "3 or more", ""]


# --- Patterns ---------------------------------------------------------------------------------


def test_only_items_that_every_run_has_are_compared():
    outcomes = table({("b", "vanilla"): "+-+?", ("a", "vanilla"): "++ +", ("a", "odd"): "-+++"})
    found, left_out = item_analysis.answers(outcomes, "corrected")
    assert found.index.tolist() == [("p0", "i0"), ("p1", "i1")]
    assert found.columns.tolist() == [("a", "vanilla"), ("a", "odd"), ("b", "vanilla")]
    assert found.to_numpy().tolist() == [[True, False, True], [True, True, False]]
    assert left_out == 2


def test_a_model_that_lacks_a_category_in_one_run_is_left_out_and_named():
    rows = [("a", "x", "mix"), ("a", "x", "equal"), ("a", "y", "mix"), ("b", "x", "mix"), ("b", "x", "equal")]
    outcomes = pd.DataFrame(rows, columns=["model", "condition", "category"])
    kept, partial = item_analysis.complete(outcomes)
    assert partial == ["a"]
    assert set(kept["model"]) == {"b"}
    assert item_analysis.complete(kept)[1] == []


def test_runs_without_a_common_item_give_notes():
    found, left_out = item_analysis.answers(
        table({("a", "vanilla"): "+ ", ("a", "correct"): " -"}), "corrected"
    )
    assert (len(found), left_out) == (0, 2)
    assert item_analysis.patterns(found).empty
    assert set(item_analysis.by_runs_right(found)["note"]) == {"no common items"}
    assert item_analysis.flips(found)["note"].tolist() == ["no common items"]
    assert set(item_analysis.shared_flips(found)["note"]) == {"no common items"}
    described = pd.DataFrame({"problem": ["p0"], "kind": ["x"]})
    assert item_analysis.difficulty(found, described, "kind")["note"].tolist() == ["no items"]
    solved = pd.DataFrame({"item": ["p0"], "reading": "written", "answers_agree": True, "cause": ""})
    assert item_analysis.disputed(found, solved)["note"].tolist() == ["a group has no items"]
    assert set(item_analysis.disputed_by_pattern(found, solved)["note"]) == {"no items"}


def test_what_cannot_be_lined_up_is_an_error():
    outcomes = table({("a", "vanilla"): "+"})
    with pytest.raises(InputError, match="unknown metric 'best', expected one of corrected"):
        item_analysis.answers(outcomes, "best")
    with pytest.raises(InputError, match="outcomes of babi, cotempqa, expected those of one dataset"):
        item_analysis.answers(pd.concat([outcomes, outcomes.assign(dataset="babi")]), "corrected")
    with pytest.raises(InputError, match=r"has an item twice, expected one run \(seed\)"):
        item_analysis.answers(pd.concat([outcomes, outcomes]), "corrected")


def test_patterns_by_hand(four):
    every, none, flip, models = item_analysis.PATTERNS
    assert item_analysis.patterns(four).tolist() == [every, none, flip, flip, models, models]


def test_numbers_of_runs_right_by_hand():
    """Two runs are each right on half of four items: 1, 2, 1 are expected; 2, 0, 2 observed if they agree."""
    counted = item_analysis.by_runs_right(matrix({("a", "vanilla"): "++--", ("a", "correct"): "++--"}))
    assert counted["items"].tolist() == [2, 0, 2]
    assert counted["if_independent"].tolist() == [1, 2, 1]
    assert counted["note"].tolist() == [""] * 3


def test_flips_by_hand(four):
    rows = item_analysis.flips(four).to_dict("records")
    assert [(row["model"], row["first"], row["second"]) for row in rows] == [
        ("a", "vanilla", "correct"),
        ("b", "vanilla", "correct"),
    ]
    for row in rows:
        assert [row[name] for name in ("n", "both_right", "gained", "lost", "both_wrong")] == [6, 2, 1, 1, 2]


def test_shared_flips_by_hand(four):
    """Both models gain item 3 and lose item 2. Each model changes 1 of 6 items, so 6 / 36 are expected."""
    rows = item_analysis.shared_flips(four).to_dict("records")
    assert [(row["change"], row["items"]) for row in rows] == [("gained", 1), ("lost", 1)]
    assert [row["if_independent"] for row in rows] == pytest.approx([1 / 6, 1 / 6])


def test_conditions_that_a_model_lacks_are_not_shared():
    runs = {("a", "vanilla"): "+", ("a", "correct"): "-", ("b", "vanilla"): "+"}
    assert item_analysis.shared_flips(matrix(runs)).empty
    assert len(item_analysis.flips(matrix(runs))) == 1


@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=30))
def test_patterns_flips_and_counts_agree(rows):
    runs = [("a", "vanilla"), ("a", "correct"), ("b", "vanilla"), ("b", "correct")]
    letters = ["".join("+" if row[place] else "-" for row in rows) for place in range(4)]
    found = matrix(dict(zip(runs, letters, strict=True)))
    counted, changed, pattern = (
        item_analysis.by_runs_right(found),
        item_analysis.flips(found),
        item_analysis.patterns(found),
    )
    every, none, flip, _ = (int((pattern == name).sum()) for name in item_analysis.PATTERNS)
    assert (every, none) == (counted["items"].iloc[-1], counted["items"].iloc[0])
    assert counted["items"].sum() == len(rows)
    assert counted["if_independent"].sum() == pytest.approx(len(rows))
    mean = (counted["runs_right"] * counted["if_independent"]).sum()
    assert mean == pytest.approx((counted["runs_right"] * counted["items"]).sum())
    assert (changed[["both_right", "gained", "lost", "both_wrong"]].sum(axis=1) == len(rows)).all()
    moved = changed[["gained", "lost"]].to_numpy().sum(axis=1)
    assert max(moved) <= flip <= sum(moved)
    for row in changed.itertuples():
        gain = found[row.model][row.second].sum() - found[row.model][row.first].sum()
        assert row.gained - row.lost == gain
    shared = item_analysis.shared_flips(found).set_index("change")["items"]
    assert shared["gained"] <= changed["gained"].min()
    assert shared["lost"] <= changed["lost"].min()


# --- Difficulty -------------------------------------------------------------------------------


def test_difficulty_by_hand(four):
    """Items 0 and 1 (4 and 0 of 4 right) are of kind x, item 2 of kind y. The others have no description."""
    described = pd.DataFrame({"problem": ["p2", "p0", "p1", "p3"], "kind": ["y", "x", "x", ""]})
    x, y = item_analysis.difficulty(four, described, "kind").to_dict("records")
    assert (x["value"], x["estimate"], x["n"], x["outputs"], x["left_out"]) == ("x", 0.5, 2, 8, 3)
    assert 0 <= x["low"] < 0.5 < x["high"] <= 1
    assert (y["value"], y["estimate"], y["n"], y["note"]) == ("y", 0.5, 1, "one problem, no interval")
    assert pd.isna(y["low"])


def test_values_come_in_their_order():
    right = matrix({("a", "vanilla"): "++++"})
    described = pd.DataFrame({"problem": ["p0", "p1", "p2", "p3"]})
    for values in (["equal", "overlap", "during", "mix"], ["year", "month", "day", "mixed"]):
        described["value"] = values[::-1]
        assert item_analysis.difficulty(right, described, "value")["value"].tolist() == values


# --- Disputed gold ----------------------------------------------------------------------------


def test_disputed_gold_by_hand():
    """p2 and p3 are never answered, and both are disputed; so is one of the others. Fisher: 3/10 + 1/10."""
    right = matrix({("a", "vanilla"): "++--+-"})
    solved = pd.DataFrame(
        {
            "item": [f"p{place}" for place in range(5)],  # p5 has no row
            "reading": "written",
            "answers_agree": [True, False, False, False, True],
            "cause": ["", "other", "other", "the solver has no answer", ""],
        }
    )
    (row,) = item_analysis.disputed(right, solved).to_dict("records")
    counts = [row[name] for name in ("never_disputed", "never", "others_disputed", "others", "left_out")]
    assert counts == [2, 2, 1, 3, 1]
    assert row["estimate"] == pytest.approx(1 - 1 / 3)
    assert row["p"] == row["p_holm"] == pytest.approx(4 / 10)
    rows = item_analysis.disputed_by_pattern(right, solved).set_index("pattern")
    assert rows.loc["no run right", ["disputed", "n", "estimate"]].tolist() == [2, 2, 1]
    assert rows.loc["no run right", "causes"] == "other: 1, the solver has no answer: 1"
    assert rows.loc["every run right", ["disputed", "n", "causes"]].tolist() == [1, 3, "other: 1"]


@pytest.mark.parametrize(("agree", "word"), [(True, "no"), (False, "every")])
def test_without_a_contrast_there_is_no_test(agree, word):
    right = matrix({("a", "vanilla"): "+-"})
    solved = pd.DataFrame({"item": ["p0", "p1"], "reading": "written", "answers_agree": agree})
    (row,) = item_analysis.disputed(right, solved).to_dict("records")
    assert row["p"] is None
    assert row["note"] == f"{word} gold is disputed, no test"


# --- The release ------------------------------------------------------------------------------


def test_shipped_descriptions_are_what_the_release_gives(release_root):
    pd.testing.assert_frame_equal(items.load(), items.shipped())


def test_without_the_release_the_shipped_descriptions_stand_in(monkeypatch):
    def unreachable(*_, **__):
        raise release_files.Unreachable("no network")

    monkeypatch.setattr(release_problems, "load_tested", unreachable)
    monkeypatch.setattr(release, "load_outputs", unreachable)
    pd.testing.assert_frame_equal(items.load(), items.shipped())
    assert items.load_texts() is None


def test_shipped_descriptions_hold_no_text():
    shipped = items.shipped()
    longest = {name: shipped[name].str.len().max() for name in shipped.select_dtypes("str")}
    assert max(longest.values()) < 25
    assert shipped.groupby("dataset").size().to_dict() == {"cotempqa": 950, "babi": 375}


def test_descriptions_of_the_release():
    described = items.shipped()
    own = described[described["dataset"] == "cotempqa"]
    assert own["granularity"].value_counts().to_dict() == {"year": 442, "mixed": 290, "day": 206, "month": 12}
    assert own["gold_answers"].value_counts().to_dict() == {1: 611, 2: 296, 3: 35, 4: 8}
    assert own["same_subject"].max() == (own["same_subject"] == 52).sum() == 52
    assert own["category"].value_counts().to_dict() == {
        "during": 619,
        "overlap": 131,
        "mix": 113,
        "equal": 87,
    }


@pytest.mark.parametrize(
    ("dataset", "metric", "expected"),
    [
        ("cotempqa", "corrected", [118, 73, 647, 112]),
        ("cotempqa", "official", [184, 62, 578, 126]),
        ("cotempqa", "strict", [114, 73, 651, 112]),
        ("babi", "official", [292, 1, 82, 1]),
        ("babi", "exact", [291, 1, 83, 1]),
    ],
)
def test_patterns_of_the_release(released, dataset, metric, expected):
    found, left_out = item_analysis.answers(released[released["dataset"] == dataset], metric)
    pattern = item_analysis.patterns(found)
    assert [int((pattern == name).sum()) for name in item_analysis.PATTERNS] == expected
    assert left_out == 0


def test_prompted_runs_share_few_items_with_the_fine_tuned():
    outcomes = release.shipped_outcomes()
    found, left_out = item_analysis.answers(outcomes[outcomes["dataset"] == "cotempqa"], "corrected")
    assert (len(found), left_out) == (534, 832)


def test_disputed_gold_of_the_release(right):
    solved, _ = label_audit.shipped()
    solved = solved[(solved["split"] == "test") & (solved["dataset"] == "cotempqa")]
    row = item_analysis.disputed(right, solved).set_index("reading").loc["written"]
    names = ["never_disputed", "never", "others_disputed", "others"]
    assert row[names].tolist() == [22, 73, 36, 877]
    assert row["estimate"] == pytest.approx(22 / 73 - 36 / 877)
    assert row["p_holm"] < 1e-9


def test_difficulty_of_the_release(right):
    rows = item_analysis.difficulty(right, items.shipped(), "category").set_index("value")
    assert rows["n"].to_dict() == {"equal": 87, "overlap": 131, "during": 619, "mix": 113}
    right_of_mix = right[right.index.isin(items.shipped().query("category == 'mix'")["problem"], level=0)]
    assert rows.loc["mix", "estimate"] == pytest.approx(right_of_mix.to_numpy().mean())
    plain = wilson(int(right_of_mix.to_numpy().sum()), right_of_mix.size)
    width = rows.loc["mix", "high"] - rows.loc["mix", "low"]
    assert 1 < width / (plain["high"] - plain["low"]) < 3  # outputs of a problem are dependent


# --- Pages of the chapter ---------------------------------------------------------------------


def test_the_figure_has_a_panel_per_description_and_a_point_per_model_and_value(right):
    banded = item_analysis.banded(items.shipped())
    rows = item_analysis.difficulties(right, banded, BLOCKS)
    figure = figures_items.difficulty(rows)
    assert len(figure.axes) == len(BLOCKS)
    relations = figure.axes[0]
    assert [label.get_text() for label in relations.get_yticklabels()][:2] == [
        "equal (n = 87)",
        "overlap (n = 131)",
    ]
    assert [len(container.lines[0].get_xdata()) for container in relations.containers] == [4, 4, 4]
    estimate = rows[(rows["runs"] == "Qwen3-1.7B") & (rows["value"] == "mix")]["estimate"].item()
    assert relations.containers[2].lines[0].get_xdata()[-1] == pytest.approx(100 * estimate)


def test_a_value_with_one_problem_is_drawn_and_told(four):
    described = pd.DataFrame({"problem": ["p0", "p1", "p2"], "kind": ["x", "x", "y"]})
    rows = item_analysis.difficulties(four, described, ["kind"])
    assert len(figures_items.difficulty(rows).axes[0].containers[0].lines[0].get_xdata()) == 2
    shown = figures_items.difficulty_table(rows)
    assert shown["value"].tolist() == ["x", "y"]
    assert shown.loc[1, ["all runs", "a", "note"]].tolist() == ["50.0", "50.0", "one problem, no interval"]
    assert "nan" not in shown.to_html().lower()


def test_the_bars_are_the_counts(four):
    axes = figures_items.runs_right(item_analysis.by_runs_right(four)).axes[0]
    observed, expected = axes.containers
    assert [bar.get_height() for bar in observed] == [1, 0, 4, 0, 1]
    assert sum(bar.get_height() for bar in expected) == pytest.approx(6)


def test_drawing_twice_gives_the_same_picture(four):
    pictures = []
    for _ in range(2):
        stream = io.BytesIO()
        figures_items.runs_right(item_analysis.by_runs_right(four)).savefig(stream, format="png")
        pictures.append(stream.getvalue())
    assert pictures[0] == pictures[1]


@pytest.fixture
def asked(problem):
    """The hand-made problem under its content id."""
    return replace(problem, id=problem.content)


@pytest.fixture
def answered(asked) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples([(asked.id, asked.id)], names=["problem", "item"])
    runs = pd.MultiIndex.from_tuples(
        [("m-Instruct", "vanilla"), ("m-Instruct", "correct")], names=["model", "condition"]
    )
    return pd.DataFrame([[False, True]], index, runs)


def test_the_list_of_items_by_hand(asked, answered):
    (row,) = item_analysis.listed(answered, item_analysis.describe([asked])).to_dict("records")
    assert row == {
        "item": asked.id,
        "problem": asked.id,
        "relation": "mix",
        "type": "S1_R1_O2",
        "golds": 2,
        "facts": 4,
        "granularity": "year",
        "m vanilla": "wrong",
        "m correct": "right",
        "runs right": 1,
        "pattern": "flips between conditions",
    }


def test_the_list_goes_by_relation_and_difficulty(right):
    table = item_analysis.listed(right, items.shipped())
    assert len(table) == 950
    assert list(dict.fromkeys(table["relation"])) == ["equal", "overlap", "during", "mix"]
    assert table.groupby("relation")["runs right"].apply(lambda column: column.is_monotonic_increasing).all()


def test_the_table_needs_no_other_server(asked, answered):
    page = figures_items.item_table(answered, item_analysis.describe([asked]), [asked], "All of them").data
    assert "All of them" in page
    assert asked.question in page
    assert f"../book/explorer.html#item=cotempqa/{asked.id}" in page
    for loaded in ("src=", "<link", "import {", "url("):
        assert loaded not in page


def test_without_texts_the_table_has_no_questions(asked, answered):
    page = figures_items.item_table(answered, item_analysis.describe([asked]), (), "All of them").data
    assert "question" not in page
    assert f"#item=cotempqa/{asked.id}" in page


def test_untrusted_text_is_escaped_and_bounded(asked, answered):
    evil = replace(asked, question=EVIL * 50, gold=(EVIL,), category=EVIL, kind=EVIL, id=EVIL)
    right = answered.set_axis(pd.MultiIndex.from_tuples([(evil.content, EVIL)], names=["problem", "item"]))
    right.columns = pd.MultiIndex.from_tuples([(EVIL, "vanilla"), (EVIL, EVIL)], names=["model", "condition"])
    page = figures_items.item_table(right, item_analysis.describe([evil]), [evil], EVIL).data
    assert "alert(" in page
    assert "<script>alert" not in page
    assert "<img" not in page
    assert len(page) < 20 * figures_items.LONGEST
    assert "(cut)" in page


def test_every_item_of_the_release_has_its_row(right, release_root):
    questions = [found.problem for found in items.load_texts()]
    page = figures_items.item_table(right, items.shipped(), questions, "All").data
    assert page.count("#item=cotempqa/") >= 950
    assert len(page.encode()) < 500_000
