import json

import pytest

from tests.study.conftest import SMALL
from tracelib.core.errors import InputError
from tracelib.core.texts import normal
from tracelib.datasets import family_files
from tracelib.datasets.problem import Problem
from tracelib.study import config, materials, r1
from tracelib.study.materials import Materials

TRUST = """\
extends: trust
contact: Ada
"""


@pytest.fixture
def drawn(small):
    return materials.draw(small)


def test_the_draw_is_fixed_and_survives_the_database(small, drawn):
    assert materials.draw(small) == drawn
    assert Materials.from_json(drawn.to_json()) == drawn


def test_every_problem_has_every_kind_and_options_with_the_answer_first(drawn):
    assert len(drawn.rated) == 4
    for rated in drawn.rated:
        assert set(rated.texts) == {"long", "short"}
        assert "<" not in rated.texts["short"]  # no tags, and so no answer
        assert rated.options[0] == rated.answer
        assert 2 <= len(set(rated.options)) <= 4
        assert len({option.count(",") for option in rated.options}) == 1  # length does not tell


def test_wrong_answers_are_names_of_the_context_with_a_fact_that_gives_them(load):
    drawn = materials.draw(load(TRUST))
    assert len({judged.id for judged in drawn.judged}) == 32
    for judged in drawn.judged:
        assert normal(judged.wrong.answer) != normal(judged.right.answer)
        assert judged.wrong.answer in " ".join(judged.facts)
        assert judged.wrong.answer in judged.wrong.trace  # the cited fact gives it
        assert judged.right.explanation != judged.wrong.explanation


@pytest.mark.parametrize("twin", ["babi-twin", "marco-twin"])
def test_a_dataset_without_names_of_a_kind_takes_other_problems_answers(load, twin):
    drawn = materials.draw(load(SMALL.replace("cotempqa-twin", twin)))
    assert len(drawn.rated) == 4
    for rated in drawn.rated:
        assert len(set(map(normal, rated.options))) == len(rated.options) >= 2


def test_wrong_names_are_of_the_kind_asked_for_and_in_the_context():
    facts = ("Ada went to the attic.", "Bo went to the barn.")
    shared = {"dataset": "mine", "facts": facts, "supporting": (0,), "category": "where"}
    asked, other, far = (
        Problem(name, question=f"Where is {name}?", gold=(gold,), **shared)
        for name, gold in (("Ada", "attic"), ("Bo", "barn"), ("Cy", "yard"))
    )
    assert materials.wrong_names(asked, [asked, other, far]) == ["barn"]
    assert materials.wrong_names(asked, [asked, far]) == ["yard"]


def test_no_problem_is_both_rated_and_judged(load):
    text = SMALL + (
        "trust:\n  assignment: within\n  arms: {none: a, trace: b}\n  pages: 4\n  problems: 4\n  text: t\n"
        "  accept: a\n  reject: r\n  confidence: {text: c, scale: sureness}\n"
    )
    drawn = materials.draw(load(text))
    assert not {one.id for one in drawn.rated} & {one.id for one in drawn.judged}


def test_too_few_problems_and_unknown_texts_are_named(load, tmp_path):
    with pytest.raises(InputError, match=r"ratings.kinds.long.text': no text 'r2', expected one of answer-f"):
        materials.draw(load(SMALL.replace("simulated-r1", "r2")))
    with pytest.raises(InputError, match="nowhere"):
        materials.draw(load(SMALL.replace("cotempqa-twin", "nowhere")))
    with pytest.raises(InputError, match="no text 'r1_trace'"):  # a twin has none
        materials.draw(load(SMALL.replace("simulated-r1", "r1_trace")))


# --- A file of outputs ------------------------------------------------------------------------


def record(number, condition, answer, text):
    return {
        "id": str(number),
        "dataset": "cotempqa",
        "question": f"While Ada worked for B, whom else did she work for? ({number})",
        "facts": [
            "Ada works for B in 1990.",
            "Ada works for Corp from 1989 to 1991.",
            "Ada works for D in 1950.",
        ],
        "gold": ["Corp"],
        "category": "during",
        "triple_element": "S1_R1_O2",
        "prediction": f"<think>{text}</think> <answer>['{answer}']</answer>",
        "condition": condition,
    }


