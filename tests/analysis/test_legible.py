"""An audit's first warnings: traces in other words, answers without a mark."""

import json

import pytest

from tracelib.analysis import legible
from tracelib.scoring import audit
from tracelib.traces.format import RELEASED, parse, wording

OWN = {
    "dataset": "mine",
    "question": "Where is Ada?",
    "facts": ["Ada went to the office.", "Ben slept."],
    "gold": ["office"],
    "supporting": [0],
    "category": "type 2",
}
WORDED = (
    "<reasoning>Type of question: type 2. Relevant: Ada went to the office.</reasoning> Final answer: office"
)


def audited(tmp_path, *texts, words=RELEASED):
    path = tmp_path / "outputs.jsonl"
    path.write_text(
        "".join(json.dumps(OWN | {"id": str(n), "prediction": t}) + "\n" for n, t in enumerate(texts))
    )
    return audit.read([path], words=words)


def test_traces_in_other_words_are_counted_shown_and_the_words_looked_for_named(tmp_path):
    found = audited(tmp_path, *[WORDED] * 4)
    assert not found.outcomes["trace_correct"].any()
    (note,) = legible.notes(found)
    assert note.startswith("mine, unnamed, unnamed: in 4 of 4 outputs no trace can be read.")
    assert WORDED in note
    assert " and ".join(RELEASED.described) in note
    assert "--category-after" in note


def test_with_their_words_the_same_traces_are_right(tmp_path):
    words = wording(["type of  question:"], ["Relevant:"])
    found = audited(tmp_path, *[WORDED] * 4, words=words)
    assert found.outcomes["trace_correct"].all()
    assert legible.notes(found) == []
    assert words.described == ("the label after 'type of  question:'", "the facts after 'Relevant:'")


def test_outputs_of_nothing_but_answers_lack_no_trace(tmp_path):
    assert legible.notes(audited(tmp_path, "<answer>office</answer>", "<answer>garden</answer>")) == []


def test_answers_without_a_mark_are_shown(tmp_path):
    (note,) = legible.notes(audited(tmp_path, "office", "the garden", "<answer>office</answer>", "office?"))
    assert "3 of 4 answers carry no mark" in note
    assert note.endswith("'office', 'the garden', 'office?'")


def test_how_answers_were_found_is_counted(tmp_path):
    texts = ("<answer>office</answer>", "\\boxed{office}", "Answer: office", "office", "<think>cut")
    (row,) = legible.found(audited(tmp_path, *texts).outcomes).to_dict("records")
    counted = {name: row[name] for name in ("outputs", "tag", "box", "json", "label", "bare", "none")}
    assert counted == {"outputs": 5, "tag": 1, "box": 1, "json": 0, "label": 1, "bare": 1, "none": 1}
    assert row["without an answer"] == "20.0 [3.6, 62.4]"


LABELS = ["qa1", "task 1", "lists/sets", "how_many", "Ortsfrage-größe", "why question", "a, b", "x: y", "Ä.1"]
ASKED = "The category of the question asked is:"
CITED = "I need to use the following text to answer the question:"


@pytest.mark.parametrize("label", LABELS)
def test_a_label_of_any_characters_is_read_back(label):
    text = f"{ASKED} {label}.\n{CITED} A"
    assert parse(text, label).category == label.lower()
    assert parse(text.replace(label, f"**{label}**"), label).category == label.lower()
    assert parse(text.replace(label, f"{label}2"), label).category != label.lower()


def test_a_phrase_may_leave_words_open():
    words = wording(["kind * is:"], [])
    assert parse("The kind of this question is: where.", words=words).category == "where"


def test_traces_behind_many_plain_answers_and_of_few_words_are_not_overlooked(tmp_path):
    many = ["<answer>office</answer>"] * 1200
    for hidden in (WORDED, "<think>Type: where. Fact: 3</think><answer>office</answer>"):
        path = tmp_path / "second.jsonl"
        lines = [OWN | {"condition": "b", "id": str(n), "prediction": hidden} for n in range(20)]
        path.write_text("\n".join(map(json.dumps, lines)))
        audited(tmp_path, *many)  # writes the first file
        found = audit.read([tmp_path / "outputs.jsonl", path])
        (note,) = [note for note in legible.notes(found) if "can be read" in note]
        assert note.startswith("mine, unnamed, b: in 20 of 20 outputs no ")


