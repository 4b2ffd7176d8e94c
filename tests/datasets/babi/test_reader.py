import csv
import json
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracelib.core.errors import InputError
from tracelib.core.jsonl import read_json_lines
from tracelib.core.reading import GZIP
from tracelib.datasets.babi import reader as babi

STORY = """\
1 Wolves are afraid of mice.
2 Ada is a wolf.
3 What is ada afraid of? \tmouse\t1 2
4 Mice are afraid of cats.
5 Bob is a mouse.
6 What is bob afraid of?\tcat\t5 4
1 Cy is a cat.
2 Cats are afraid of wolves.
3 What is cy afraid of?\twolf\t2 1
"""
ROW = {
    "passages": "['Ada went to the attic.', 'Bob went to the yard.', 'Ada went to the attic.']",
    "query": "...",
    "question": "Where is Ada?",
    "query_type": "single-supporting-fact",
    "reasoning": "...",
    "answer_passage": "['Ada went to the attic.']",
    "answer": "attic",
}


def published(folder, text, name="qa15_basic-deduction_train.txt"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def released(folder, *rows, name="test.csv"):
    path = folder / name
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, ROW)
        writer.writeheader()
        writer.writerows(rows)
    return path


# --- The published format ---------------------------------------------------------------------


def test_stories_as_published(tmp_path):
    first, second, third = babi.read(published(tmp_path, STORY))
    assert first.question == "What is ada afraid of?"
    assert first.facts == ("Wolves are afraid of mice.", "Ada is a wolf.")
    assert (first.gold, first.supporting, first.category) == (("mouse",), (0, 1), "basic-deduction")
    assert (first.dataset, first.kind) == ("babi", "")
    assert second.facts == (*first.facts, "Mice are afraid of cats.", "Bob is a mouse.")
    assert second.supporting == (2, 3)  # lines 4 and 5: line 3 is a question and no fact
    assert third.facts == ("Cy is a cat.", "Cats are afraid of wolves.")
    assert first.id == first.content


def test_a_sentence_said_twice_supports_at_both_places(tmp_path):
    story = "1 Ada took the pen.\n2 Ada left the pen.\n3 Ada took the pen.\n4 What is Ada carrying?\tpen\t3\n"
    (problem,) = babi.read(published(tmp_path, story, "qa8_lists-sets_test.txt"))
    assert problem.supporting == (0, 2)


def test_a_list_is_one_answer(tmp_path):
    story = "1 Ada took the pen.\n2 Ada took the cup.\n3 What is Ada carrying?\tpen,cup\t1 2\n"
    (problem,) = babi.read(published(tmp_path, story, "qa8_lists-sets_test.txt"))
    assert problem.gold == ("pen,cup",)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("Ada left.\n", 1, "expected a line number and a sentence, found 'Ada left.'"),
        ("2 Ada left.\n", 1, "line number 2, expected 1 or the 1 of a new story"),
        ("1 Ada left.\n3 Bob left.\n", 2, "line number 3, expected 2 or the 1 of a new story"),
        (
            "1 A.\n2 Why?\tx\n",
            2,
            "2 columns, expected question, answer and supporting lines separated by tabs",
        ),
        ("1 A.\n2 Why?\tx\t1\t1\n", 2, "4 columns, expected question"),
        ("1 A.\n2 Why?\tx\t1\t\n", 2, "4 columns, expected question"),
        ("1 A.\n2 Why?\t\tx\t1\n", 2, "4 columns, expected question"),
        ("1 A.\n2 Why? x\t1\n", 2, "2 columns, expected question"),
        ("1 A.\n2 B went\thome.\n", 2, "2 columns, expected question"),
        ("1 A.\n2 B.\t\n", 2, "2 columns, expected question"),
        ("1 A.\n2 B.\tx\t1\n", 2, "a statement with an answer, expected a question, found 'B.\\tx\\t1'"),
        ("1 A.\n2 Why?\t\t1\n", 2, "field 'gold': an entry without a letter or digit"),
        *[
            (
                f"1 A left.\n2 {text}\n3 B left.\n",
                2,
                "neither a statement nor a question, expected a sentence with",
            )
            for text in (
                "Where is A?",
                "Where is A?  attic  1",
                "Where is A?attic1",
                "Where is A?\\tattic\\t1",
                "Where is A？ attic 1",
                "Where is A?\u00a0attic\u00a01",
                "where is A attic 1",
                "where is A attic",
                "where is A\\tattic\\t1",
                "B left. attic 1",
                "B left. attic",
                "B asked why? and left.",
            )
        ],
        ("1 a left\n2 where is a  attic  1\n", 2, "neither a statement nor a question"),
        ("1 अ गया।\n2 अ कहाँ है बगीचा\n", 2, "neither a statement nor a question"),
        ("1 Where is Ada hallway\n", 1, "neither a statement nor a question"),
        ("1 A.\n2 Where is Ada hallway.\n", 2, "neither a statement nor a question"),
        ("1 A\n2 is Ada in the hall yes\n", 2, "neither a statement nor a question"),
        ("1 A.\n2 Will the box fit in the chest no.\n", 2, "neither a statement nor a question"),
        (
            "1 A.\n2 Why?\tx\t2\n",
            2,
            "supporting lines: expected the numbers of earlier statements of the story, found '2'",
        ),
        ("1 A.\n2 Why?\tx\tone\n", 2, "of the story, found 'one'"),
        ("1 A.\n2 Why?\tx\t\n", 2, "of the story, found ''"),
        ("1 Why?\tx\t1\n", 1, "a question before any statement of its story"),
        ("1 A.\n2 Why?\t.\t1\n", 2, "field 'gold': an entry without a letter or digit"),
        (b"1 A.\n2 \xff\n", 2, "not UTF-8 text (byte 2 of the line)"),
        ("".join(f"{n} A.\n" for n in range(1, 1002)), 1001, "a story of more than 1,000 lines"),
    ],
)
def test_a_bad_line_names_file_and_line(tmp_path, text, line, message):
    with pytest.raises(InputError) as error:
        babi.read(published(tmp_path, text))
    assert f"qa15_basic-deduction_train.txt:{line}: " in str(error.value)
    assert message in str(error.value)


