import json
import re
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tracelib.core.errors import InputError
from tracelib.datasets import export
from tracelib.datasets.cotempqa import reader as cotempqa
from tracelib.datasets.export import Column, from_json_lines, to_folder, to_json_lines
from tracelib.datasets.problem import NO_CATEGORY, Problem, checked

ABOUT = {"title": "Small twin", "source": "Made up for a test.", "licence": "cc-by-4.0"}

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
ODD = ["it's", '"a"', "['x']", "\\", "{}", "\u2028", "é|`"]
TEXTS = st.text(CHARACTERS, max_size=30) | st.sampled_from(ODD)
NAMES = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=30).map(lambda text: text + "x")
SENTENCES = TEXTS.map(lambda text: text + "x")  # an entry must have a letter


@st.composite
def problems(draw):
    dataset = draw(st.sampled_from(["cotempqa", "babi", "marco", "my own"]))
    facts = tuple(draw(st.lists(SENTENCES, min_size=1, max_size=5)))
    supporting = draw(st.sets(st.integers(0, len(facts) - 1)))
    problem = Problem(
        id=draw(TEXTS),
        dataset=dataset,
        question=draw(TEXTS),
        facts=facts,
        gold=tuple(draw(st.lists(SENTENCES, min_size=1, max_size=3))),
        supporting=tuple(sorted(supporting)),
        category=draw(st.sampled_from(cotempqa.CATEGORIES) if dataset == "cotempqa" else NAMES),
        kind=draw(TEXTS),
    )
    return checked(problem, "generated", 1)


def test_columns_stand_beside_the_problems_fields_in_both_forms(tmp_path, problem):
    other = replace(problem, id="other", question="Who else?")
    columns = [Column("trace", "the reasoning | as it came", {problem: "<b>`x`</b>"})]
    to_json_lines([problem, other], tmp_path / "x.jsonl", columns)
    rows = list(map(json.loads, (tmp_path / "x.jsonl").read_text().splitlines()))
    assert [row["trace"] for row in rows] == ["<b>`x`</b>", None]
    assert from_json_lines(tmp_path / "x.jsonl") == [problem, other]
    to_folder({"train": [problem, other]}, tmp_path / "out", **ABOUT, columns=columns)
    table = pq.read_table(tmp_path / "out" / "data" / "train-00000-of-00001.parquet")
    assert table["trace"].to_pylist() == ["<b>`x`</b>", None]
    assert table["id"].to_pylist() == ["p1", "other"]
    card = (tmp_path / "out" / "README.md").read_text()
    assert "| `trace` | string | the reasoning" in card


# --- JSON lines -------------------------------------------------------------------------------


@given(st.lists(problems(), max_size=5))
def test_reading_inverts_writing(tmp_path_factory, drawn):
    path = tmp_path_factory.mktemp("export") / "x.jsonl"
    to_json_lines(drawn, path)
    assert from_json_lines(path) == drawn


def test_what_is_not_known_of_a_problem_is_left_out_and_read_back(tmp_path, problem):
    own = replace(problem, dataset="mine", kind="")
    lacking = [
        replace(own, category=NO_CATEGORY, has_steps=False),
        replace(own, supporting=(), has_steps=False),
        replace(own, facts=(), supporting=(), category=NO_CATEGORY, has_steps=False),
    ]
    to_json_lines(lacking, tmp_path / "x.jsonl")
    assert from_json_lines(tmp_path / "x.jsonl") == lacking
    lines = [json.loads(line) for line in (tmp_path / "x.jsonl").read_text().splitlines()]
    assert [sorted(set(export.ARROW) - set(line)) for line in lines] == [
        ["category"],
        ["supporting"],
        ["category", "facts", "supporting"],
    ]
    to_folder({"train": lacking}, tmp_path / "out", **ABOUT)
    to_folder({"train": [*lacking, problem]}, tmp_path / "some", **ABOUT)
    none, some = ((tmp_path / name / "README.md").read_text(encoding="utf-8") for name in ("out", "some"))
    assert "3 questions, in the format of mine. Each has its correct answers. None has" in none
    assert "None has both steps of the reasoning" in none
    assert "4 questions, in the format of cotempqa, mine. Each has its correct answers." in some
    assert "Both steps of the reasoning that leads there are given for 1:" in some


