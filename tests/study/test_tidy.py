import pytest

from tests.study.conftest import ADMIN, SMALL, Browser
from tracelib.study import app, config, live, materials, store, tidy


def test_answers_are_a_row_per_participant_page_and_question(filled):
    answers = tidy.tables(filled)["answers"]
    assert list(answers.columns) == list(tidy.COLUMNS["answers"])
    assert not answers.duplicated(["participant", "page", "question"]).any()
    rated = answers.groupby("participant", sort=False)["page"].nunique()
    assert list(rated) == [4, 2]
    assert set(answers["kind"]) == {"long", "short"}
    assert (answers["words"] > 0).all()
    assert answers["answer_right"].isna().all()


def test_scores_are_high_where_there_is_much_of_the_construct(filled):
    answers = tidy.tables(filled)["answers"]
    first = answers[answers["participant"] == answers["participant"].iloc[0]]
    scores = first.groupby("question")["score"].agg(["min", "max"])
    assert list(scores.loc["comprehensible"]) == [1, 1]
    assert list(scores.loc["confusing"]) == [5, 5]  # reversed: to be least confused is to interpret best
    assert set(first.loc[first["question"] == "confusing", "label"]) == {"Strongly disagree"}
    assert scores.loc["expected"].isna().all()


def test_checks_and_comprehension_are_judged(filled):
    answers = tidy.tables(filled)["answers"]
    checks = answers[answers["question"] == "check"].set_index("value")["correct"]
    assert not checks[1]  # Disagree is 2
    if 2 in checks.index:
        assert checks[2]
    expected = answers[answers["question"] == "expected"]
    rated = {one.id: one.answer for one in filled.materials.rated}
    for row in expected.itertuples():
        assert row.correct == (row.label == rated[row.problem])


def test_participants_have_state_times_and_the_rule_that_excludes_them(filled):
    people = tidy.tables(filled)["participants"]
    assert list(people["state"]) == ["finished", "unfinished"]
    assert list(people["slot"]) == [0, 1]
    assert list(people["pages"]) == [6, 3]
    assert people["excluded"].iloc[0] == "attention_failed"
    assert people["seconds"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"checks_failed": 2, "comprehension": 1.0, "seconds": 500.0}, "attention_failed"),
        ({"checks_failed": 1, "comprehension": 0.4, "seconds": 500.0}, "comprehension_below"),
        ({"checks_failed": 1, "comprehension": 0.5, "seconds": 99.9}, "seconds_below"),
        ({"checks_failed": 1, "comprehension": 0.5, "seconds": 100.0}, None),
        ({"checks_failed": 0, "comprehension": None, "seconds": None}, None),
    ],
)
def test_exclusions_are_the_stated_ones(load, row, rule):
    rules = "{attention_failed: 2, comprehension_below: 0.5, seconds_below: 100}"
    study = load(f"extends: paper\nexclusions: {rules}\n")
    assert tidy.exclusion(study, row) == rule
    assert tidy.exclusion(load("extends: paper\nexclusions: {}\n"), row) is None


def test_every_column_is_in_the_codebook_and_every_question_has_its_anchors(filled):
    tables = tidy.tables(filled, ids=True)
    book = tidy.codebook(tables)
    for name, table in tables.items():
        assert list(book.loc[book["table"] == name, "column"]) == list(table.columns)
    questions = tables["questions"]
    assert set(tables["answers"]["question"]) <= set(questions["question"])
    agreement = questions[questions["question"] == "coherent"]
    assert list(agreement["value"]) == [1, 2, 3, 4, 5]
    assert agreement["label"].iloc[4] == "Strongly agree"
    assert set(questions.loc[questions["reversed"].fillna(False), "question"]) == {"confusing", "performance"}


def test_an_empty_study_exports_empty_tables(kept):
    assert {name: len(table) for name, table in tidy.tables(kept).items()} == {
        "answers": 0, "participants": 0, "materials": 8, "questions": 56, "comments": 0,
    }  # fmt: skip
    assert live.panels(kept) == []


def test_trust_is_exported_by_arm_with_right_decisions(tmp_path):
    study = config.load("trust").study
    kept = store.create(f"sqlite:///{tmp_path}/trust.sqlite", study, lambda: materials.draw(study))
    browser = Browser(app.create(kept, ADMIN))
    browser.consent()
    browser.finish()  # accepts every answer
    answers = tidy.tables(kept)["answers"]
    accepted = answers[answers["question"] == "accept"]
    assert len(accepted) == 16
    assert (accepted["correct"] == accepted["answer_right"]).all()
    assert accepted.groupby("kind")["answer_right"].mean().eq(0.5).all()
    assert (accepted.loc[accepted["kind"] == "none", "words"] == 0).all()
    (panel,) = live.panels(kept)
    assert {row.counts for row in panel.rows} == {(0, 2)}


def test_between_participants_the_one_kind_is_a_column(load, tmp_path):
    study = load(SMALL.replace("assignment: within", "assignment: between"))
    kept = store.create(f"sqlite:///{tmp_path}/between.sqlite", study, lambda: materials.draw(study))
    for number in range(4):
        kept.begin(f"code{number}", None)
    people = tidy.tables(kept)["participants"]
    assert sorted(people["ratings_kind"]) == ["long", "long", "short", "short"]


# --- The teacher's page -----------------------------------------------------------------------


def test_distributions_count_every_answer_once(filled):
    panels = {panel.title: panel for panel in live.panels(filled)}
    coherent = panels[filled.study.items["coherent"].text]
    assert [row.label for row in coherent.rows] == ["simulated R1", "correct steps"]
    assert sum(row.n for row in coherent.rows) == 6
    assert [sum(row.counts[point] for row in coherent.rows) for point in range(5)] == [4, 2, 0, 0, 0]
    assert live.state(filled) == {"begun": 2, "finished": 1, "withdrawn": 0}


def test_bars_lie_side_by_side_and_fill_the_width():
    row = live.Row("kind", (1, 0, 3, 0, 4))
    assert row.bars == [(0, 12.5), (12.5, 0.0), (12.5, 37.5), (50.0, 0.0), (50.0, 50.0)]
    assert live.Row("kind", (0, 0)).bars == [(0, 0.0), (0.0, 0.0)]