def test_names_that_begin_as_questions_do_are_statements(tmp_path):
    text = "1 Will went to the hall.\n2 Isa is with Whoopi.\n3 Howard left.\n4 Where is Will?\thall\t1\n"
    (problem,) = babi.read(published(tmp_path, text))
    assert problem.facts == ("Will went to the hall.", "Isa is with Whoopi.", "Howard left.")


def test_a_bad_question_leaves_the_rest_of_its_story(tmp_path):
    skipped = []
    problems = babi.read(published(tmp_path, STORY.replace("\t1 2", "\t9")), skipped)
    assert [problem.gold for problem in problems] == [("cat",), ("wolf",)]
    assert [str(error).partition("txt:")[2][:21] for error in skipped] == ["3: supporting lines: "]


@pytest.mark.parametrize("bad", ["Ada is a wolf.", "7 Ada is a wolf.", "2 \udcff"])
def test_a_broken_story_is_left_at_its_bad_line(tmp_path, bad):
    skipped = []
    text = STORY.replace("2 Ada is a wolf.", bad).encode(errors="surrogateescape")
    problems = babi.read(published(tmp_path, text), skipped)
    assert [problem.gold for problem in problems] == [("wolf",)]
    assert [str(error).partition("txt:")[2][:3] for error in skipped] == ["2: ", "3: ", "6: "]
    assert str(skipped[1]).endswith("a question after a bad line of its story")


@pytest.mark.parametrize("lost", ["2 Ada is a wolf", "2 Ada is a wolf.\tx", "2 What is Ada?  wolf  1"])
def test_a_story_that_may_lack_a_statement_is_left(tmp_path, lost):
    """A later question could be about the missing statement; each lost question is counted."""
    skipped = []
    problems = babi.read(published(tmp_path, STORY.replace("2 Ada is a wolf.", lost)), skipped)
    assert [problem.gold for problem in problems] == [("wolf",)]
    assert [str(error).partition("txt:")[2][:3] for error in skipped] == ["2: ", "3: ", "6: "]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("1 A left .\n2 where is A ?\thome\t1\n", ("A left .",)),
        ("1 A left\n2 B left\n3 where is A\thome\t1\n", ("A left", "B left")),
        ("1 A left!\r\n2 B left.\r\n3 Why?\tx\t1\r\n", ("A left!", "B left.")),
        ('1 A left.\n2 B said "no."\n3 Why? \tx\t1 2\n', ("A left.", 'B said "no."')),
        ("1 अ गया।\n2 अ कहाँ है?\tघर\t1\n", ("अ गया।",)),
        ("1\tA left.\n2\tWhy?\tx\t1\n", ("A left.",)),
    ],
)
def test_other_ways_to_write_statements_and_questions(tmp_path, text, facts):
    (problem,) = babi.read(published(tmp_path, text))
    assert problem.facts == facts


