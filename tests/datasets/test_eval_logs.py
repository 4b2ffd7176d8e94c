"""Logs of other harnesses, made here in the forms that their source code writes."""

import errno
import json
import zipfile

import pytest

from tracelib.core import jsonl, reading
from tracelib.core.errors import InputError
from tracelib.datasets import records, sources
from tracelib.scoring import outputs

FACTS = {"facts": ["Ada left.", "Ada is in the office."], "evidence": [1], "type": "where"}
STEPS = {"facts": "doc.facts", "supporting": "doc.evidence", "category": "doc.type"}
SAMPLES = "samples_my_task_2025-01-31T10-20-30.123456.jsonl"


def lm_eval(number, texts=("office",), **changes):
    return {
        "doc_id": number,
        "doc": {"question": "Where is Ada?", **FACTS},
        "target": "office",
        "arguments": {"gen_args_0": {"arg_0": f"Q: Where is Ada? ({number})", "arg_1": {"until": ["\n"]}}},
        "resps": [list(texts)],
        "filtered_resps": ["taken out"],
        "filter": "none",
        "metrics": ["exact_match"],
        "doc_hash": "0",
        "exact_match": 1.0,
        **changes,
    }


def lines(folder, *records, name=SAMPLES):
    path = folder / name
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def read(path, **options):
    return [output for _, output in outputs.stream(path, **options)]


# --- lm-evaluation-harness --------------------------------------------------------------------


def test_a_line_is_an_output_of_the_task(tmp_path):
    output, _ = read(lines(tmp_path, lm_eval(0), lm_eval(1)))
    problem = output.problem
    assert (problem.dataset, problem.id, problem.gold) == ("my_task", "0", ("office",))
    assert problem.question == "Q: Where is Ada? (0)"
    assert (output.prediction, output.seed, problem.has_steps) == ("office", None, False)


def test_the_documents_fields_are_named_by_path(tmp_path):
    names = STEPS | {"question": "doc.question"}
    (output,) = read(lines(tmp_path, lm_eval(0)), fields=names)
    assert output.problem.question == "Where is Ada?"
    assert output.problem.supporting_facts == ("Ada is in the office.",)
    assert output.problem.has_steps
    (problem,) = sources.load(str(tmp_path / SAMPLES), 1, 0, 8, fields=names)["train"]
    assert problem == output.problem


def test_a_text_is_read_once_however_many_filters_there_are(tmp_path):
    """The lines of one filter follow those of another; versions before 0.4.3 do not name the filter."""
    filters = [lm_eval(number, filter=name) for name in ("strict", "flexible") for number in range(3)]
    assert [output.problem.id for output in read(lines(tmp_path, *filters))] == ["0", "1", "2"]
    for record in filters:
        del record["filter"]
    assert [output.problem.id for output in read(lines(tmp_path, *filters))] == ["0", "1", "2"]


def test_files_put_together_lose_no_output(tmp_path):
    """Other filter names, tasks whose documents have the same numbers, and samples with other texts."""
    other = {"arguments": [["another prompt", {}]]}
    sampled = [lm_eval(0, ["attic"], filter="strict"), lm_eval(0, ["office"], filter="strict")]
    kept = [lm_eval(0), lm_eval(1), lm_eval(0, filter="strict", **other), *sampled[:1]]
    again = [lm_eval(0, filter="flexible", **other), sampled[1]]
    for together in ([*kept, *again], [*again, *kept]):
        notes = []
        assert len(read(lines(tmp_path, *together), notes=notes)) == len(kept)
        (note,) = notes
        assert note.startswith(f"{tmp_path / SAMPLES}: each text is read once; lines left out because they")
        assert note.endswith(": 2")
        unnamed = [{name: value for name, value in one.items() if name != "filter"} for one in together]
        assert len(read(lines(tmp_path, *unnamed))) == len(kept)


def test_a_filter_that_writes_a_text_twice_was_sampled_twice(tmp_path):
    filters = [lm_eval(0, filter=name) for name in ("strict", "flexible") for _ in range(2)]
    notes = []
    assert len(read(lines(tmp_path, *filters), notes=notes)) == 2
    assert len(notes) == 1
    assert read(lines(tmp_path, lm_eval(0), lm_eval(1)), notes=notes)
    assert len(notes) == 1  # no line was left out, so there is no note