@pytest.fixture
def outputs_file(tmp_path):
    lines = [
        record(
            number,
            condition,
            "Corp" if condition == "short" else "D",
            f"{condition} thoughts <b>{number}</b>",
        )
        for number in range(4)
        for condition in ("short", "long")
    ]
    (tmp_path / "outputs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path


def of_outputs(text=SMALL):
    text = text.replace("source: cotempqa-twin", "source: 'outputs:outputs.jsonl'").replace(
        "simulated-r1", "long"
    )
    return text.replace("text: correct}", "text: short}").replace("paper\n", "paper\ncomprehension:\n", 1)


def test_models_outputs_are_rated_by_condition(load, outputs_file):
    drawn = materials.draw(load(of_outputs()), outputs_file)
    first = drawn.rated[0]
    assert first.texts["long"].startswith("long thoughts <b>")
    assert first.answer == "Corp"
    with pytest.raises(InputError, match="no text 'other', expected one of long, short"):
        materials.draw(load(of_outputs().replace("text: short", "text: other")), outputs_file)


def test_models_own_right_and_wrong_answers_are_judged(load, outputs_file):
    text = TRUST + (
        "materials: {source: 'outputs:outputs.jsonl', seed: 1}\n"
        "trust:\n  assignment: within\n  arms: {none: a, trace: b}\n  pages: 4\n  problems: 4\n  text: t\n"
        "  accept: a\n  reject: r\n  confidence: {text: c, scale: sureness}\n"
    )
    drawn = materials.draw(load(text), outputs_file)
    assert {judged.right.answer for judged in drawn.judged} == {"['Corp']"}
    assert {judged.wrong.answer for judged in drawn.judged} == {"['D']"}
    with pytest.raises(InputError, match="outputs have no explanations"):
        materials.draw(load(text.replace("trace: b", "both: b")), outputs_file)


# --- R1's texts -------------------------------------------------------------------------------


def test_the_repositorys_files_are_merged_by_problem(monkeypatch, tmp_path):
    shared = {key: record(1, "", "", "")[key] for key in ("question", "facts", "gold", "triple_element")}
    rows = {
        "mix_with_summary": {**shared, "r1_trace": "Hm.", "r1_trace_summary": "In short."},
        "mix_with_explanation": {**shared, "r1_trace": "Hm.", "r1_exp_ans": "Because."},
    }
    files = {}
    for name, row in rows.items():
        path = f"results/Cotempqa/deepseek_r1_correct_responses_{name}.json"
        copy = tmp_path / f"{name}.json"
        copy.write_text(json.dumps(row) + "\n")
        files[family_files.FamilyFile(path, "0" * 40, 1, family_files.R1)] = copy
    monkeypatch.setattr(family_files, "present", lambda: files)
    (answered,), origin = r1.load()
    assert answered.texts == {
        "r1_trace": "Hm.",
        "r1_trace_summary": "In short.",
        "r1_explanation": "Because.",
    }
    assert answered.problem.category == "mix"
    assert "repository" in origin


def without_r1(monkeypatch):
    monkeypatch.setattr(family_files, "present", dict)
    monkeypatch.setattr(family_files, "sample", lambda: None)


def test_without_r1s_texts_the_command_that_gets_them_is_named(monkeypatch):
    without_r1(monkeypatch)
    with pytest.raises(InputError, match="`tracelib release fetch --family` gets"):
        materials.draw(config.load("paper").study)


def test_a_preview_without_r1s_texts_says_that_they_are_simulated(monkeypatch):
    without_r1(monkeypatch)
    study, drawn, missing = materials.previewed(config.load("paper").study)
    assert "tracelib release fetch" in missing
    assert study.ratings.kinds["r1"].label == "simulated: R1's trace"
    assert study.ratings.kinds["correct"].label == "decomposed, correct"
    assert len(drawn.rated) == 20


def test_the_sample_has_enough_problems_for_the_papers_study(release_root):
    drawn = materials.draw(config.load("paper").study)
    assert len(drawn.rated) == 20
    assert all(len(rated.texts["r1"].split()) > 50 for rated in drawn.rated)