@pytest.mark.parametrize("name", ["qa15_train.txt", "qa15_valid.txt", "qa15.txt", "qa15_basic-deduction.txt"])
def test_the_number_alone_is_the_task(tmp_path, name):
    assert {problem.category for problem in babi.read(published(tmp_path, STORY, name))} == {
        "basic-deduction"
    }


@pytest.mark.parametrize(
    "name",
    [
        "story.txt",
        "qa1_counting_train.txt",
        "qa21_train.txt",
        "qa0_x.txt",
        "qa7_counting",
        "qa_joint_test.txt",
    ],
)
def test_the_file_name_says_the_task(tmp_path, name):
    with pytest.raises(InputError, match=r"expected one like qa15_basic-deduction_train\.txt"):
        babi.read(published(tmp_path, STORY, name))


@pytest.mark.parametrize("name", ["qa15_basic-deduction_test.txt", "nothing.csv"])
def test_a_missing_file(tmp_path, name):
    with pytest.raises(InputError, match="no such file"):
        babi.read(tmp_path / name)


BREAKS = (  # ways to damage a line's tabs or its end
    lambda line: line.replace("\t", " "),
    lambda line: line.replace("\t", "    "),
    lambda line: line.replace("\t", "\u00a0"),
    lambda line: line.replace("\t", "\\t"),
    lambda line: line.replace("\t", ""),
    lambda line: line.replace("\t", ","),
    lambda line: line.replace("\t", " ", 1),
    lambda line: line.replace("\t", "\t\t", 1),
    lambda line: line + "\t",
    lambda line: line.rpartition("\t")[0],
    lambda line: line.partition("\t")[0],
    lambda line: line.replace("?", "").replace("\t", " "),
    lambda line: line.replace("?", "."),
)


@settings(deadline=None)
@given(st.sampled_from([2, 5, 8]), st.sampled_from(BREAKS))
def test_a_broken_question_is_never_a_statement(tmp_path_factory, place, broken):
    lines = STORY.splitlines()
    lines[place] = broken(lines[place])
    path = published(tmp_path_factory.getbasetemp(), "\n".join(lines))
    with pytest.raises(InputError, match=rf"train\.txt:{place + 1}: "):
        babi.read(path)
    whole = {fact for problem in babi.read(published(path.parent, STORY)) for fact in problem.facts}
    published(path.parent, "\n".join(lines))
    skipped = []
    problems = babi.read(path, skipped)
    assert len(problems) + len(skipped) == 3
    assert {fact for problem in problems for fact in problem.facts} <= whole


JUNK = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.sampled_from(
            [
                b"1 A left.\n",
                b"2 B left.\n",
                b"3 Who?\tA\t1\n",
                b"2 Who?\tA\t1 2",
                b"\0",
                b"\xff\n",
                b"\t",
                b"1 ",
            ]
        )
    ).map(b"".join),
)


@settings(deadline=None)
@given(JUNK)
@example(b"\x1f\x8b")
def test_any_bytes_are_problems_or_an_error_with_its_line(tmp_path_factory, content):
    folder = tmp_path_factory.getbasetemp()
    path = published(folder, content)
    if content.startswith(GZIP):  # too short to be an archive, so it has no lines
        with pytest.raises(InputError, match=r"train\.txt: gzip data"):
            babi.read(path, [])
        return
    skipped = []
    lenient = babi.read(path, skipped)
    if skipped:
        with pytest.raises(InputError, match=r"train\.txt:\d+: "):
            babi.read(path)
    else:
        assert babi.read(path) == lenient
    for problem in lenient:
        assert problem.facts
        assert set(problem.supporting) <= set(range(len(problem.facts)))


# --- The release ------------------------------------------------------------------------------


def test_rows_as_released(tmp_path):
    (problem,) = babi.read(released(tmp_path, ROW))
    assert problem.facts == ("Ada went to the attic.", "Bob went to the yard.", "Ada went to the attic.")
    assert (problem.gold, problem.supporting) == (("attic",), (0, 2))
    assert (problem.category, problem.dataset, problem.kind) == ("single-supporting-fact", "babi", "")