MESSAGES = json.dumps(
    [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Q1"},
        {"role": "assistant", "content": "A1"},
        {"role": "user", "content": [{"type": "text", "text": "Where is Ada?"}]},
    ]
)


@pytest.mark.parametrize(
    ("prompt", "question"),
    [
        (MESSAGES, "Q1\nWhere is Ada?"),
        ("[sic] Where is Ada?", "[sic] Where is Ada?"),
        (MESSAGES[:-5], MESSAGES[:-5]),
        ('[{"role": "system", "content": "x"}]', '[{"role": "system", "content": "x"}]'),
        ('[{"role": "user", "content": {"a": 1}}]', '[{"role": "user", "content": {"a": 1}}]'),
        ('[{"role": "user", "content": 5}]', '[{"role": "user", "content": 5}]'),
    ],
)
def test_the_question_of_a_chat_is_what_the_user_says(tmp_path, prompt, question):
    """Their `JsonChatStr` is a named tuple, which JSON writes as a list."""
    for argument in (prompt, [prompt], [[prompt]]):
        for arguments in ({"gen_args_0": {"arg_0": argument, "arg_1": {}}}, [[argument, {"until": []}]]):
            (output,) = read(lines(tmp_path, lm_eval(0, arguments=arguments)))
            assert output.problem.question == question


def test_a_worked_solution_ends_in_the_answer(tmp_path):
    (output,) = read(lines(tmp_path, lm_eval(0, target="3+4=<<3+4=7>>7 eggs.\n#### 7")))
    assert output.problem.gold == ("7",)


def test_repeats_are_seeds(tmp_path):
    found = list(outputs.stream(lines(tmp_path, lm_eval(0, ["office", "attic"]), lm_eval(1, ["a", "b"]))))
    assert [(line, o.problem.id, o.seed, o.prediction) for line, o in found] == [
        (1, "0", 1, "office"),
        (1, "0", 2, "attic"),
        (2, "1", 1, "a"),
        (2, "1", 2, "b"),
    ]


@pytest.mark.parametrize(
    ("target", "gold"),
    [("['it', \"he's\"]", ("it", "he's")), ("4", ("4",)), (4, ("4",)), ("a, b", ("a, b",))],
)
def test_a_list_of_targets_is_printed_there(tmp_path, target, gold):
    assert read(lines(tmp_path, lm_eval(0, target=target)))[0].problem.gold == gold


def test_the_older_form_of_the_arguments(tmp_path):
    record = lm_eval(0, arguments=[["the prompt", {"until": ["\n"]}]])
    assert read(lines(tmp_path, record))[0].problem.question == "the prompt"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"resps": [[["-1.5", "False"]], [["-2.5", "True"]]]},
            "a task that scores given answers generates none",
        ),
        ({"resps": [[["-1.5", "False"]]]}, "field 'resps': expected the generated text"),
        ({"resps": []}, "field 'resps'"),
        ({"resps": None}, "field 'resps'"),
        ({"resps": [[]]}, "field 'resps'"),
        ({"arguments": None}, "field 'question' is missing (found: dataset, doc,"),
        ({"arguments": {"gen_args_0": 3}}, "field 'question' is missing"),
        ({"target": None}, "field 'gold'"),
    ],
)
def test_a_line_that_holds_no_output(tmp_path, change, message):
    path = lines(tmp_path, lm_eval(0), lm_eval(1, **change))
    with pytest.raises(InputError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}:2: ")
    assert message in str(error.value)
    skipped = []
    assert len(read(path, skipped=skipped)) == len(skipped) == 1


def test_without_the_harness_name_the_dataset_has_to_be_said(tmp_path):
    path = lines(tmp_path, lm_eval(0), name="renamed.jsonl")
    with pytest.raises(InputError, match=r"field 'dataset' is missing .* --dataset NAME"):
        read(path)
    assert read(path, dataset="mine")[0].problem.dataset == "mine"


# --- Inspect ----------------------------------------------------------------------------------


def sample(number, epoch=1, **changes):
    message = {"role": "assistant", "content": "office", "source": "generate"}
    return {
        "id": number,
        "epoch": epoch,
        "input": "Where is Ada?",
        "target": "office",
        "messages": [],
        "output": {
            "model": "m",
            "choices": [{"message": message, "stop_reason": "stop"}],
            "completion": "office",
        },
        "scores": {"match": {"value": "C"}},
        "metadata": FACTS,
        **changes,
    }