def test_records_have_the_fields_of_the_audit(tmp_path, problem):
    to_json_lines([problem, replace(problem, id="ö")], tmp_path / "x.jsonl")
    first, second = (tmp_path / "x.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(first) == {
        "id": "p1",
        "dataset": "cotempqa",
        "question": problem.question,
        "facts": list(problem.facts),
        "gold": ["Gamma", "Delta"],
        "supporting": [1, 2],
        "category": "mix",
        "triple_element": "S1_R1_O2",
    }
    assert '"id": "ö"' in second


def test_lines_of_an_audit_are_read(tmp_path, problem):
    """The audit allows whole numbers as ids, no question type, and further fields."""
    to_json_lines([problem], tmp_path / "x.jsonl")
    record = json.loads((tmp_path / "x.jsonl").read_text()) | {
        "id": 7,
        "prediction": "x",
        "supporting": [2, 1],
    }
    del record["triple_element"]
    (tmp_path / "x.jsonl").write_text(json.dumps(record))
    assert from_json_lines(tmp_path / "x.jsonl") == [replace(problem, id="7", kind="")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"supporting": [True]},
            "x.jsonl:2: field 'supporting': expected a list of fact indices",
        ),
        ({"supporting": "1"}, "x.jsonl:2: field 'supporting': expected a list of fact indices, found '1'"),
        ({"supporting": [4]}, "x.jsonl:2: field 'supporting': index 4 is outside the 4 facts"),
        ({"facts": []}, "x.jsonl:2: field 'facts' is empty"),
        ({"id": True}, "x.jsonl:2: field 'id': expected a whole number, found True"),
        ({"category": "all"}, "x.jsonl:2: field 'category': found 'all', expected one of equal,"),
    ],
)
def test_a_bad_record_names_file_and_line_or_is_skipped(tmp_path, problem, change, message):
    path = tmp_path / "x.jsonl"
    to_json_lines([problem], path)
    bad = json.dumps(json.loads(path.read_text()) | change)
    path.write_text(path.read_text() + bad + "\n" + path.read_text())
    with pytest.raises(InputError) as error:
        from_json_lines(path)
    assert message in str(error.value)
    skipped = []
    assert from_json_lines(path, skipped) == [problem, problem]
    assert [message in str(error) for error in skipped] == [True]


def test_a_write_that_fails_leaves_the_old_file(tmp_path, problem):
    def broken():
        yield problem
        raise RuntimeError

    path = tmp_path / "x.jsonl"
    path.write_text("old")
    with pytest.raises(RuntimeError):
        to_json_lines(broken(), path)
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("x.jsonl", "old")]


# --- The folder -------------------------------------------------------------------------------


@pytest.fixture
def splits(problem):
    other = replace(problem, id="p2", category="equal", gold=("Gamma",), supporting=(1,))
    return {"train": [problem, other, replace(other, id="p3")], "test": [replace(problem, id="p4")]}


def header_of(folder):
    card = (folder / "README.md").read_text(encoding="utf-8")
    return yaml.safe_load(card.split("---\n")[1]), card


def test_the_folder_holds_a_table_per_split_and_the_card(tmp_path, splits):
    to_folder(splits, tmp_path / "out", **ABOUT)
    names = sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert names == ["README.md", "data/test-00000-of-00001.parquet", "data/train-00000-of-00001.parquet"]
    rows = pq.read_table(tmp_path / "out" / names[2]).to_pylist()
    assert [row["id"] for row in rows] == ["p1", "p2", "p3"]
    assert rows[0]["facts"] == list(splits["train"][0].facts)


def test_the_hub_library_reads_the_folder(tmp_path, splits, monkeypatch):
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()
    marked = {
        **splits,
        "odd_1": [replace(splits["test"][0], question='it\'s "a" | `b`\u2028é 😀', supporting=())],
    }
    to_folder(marked, tmp_path / "out", **ABOUT)
    loaded = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert list(loaded) == ["train", "test", "odd_1"]
    for split, problems in marked.items():
        to_json_lines(problems, tmp_path / "x.jsonl")
        records = [json.loads(line) for line in (tmp_path / "x.jsonl").read_text("utf-8").split("\n") if line]
        assert loaded[split].to_list() == records