def test_an_output_line_is_the_same_problem(tmp_path):
    line = {"passage": ROW["passages"], "gold": ROW["answer"], "prediction": "..."}
    line |= {name: ROW[name] for name in ("question", "query_type", "answer_passage")}
    path = tmp_path / "outputs.json"
    path.write_text(json.dumps(line))
    assert read_json_lines(path, babi.from_record) == babi.read(released(tmp_path, ROW))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"passages": "Ada went to the attic."}, "field 'passages': expected a printed list of strings"),
        ({"passages": "['Ada went to the attic.'"}, "field 'passages': expected a printed list of strings"),
        ({"passages": "[['Ada went to the attic.']]"}, "field 'passages': expected a printed list"),
        ({"passages": ""}, "field 'passages': expected a printed list of strings, found ''"),
        ({"passages": "[]", "answer_passage": "[]"}, "field 'facts' is empty"),
        ({"answer_passage": "['a', 3]"}, "field 'answer_passage': expected a printed list of strings"),
        ({"answer_passage": "['Bob left.']"}, "expected sentences of the context, found 'Bob left.'"),
        ({"query_type": "deduction"}, "field 'query_type': expected the name of a bAbI task"),
        ({"answer": ""}, "field 'gold': an entry without a letter or digit"),
        ({"question": "Where\0?"}, "NUL"),
    ],
)
def test_a_bad_row_is_refused_or_left_out(tmp_path, change, message):
    path = released(tmp_path, ROW, ROW | change, ROW)
    with pytest.raises(InputError) as error:
        babi.read(path)
    assert "test.csv:3: " in str(error.value)
    assert message in str(error.value)
    skipped = []
    assert len(babi.read(path, skipped)) == 2
    assert [str(left) for left in skipped] == [str(error.value)]


def test_a_row_in_another_encoding_is_left_out(tmp_path):
    path = released(tmp_path, ROW, ROW | {"answer": "attiqué"}, ROW)
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xe9"))
    skipped = []
    assert len(babi.read(path, skipped)) == 2
    assert "test.csv:3: field 'answer': not valid Unicode text" in str(skipped[0])


PRINTED = st.one_of(
    st.text(max_size=40).map(lambda text: text.replace("\r", "")),
    st.lists(st.sampled_from(["['", "', '", "']", "[", "]", '"', "\\", "a", "\0"]), max_size=9).map("".join),
)


@settings(deadline=None)
@given(PRINTED, PRINTED)
def test_any_row_is_a_problem_or_an_error(tmp_path_factory, passages, cited):
    path = released(
        tmp_path_factory.getbasetemp(), ROW | {"passages": passages, "answer_passage": cited}, ROW
    )
    skipped = []
    assert len(babi.read(path, skipped)) + len(skipped) == 2


def test_occurrences():
    assert babi.occurrences(("a", "b", "a", "c"), {"a", "c"}) == (0, 2, 3)


FILES = {
    "test_dataset_for_prompting.csv": 376,
    "train_dataset_for_prompting.csv": 3773,
    "sft_dataset_chat_template/test.csv": 376,
    "sft_dataset_chat_template/train.csv": 3773,
    "sft_dataset_reasoning_chat_template/test.csv": 376,
    "sft_dataset_reasoning_facts_perturbed_chat_template/test.csv": 376,
    "sft_dataset_reasoning_with_facts_chat_template/test.csv": 376,
}


def test_the_release_is_read_whole(release_root):
    folder = release_root / "babiqa/data/babiqa"
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.csv")} == set(FILES)
    read = {name: babi.read(folder / name) for name in FILES}
    assert {name: len(problems) for name, problems in read.items()} == FILES
    train = read["train_dataset_for_prompting.csv"]
    assert read["sft_dataset_chat_template/train.csv"] == train
    assert len({problem.id for problem in train}) == 3686
    assert Counter(problem.category for problem in train) == {
        "single-supporting-fact": 200,
        "two-supporting-facts": 200,
        "two-arg-relations": 1000,
        "counting": 200,
        "lists-sets": 200,
        "conjunction": 200,
        "time-reasoning": 200,
        "basic-deduction": 250,
        "basic-induction": 1000,
        "positional-reasoning": 125,
        "size-reasoning": 198,
    }
    assert sum(len(set(problem.facts)) < len(problem.facts) for problem in train) == 123


def test_the_releases_outputs_are_read_whole(release_root):
    folder = release_root / "babiqa/results/Babiqa/evaluation_outputs"
    read = [read_json_lines(path, babi.from_record) for path in sorted(folder.rglob("*.json"))]
    assert list(map(len, read)) == [376] * 6
    expected = babi.read(release_root / "babiqa/data/babiqa/test_dataset_for_prompting.csv")
    assert all(sorted(p.id for p in problems) == sorted(p.id for p in expected) for problems in read)
