"""The explorer's files: an index of all outcomes, and the texts in chunks."""

from dataclasses import replace

import pytest

from tests.book.explorer.made import STRANGE, read, source
from tracelib.book.explorer import files
from tracelib.scoring import outcomes
from tracelib.scoring.outputs import Output


@pytest.fixture
def written(twins, tmp_path):
    """Three runs on ten problems; the files end after few characters."""
    runs = [source(twins[:10], condition) for condition in ("correct", "both-wrong", "vanilla")]
    files.write(runs, tmp_path / "data", most=4000)
    return tmp_path / "data", runs


def test_the_index_has_a_verdict_per_outcome(written):
    index = read(written[0], "index")
    columns = index["outcomes"]
    assert [(run["condition"], run["seed"], run["n"]) for run in index["runs"]] == [
        ("correct", 1, 10), ("both-wrong", 1, 10), ("vanilla", 1, 10),
    ]  # fmt: skip
    assert columns["trace"] == "1" * 10 + "0" * 10 + "u" * 10
    assert columns["category"] == columns["facts"] == "1" * 10 + "0" * 20
    assert columns["answer"] == dict.fromkeys(("primary", "official", "strict"), "1" * 30)
    assert columns["item"] == list(range(10)) * 3


def test_each_chunk_has_whole_problems_with_every_output_to_them(written, twins):
    folder, runs = written
    index = read(folder, "index")
    chunks = sorted(path.stem for path in folder.glob("texts-*.js"))
    assert len(chunks) == len(index["firsts"]) > 2
    items = [item for name in chunks for item in read(folder, name)["items"]]
    assert {read(folder, name)["build"] for name in chunks} == {index["build"]}
    assert index["firsts"] == [
        sum(len(read(folder, name)["items"]) for name in chunks[:k]) for k in range(len(chunks))
    ]
    for place, (item, problem) in enumerate(zip(items, twins[:10], strict=True)):
        assert index["items"]["question"][place] == problem.question
        assert item["facts"] == list(problem.facts)
        assert item["supporting"] == list(problem.supporting)
        assert [said["outcome"] for said in item["said"]] == [place, place + 10, place + 20]
        for said, run in zip(item["said"], runs, strict=True):
            assert "".join(text for text, _ in said["pieces"]) == run.outputs[place].prediction
            assert [step[1] for step in said["steps"]] == [
                step.verdict for step in run.explain(run.outputs[place]).steps
            ]


def test_where_no_text_may_be_shown_there_are_verdicts_and_no_text(twins, tmp_path):
    bare = replace(source(twins[:3], "both-wrong"), outputs=())
    files.write([bare], tmp_path / "data")
    everything = "".join(path.read_text("utf-8") for path in (tmp_path / "data").iterdir())
    for problem in twins[:3]:
        assert problem.question not in everything
        assert not any(fact in everything for fact in problem.facts)
        assert problem.content in everything
    (item, *_) = read(tmp_path / "data", "texts-000")["items"]
    assert "facts" not in item
    category, facts, answer = item["said"][0]["steps"]
    assert category[1:] == ["wrong", "", "Its text is not in this build."]
    gold = len(twins[0].supporting)
    assert facts[3] == f"Facts cited: {gold}, gold: {gold}, both: 0. Its text is not in this build."
    assert answer[3].startswith("The answer was found in answer tags. By metric – corrected: right")


def test_one_problem_of_two_sources_is_one_item_with_both_credits(twins, tmp_path):
    one = source(twins[:2], "correct")
    other = replace(source(twins[:2], "correct", "other-model"), credits=("Outputs: another's.",))
    files.write([one, other], tmp_path / "data")
    items = read(tmp_path / "data", "texts-000")["items"]
    assert [len(item["said"]) for item in items] == [2, 2]
    assert items[0]["credit"] == "Problems: made for a test. Outputs: another's."


def test_a_twin_and_the_real_dataset_are_two_datasets(twins, tmp_path):
    both = [
        source(twins[:2], "correct"),
        source(twins[:2], "correct", dataset="cotempqa", setting="cotempqa"),
    ]
    files.write(both, tmp_path / "data")
    assert read(tmp_path / "data", "index")["items"]["dataset"] == ["cotempqa-twin"] * 2 + ["cotempqa"] * 2


def test_a_trace_that_nobody_can_judge_has_no_verdict(problem, tmp_path):
    unknown = replace(problem, has_steps=False, supporting=())
    made = source([unknown], "correct", texts=["<answer>['Gamma', 'Delta']</answer>"])
    files.write([made], tmp_path / "data")
    columns = read(tmp_path / "data", "index")["outcomes"]
    assert (columns["trace"], columns["category"], columns["facts"]) == ("-", "-", "-")


@pytest.mark.parametrize("name", STRANGE)
def test_any_text_comes_back_as_it_was(name, problem, tmp_path):
    files.write([source([problem], "correct", texts=[STRANGE[name]])], tmp_path / "data")
    (item,) = read(tmp_path / "data", "texts-000")["items"]
    assert "".join(text for text, _ in item["said"][0]["pieces"]) == STRANGE[name]


def test_the_calculator_gets_the_counts_of_the_tables(twins, tmp_path):
    run = source(twins, "correct")
    mixed = [
        replace(output, prediction="no") if place % 3 else output for place, output in enumerate(run.outputs)
    ]
    run = replace(run, outputs=mixed, outcomes=outcomes.score(mixed))
    files.write([run, source(twins[:5], "vanilla")], tmp_path / "data")
    tables = read(tmp_path / "data", "tables")
    assert {(table["condition"], table["metric"]) for table in tables} == {
        ("correct", metric) for metric in ("corrected", "official", "strict")
    }  # vanilla has no right trace
    assert all(table["cells"] == [20, 0, 0, 40] for table in tables)


def test_the_files_are_the_same_every_time(twins, tmp_path):
    for name in ("one", "two"):
        files.write([source(twins[:9], "correct")], tmp_path / name, most=3000)
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two")
    )
    assert one == two


def test_a_failure_leaves_the_earlier_files(twins, tmp_path):
    files.write([source(twins[:2], "correct")], tmp_path / "data")
    before = (tmp_path / "data" / "index.js").read_bytes()

    def fails(output: Output):
        raise RuntimeError("no reason")

    with pytest.raises(RuntimeError):
        files.write([replace(source(twins[:3], "correct"), explain=fails)], tmp_path / "data")
    assert (tmp_path / "data" / "index.js").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