def test_the_card_says_what_the_hub_expects(tmp_path, splits):
    to_folder(splits, tmp_path / "out", **ABOUT)
    header, card = header_of(tmp_path / "out")
    assert header == {
        "license": "cc-by-4.0",
        "language": ["en"],
        "pretty_name": "Small twin",
        "task_categories": ["question-answering"],
        "size_categories": ["n<1K"],
        "configs": [
            {
                "config_name": "default",
                "data_files": [
                    {"split": "train", "path": "data/train-00000-of-00001.parquet"},
                    {"split": "test", "path": "data/test-00000-of-00001.parquet"},
                ],
            }
        ],
    }
    assert "# Small twin\n\n4 questions over a given context, in the format of cotempqa." in card
    assert "| category | train | test |\n| --- | --- | --- |\n| equal | 2 | 0 |\n| mix | 1 | 1 |\n" in card
    assert "| facts | list of string | the context" in card.replace("`", "")
    assert "## How it was made\n\nMade up for a test.\n" in card
    assert json.loads(re.search("```json\n(.*?)\n```", card, re.DOTALL)[1])["id"] == "p1"


def test_a_split_by_any_name_is_a_text_in_the_header(tmp_path, problem):
    to_folder({"no": [problem], "1": [problem]}, tmp_path / "out", **ABOUT)
    files = header_of(tmp_path / "out")[0]["configs"][0]["data_files"]
    assert [file["split"] for file in files] == ["no", "1"]


@pytest.mark.parametrize(("count", "size"), [(999, "n<1K"), (1000, "1K<n<10K"), (10_000, "10K<n<100K")])
def test_the_size_category(tmp_path, problem, count, size):
    to_folder({"train": [problem] * count}, tmp_path / "out", **ABOUT)
    assert header_of(tmp_path / "out")[0]["size_categories"] == [size]


def test_text_in_the_card_is_not_markup(tmp_path, problem):
    odd = replace(problem, category="a|b <i>\nc", question="```\n# x\n````")
    title = 'Ada\'s "first": [x](y) # 😀'
    to_folder({"train": [odd]}, tmp_path / "out", **{**ABOUT, "title": title})
    header, card = header_of(tmp_path / "out")
    assert header["pretty_name"] == title
    assert '\n# Ada\'s "first": \\[x\\](y) \\# 😀\n' in card
    assert "| a\\|b \\<i\\> c | 1 |" in card
    fenced = re.search("\n`````json\n(.*?)\n`````\n", card, re.DOTALL)[1]
    assert json.loads(fenced)["question"] == odd.question


@given(title=st.text(CHARACTERS, max_size=40))
def test_any_title_is_refused_or_read_back(tmp_path_factory, title):
    problem = Problem("p", "babi", "Who?", ("A is here.",), ("A",), (0,), "c")
    folder = tmp_path_factory.mktemp("card") / "out"
    try:
        to_folder({"train": [problem]}, folder, **{**ABOUT, "title": title})
    except InputError:
        assert not title.strip() or not title.isprintable()
        assert not folder.exists()
    else:
        assert header_of(folder)[0]["pretty_name"] == title


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"splits": {}}, "no splits, expected at least one"),
        ({"splits": {"train": []}}, "split 'train' has no problems"),
        ({"splits": {"all": [1]}}, "split 'all': expected letters, digits and _, and not 'all'"),
        ({"splits": {"../x": [1]}}, "split '../x': expected letters"),
        ({"title": "two\nlines"}, r"title 'two\nlines': expected one line of text"),
        ({"source": " "}, "source is empty"),
        ({"licence": "CC BY"}, "licence 'CC BY': expected a hub identifier such as 'cc-by-4.0'"),
    ],
)
def test_wrong_arguments_write_nothing(tmp_path, splits, change, message):
    with pytest.raises(InputError) as error:
        to_folder(**{"splits": splits, "folder": tmp_path / "out", **ABOUT, **change})
    assert message in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_export_is_replaced_and_nothing_else_is(tmp_path, splits):
    folder = tmp_path / "out"
    to_folder(splits, folder, **ABOUT)
    to_folder({"test": splits["test"]}, folder, **ABOUT)
    assert [entry.name for entry in (folder / "data").iterdir()] == ["test-00000-of-00001.parquet"]
    (folder / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match=r"out: holds other files \('thesis.tex'\), expected a new folder"):
        to_folder(splits, folder, **ABOUT)
    assert (folder / "thesis.tex").read_text() == "years of work"
    with pytest.raises(InputError, match="is a file, expected a folder"):
        to_folder(splits, folder / "thesis.tex", **ABOUT)


def test_a_failed_export_leaves_the_earlier_one(tmp_path, splits, problem):
    folder = tmp_path / "out"
    to_folder(splits, folder, **ABOUT)
    card = (folder / "README.md").read_bytes()
    with pytest.raises(UnicodeEncodeError):  # half a character; no reader lets it through
        to_folder({"train": [problem], "test": [replace(problem, question="\ud800")]}, folder, **ABOUT)
    assert (folder / "README.md").read_bytes() == card
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