def header(**config):
    return {
        "version": 2,
        "status": "success",
        "eval": {"task": "my_task", "model": "org/m", "config": config},
    }


def log(folder, *samples, form="eval", epochs=1, name="log"):
    path = folder / f"{name}.{form}"
    if form == "json":
        path.write_text(json.dumps({**header(epochs=epochs), "samples": samples}, indent=2))
        return path
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in samples:
            archive.writestr(f"samples/{each['id']}_epoch_{each['epoch']}.json", json.dumps(each))
        archive.writestr("header.json", json.dumps(header(epochs=epochs)))
        archive.writestr("summaries.json", "[]")
    return path


@pytest.mark.parametrize("form", ["eval", "json"])
def test_a_sample_is_an_output(tmp_path, form):
    path = log(tmp_path, sample(1), sample("b/2"), form=form)
    found = list(outputs.stream(path))
    assert [(number, o.problem.id, o.seed) for number, o in found] == [(1, "1", None), (2, "b/2", None)]
    output = found[0][1]
    assert (output.model, output.problem.dataset, output.prediction) == ("org/m", "my_task", "office")
    assert (output.problem.question, output.problem.gold) == ("Where is Ada?", ("office",))
    assert not output.problem.has_steps
    names = {"facts": "metadata.facts", "supporting": "metadata.evidence", "category": "metadata.type"}
    assert all(output.problem.has_steps for output in read(path, fields=names))
    problems = sources.load(str(path), 1, 0, 8, fields=names)["train"]
    assert [problem.category for problem in problems] == ["where", "where"]


@pytest.mark.parametrize("sort_keys", [True, False])
def test_a_log_on_one_line(tmp_path, monkeypatch, sort_keys):
    path = tmp_path / "log.json"
    document = {**header(), "samples": [sample(1), sample(2, error="stopped"), sample(3)]}
    path.write_text(json.dumps(document, sort_keys=sort_keys) + "\n")
    for longest in (reading.LONGEST_LINE, 1000):  # a log may be longer than a line of records
        for module in (reading, jsonl, records):
            monkeypatch.setattr(module, "LONGEST_LINE", longest)
        skipped = []
        assert [output.problem.id for output in read(path, skipped=skipped)] == ["1", "3"]
        assert len(skipped) == 1


def test_records_with_fields_of_those_names_are_no_logs(tmp_path):
    record = {"dataset": "mine", "question": "Q?", "gold": "x", "prediction": "x"}
    for more in ({"eval": {"score": 1}}, {"eval": 1, "samples": [1]}, {"text": '"eval" "samples"'}):
        assert len(read(lines(tmp_path, record | more, record | more, name="own.jsonl"))) == 2


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_a_member_that_was_written_again_the_last_counts(tmp_path):
    path = log(tmp_path, sample(1), sample(2), sample(1, output=said("attic")))
    assert [(o.problem.id, o.prediction) for o in read(path)] == [("1", "attic"), ("2", "office")]


@pytest.mark.parametrize("form", ["eval", "json"])
def test_epochs_are_seeds(tmp_path, form):
    path = log(tmp_path, sample(1, 1), sample(1, 2), form=form, epochs=2)
    assert [(output.problem.id, output.seed) for output in read(path)] == [("1", 1), ("1", 2)]


CHAT = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": [{"type": "text", "text": "Where"}, {"type": "text", "text": "is Ada?"}]},
]
THOUGHT = [{"type": "reasoning", "reasoning": "She left."}, {"type": "text", "text": "office"}]


def said(content):
    return {"choices": [{"message": {"role": "assistant", "content": content}}], "completion": "office"}


@pytest.mark.parametrize(
    ("change", "question", "prediction"),
    [
        ({"input": CHAT}, "Where\nis Ada?", "office"),
        ({"output": said(THOUGHT)}, "Where is Ada?", "<think>She left.</think>\noffice"),
        ({"output": said(THOUGHT[1:])}, "Where is Ada?", "office"),
        ({"output": {"choices": [], "completion": "attic"}}, "Where is Ada?", "attic"),
        ({"target": ["office", "study"]}, "Where is Ada?", "office"),
    ],
)
def test_messages_and_reasoning(tmp_path, change, question, prediction):
    (output,) = read(log(tmp_path, sample(1, **change)))
    assert (output.problem.question, output.prediction) == (question, prediction)
    assert output.problem.gold == tuple(change.get("target", ["office"]))