def test_one_missing_step_is_named(tmp_path):
    text = f"<think>{CITED} Ada went to the office.</think><answer>office</answer>"
    (note,) = legible.notes(audited(tmp_path, *[text] * 3))
    assert "no label can be read" in note


def test_labels_that_are_never_the_problems_are_shown(tmp_path):
    text = f"<think>{ASKED} kind.\n{CITED} Ada went to the office.</think><answer>office</answer>"
    (note,) = legible.notes(audited(tmp_path, *[text] * 8))
    assert "none of the 8 labels that were read is right." in note
    assert note.endswith("Read, for instance: 'kind'; labels of the problems: 'type 2'")


def test_outputs_without_an_answer_are_shown(tmp_path):
    (*_, note) = legible.notes(audited(tmp_path, "<think>cut off here", "<think>cut too"))
    assert "2 of 2 outputs have no answer that can be found: '<think>cut off here'" in note


FACT = "Ada went to the office."


@pytest.mark.parametrize(
    "text",
    [
        f"<think>\n\n</think>\n\n{ASKED} type 2.\n{CITED} {FACT}\n<answer>office</answer>",
        f"<think>{ASKED} type 2.</think>\n<think>{CITED} {FACT}</think><answer>office</answer>",
        f"<think>{ASKED}\n- \u201ctype 2\u201d\n{CITED} {FACT}</think><answer>office</answer>",
        f"<think>{ASKED} <b>type 2</b> (where)\n{CITED} {FACT}</think><answer>office</answer>",
    ],
)
def test_steps_are_found_wherever_they_stand_and_however_a_label_is_marked(tmp_path, text):
    assert audited(tmp_path, text).outcomes["trace_correct"].all()


@pytest.mark.parametrize("phrase", ["Type of question", "type of question:", "Type of question "])
def test_a_colon_belongs_to_no_label(tmp_path, phrase):
    words = wording([phrase], ["Relevant"])
    assert audited(tmp_path, WORDED, words=words).outcomes["trace_correct"].all()


def test_in_other_words_the_facts_end_where_another_part_begins(tmp_path):
    text = "<think>Kind: type 2\nFacts: Ada went to the office.\nReasoning: not that Ben slept.</think>office"
    assert audited(tmp_path, text, words=wording(["Kind:"], ["Facts:"])).outcomes["trace_correct"].all()


SOLVED = "She sells 16 - 3 - 4 = 9 eggs a day, so that she makes 9 * 2 = 18 dollars: 18"


def of_a_task(tmp_path, gold, answers, dataset="task"):
    records = [
        {"dataset": dataset, "question": f"Q{n}?", "gold": gold, "prediction": f"<answer>{answer}</answer>"}
        for n, answer in enumerate(answers)
    ]
    path = tmp_path / "outputs.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return legible.notes(audit.read([path]))


def test_gold_texts_that_no_answer_can_equal_are_shown(tmp_path):
    (note,) = of_a_task(tmp_path, SOLVED, ["18", "18", SOLVED])
    assert note.startswith("task: of 2 wrong answers looked at, 2 are far shorter than their gold text")
    assert SOLVED in note
    assert "--field gold=NAME" in note
    assert of_a_task(tmp_path, [SOLVED, "18"], ["17", "16"]) == []
    assert of_a_task(tmp_path, SOLVED, [SOLVED.replace("18", "17"), "18"]) == []  # only half of them
    assert of_a_task(tmp_path, SOLVED, [SOLVED]) == []


def test_texts_are_read_again_once_however_many_runs_there_are(tmp_path, monkeypatch):
    records = [OWN | {"id": str(seed), "seed": seed, "prediction": WORDED} for seed in range(30)]
    path = tmp_path / "outputs.jsonl"
    path.write_text("\n".join(map(json.dumps, records)))
    found, texts, passes = audit.read([path]), audit.texts, []
    monkeypatch.setattr(audit, "texts", lambda *args: passes.append(args) or texts(*args))
    assert "the same of 25 more runs" in legible.notes(found)
    assert len(passes) == 1
