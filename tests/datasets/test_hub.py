import sys
from itertools import count
from types import SimpleNamespace

import pytest

from tracelib.core.errors import InputError
from tracelib.datasets import hub
from tracelib.datasets.babi import reader as babi

QUERY = {
    "query": "how tall is the tower",
    "query_id": 7,
    "query_type": "NUMERIC",
    "answers": ["80 metres."],
    "wellFormedAnswers": [],
    "passages": {
        "is_selected": [0, 1],
        "passage_text": ["The tower was built in 1901.", "It is 80 m high."],
        "url": ["http://a", "http://b"],
    },
}
STORY = {
    "story": {
        "id": ["1", "2", "3", "4", "5"],
        "type": [0, 0, 1, 0, 1],
        "text": ["Ada took the lamp.", "Ben left.", "What has Ada? ", "Ada took the map.", "What has Ada?"],
        "supporting_ids": [[], [], ["1"], [], ["1", "4"]],
        "answer": ["", "", "lamp", "", "lamp,map"],
    }
}


@pytest.fixture
def calls(monkeypatch):
    """A stand-in for the library: every table holds `calls.rows`; `calls.made` lists the calls."""
    stand_in = SimpleNamespace(rows=[], made=[], error=None)

    def load_dataset(**options):
        stand_in.made.append(options)
        if stand_in.error:
            raise stand_in.error
        return iter(stand_in.rows)

    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset))
    errors = SimpleNamespace(HTTPError=type("HTTPError", (Exception,), {}))
    monkeypatch.setitem(sys.modules, "huggingface_hub.errors", errors)
    return stand_in


def story(**columns):
    return {"story": STORY["story"] | columns}


def test_a_query_of_marco(calls):
    calls.rows = [QUERY]
    (problem,) = hub.load("marco-v2.1", "validation")
    assert problem.dataset == "marco"
    assert problem.facts == ("The tower was built in 1901.", "It is 80 m high.")
    assert (problem.gold, problem.supporting, problem.category) == (("80 metres.",), (1,), "numeric")
    assert calls.made == [
        {
            "path": "microsoft/ms_marco",
            "name": "v2.1",
            "revision": "a47ee7aae8d7d466ba15f9f0bfac3b3681087b3a",
            "split": "validation",
            "streaming": False,
        }
    ]


def test_stories_of_babi(calls):
    """Two questions in each story, one story in each of the 20 tasks; the context grows."""
    calls.rows = [STORY]
    problems = hub.load("babi", "test")
    assert [problem.category for problem in problems] == [c for c in babi.CATEGORIES for _ in range(2)]
    first, second = problems[:2]
    assert first.question == second.question == "What has Ada?"
    assert first.facts == ("Ada took the lamp.", "Ben left.")
    assert (first.gold, first.supporting) == (("lamp",), (0,))
    assert second.facts == ("Ada took the lamp.", "Ben left.", "Ada took the map.")
    assert (second.gold, second.supporting) == (("lamp,map",), (0, 2))
    assert [call["data_files"] for call in calls.made] == [
        {"test": f"en-qa{number}/test/0000.parquet"} for number in range(1, 21)
    ]
    assert {(call["path"], call["revision"]) for call in calls.made} == {
        ("facebook/babi_qa", "821006e33d6ff3674fd888792a4dd1c04648f69f")
    }


def test_a_limit_streams_and_reads_no_further(calls):
    numbers = count(1)
    calls.rows = ({**QUERY, "query": f"query {next(numbers)}"} for _ in iter(int, 1))  # without end
    assert [p.question for p in hub.load("marco-v1.1", "train", limit=3)] == ["query 1", "query 2", "query 3"]
    assert next(numbers) == 4
    assert calls.made[0]["streaming"] is True
    calls.rows = [STORY]
    assert len(hub.load("babi", "train", limit=3)) == 3
    assert len(calls.made) == 1 + 2  # two tasks hold the three problems


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({}, "field 'story': expected lists id, type, text, supporting_ids, answer of one length"),
        ({"story": []}, "field 'story': expected lists"),
        (story(answer=["lamp"]), "field 'story': expected lists"),
        (story(type=[0, 0, 2, 0, 1]), "field 'story': expected lists"),
        (story(text=["a", None, "b?", "c", "d?"]), "field 'story': expected lists"),
        (story(supporting_ids=[[], [], None, [], []]), "field 'story': expected lists"),
        (
            story(supporting_ids=[[], [], ["4"], [], []]),
            "an earlier statement, found '4'",
        ),
    ],
)
def test_a_wrong_story_names_its_place_or_is_skipped(calls, row, message):
    calls.rows = [STORY, row, STORY]
    with pytest.raises(InputError) as error:
        hub.load("babi", "test")
    assert str(error.value).startswith("facebook/babi_qa/en-qa1/test/0000.parquet:2: ")
    assert message in str(error.value)
    skipped = []
    assert len(hub.load("babi", "test", limit=4, skipped=skipped)) == 4
    assert [message in str(error) for error in skipped] == [True]


def test_a_wrong_query_names_its_place(calls):
    calls.rows = [QUERY, QUERY | {"query_type": "POEM"}]
    with pytest.raises(InputError, match=r"^microsoft/ms_marco/v1.1/test:2: field 'query_type'"):
        hub.load("marco-v1.1", "test")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("squad", "train"), "dataset 'squad', expected one of babi, marco-v1.1, marco-v2.1"),
        (("cotempqa", "train"), "cotempqa has no pinned commit on the Hugging Face hub; read its files"),
        (("babi", "dev"), "split 'dev' of babi, expected one of train, test"),
        (("marco-v2.1", "test"), "split 'test' of marco-v2.1, expected one of train, validation"),
        (("babi", "test", 0), "limit 0, expected at least 1"),
    ],
)
def test_wrong_arguments_ask_nothing_of_the_hub(calls, arguments, message):
    with pytest.raises(InputError) as error:
        hub.load(*arguments)
    assert message in str(error.value)
    assert calls.made == []


@pytest.mark.parametrize("kind", [ConnectionError, TimeoutError, FileNotFoundError, "HTTPError"])
def test_a_hub_out_of_reach_is_one_clear_message(calls, kind):
    """Offline mode raises ConnectionError, a file that is not cached FileNotFoundError."""
    kind = sys.modules["huggingface_hub.errors"].HTTPError if kind == "HTTPError" else kind
    calls.error = kind("no route " * 100)
    with pytest.raises(InputError) as error:
        hub.load("babi", "test")
    assert f"babi cannot be loaded from the Hugging Face hub ({kind.__name__}: 'no route" in str(error.value)
    assert "tracelib.datasets.babi.reader.read" in str(error.value)
    assert len(str(error.value)) < 400


def test_a_stream_that_breaks_is_the_same_message(calls):
    def broken():
        yield QUERY
        raise ConnectionResetError("reset by peer")

    calls.rows = broken()
    with pytest.raises(InputError, match=r"hub \(ConnectionResetError: 'reset by peer'\)"):
        hub.load("marco-v1.1", "train", limit=2)


def test_other_errors_are_not_hidden(calls):
    calls.error = ZeroDivisionError("a fault of ours")
    with pytest.raises(ZeroDivisionError):
        hub.load("babi", "test")


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(InputError, match="needs the library datasets: pip install datasets"):
        hub.load("babi", "test")


def test_the_library_itself_offline(monkeypatch, tmp_path):
    datasets = pytest.importorskip("datasets")
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(InputError, match=r"cannot be loaded from the Hugging Face hub \(ConnectionError"):
        hub.load("marco-v1.1", "train", limit=1)