@pytest.mark.parametrize("form", ["eval", "json"])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"error": {"message": "out of memory", "traceback": ""}},
            "sample 2 ended in an error, found 'out of",
        ),
        ({"output": {}}, "field 'prediction' is missing"),
        ({"output": 3}, "field 'prediction' is missing"),
        ({"target": ""}, "field 'gold'"),
        ({"target": None}, "field 'gold' is missing"),
        ({"input": [3]}, "field 'question' is missing"),
        ({"input": [{"role": "user", "content": 5}]}, "field 'question' is missing"),
        (
            {"input": [{"role": "user", "content": [{"type": "text", "text": 5}]}]},
            "field 'question' is missing",
        ),
        ({"output": {"choices": [{"message": {"content": {"a": 1}}}]}}, "field 'prediction' is missing"),
    ],
)
def test_a_sample_without_an_output(tmp_path, form, change, message):
    path = log(tmp_path, sample(1), sample(2, **change), form=form)
    with pytest.raises(InputError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}:2: ")
    assert message in str(error.value)
    skipped = []
    assert [output.problem.id for output in read(path, skipped=skipped)] == ["1"]
    assert len(skipped) == 1


def test_a_log_that_was_stopped_has_its_task_in_the_journal(tmp_path):
    path = tmp_path / "log.eval"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_journal/start.json", json.dumps(header()))
        archive.writestr("samples/1_epoch_1.json", json.dumps(sample(1)))
    assert [output.problem.dataset for output in read(path)] == ["my_task"]


def test_zips_that_are_no_logs_or_not_whole(tmp_path):
    whole = log(tmp_path, sample(1)).read_bytes()
    other = tmp_path / "other.eval"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("x.json", "{}")
    damaged = bytearray(whole)
    damaged[60:90] = b"\0" * 30
    broken = {"cut.eval": whole[:-30], "damaged.eval": bytes(damaged), "start.eval": b"PK\x03\x04"}
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match="a zip that is cut or damaged") as error:
            read(tmp_path / name)
        assert str(tmp_path / name) in str(error.value)
    with pytest.raises(InputError, match=r"a zip without header\.json or _journal/start.json"):
        read(other)


@pytest.mark.parametrize("packed", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damage_in_any_compression_is_one_clear_error(tmp_path, packed):
    """A changed byte in the data or the names: the log is read, or refused with an error that names it."""
    path = tmp_path / "log.eval"
    with zipfile.ZipFile(path, "w", packed) as archive:
        archive.writestr("header.json", json.dumps(header()))
        archive.writestr("samples/é_epoch_1.json", json.dumps(sample(1)))
    whole, said = path.read_bytes(), []
    for at in range(0, len(whole), 2):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xC5]) + whole[at + 1 :])
        try:
            read(path)
        except InputError as error:
            said.append(str(error))
    assert all(message.startswith(str(path)) for message in said)
    assert sum("a zip that is cut or damaged" in message for message in said) > len(whole) / 6


def test_an_error_of_the_disk_is_none_of_the_zip(tmp_path, monkeypatch):
    def fail(*_):
        raise PermissionError(errno.EACCES, "Permission denied", "log.eval")

    path = log(tmp_path, sample(1))
    monkeypatch.setattr(zipfile, "ZipFile", fail)
    with pytest.raises(PermissionError):
        read(path)


def test_a_zip_in_a_compression_that_this_python_lacks(tmp_path):
    content = log(tmp_path, sample(1)).read_bytes()
    deflated, zstandard = (8).to_bytes(2, "little"), (93).to_bytes(2, "little")
    at = content.index(b"PK\x01\x02")  # the central directory states how each file is packed
    changed = content[:at] + content[at:].replace(deflated, zstandard)
    (tmp_path / "log.eval").write_bytes(changed)
    with pytest.raises(InputError, match=r"a zip that cannot be read here .*inspect log convert --to json"):
        read(tmp_path / "log.eval")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n "version": 2,\n "eval": {},\n "samples": 3\n}', "'samples': expected a list, found 3"),
        ('{\n "version": 2,\n "eval": {}', r":3: not one JSON document"),
        ('{\n "results": {}\n}', r"one JSON object over several lines, found \['results'\]"),
    ],
)
def test_documents_that_are_no_logs(tmp_path, text, message):
    path = tmp_path / "log.json"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read(path)
