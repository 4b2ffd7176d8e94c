import sys

from tests.cli.conftest import run
from tracelib.core import terminal
from tracelib.datasets import export, twins
from tracelib.datasets.export import Column
from tracelib.traces.conditions import CONDITIONS, TAUGHT


def verdicts(out):
    """The words of each condition's verdicts."""
    blocks = out[out.index("\n\n") + 2 :].strip().split("\n\n")
    return {block.split("\n")[0]: [line[10:] for line in block.split("\n")[-3:]] for block in blocks}


def test_every_condition_is_shown_with_its_verdicts(capsys):
    status, out, _ = run(capsys, "traces", "show", "cotempqa-twin", "--count", 20)
    assert status == 0
    found = verdicts(out)
    assert list(found) == list(CONDITIONS)
    (problem,) = twins.generate("cotempqa", 1, 0, 8)
    gold = len(problem.supporting)
    right = f"right (cited {gold}, gold {gold}, both {gold})"
    wrong = f"wrong (cited {gold}, gold {gold}, both 0)"
    assert found["vanilla"] == found["filler"] == ["absent", "absent", "right"]
    assert found["correct"] == found["simulated-r1"] == ["right", right, "right"]
    assert found["incorrect"] == ["wrong", f"wrong (cited 1, gold {gold}, both 0)", "right"]
    assert found["wrong-category"] == ["wrong", right, "right"]
    assert found["wrong-facts"] == ["right", wrong, "right"]
    assert found["both-wrong"] == ["wrong", wrong, "right"]
    assert found["shuffled"] == ["right", f"wrong (cited 0, gold {gold}, both 0)", "right"]
    assert out.count("\nSimulated ") == 3


def test_chosen_conditions_and_problems(capsys):
    problems = twins.generate("babi", 20, 1, 6)
    chosen = ("--id", problems[3].id, "--condition", "swapped", "correct", "--condition", "vanilla")
    drawn = ("--count", 20, "--seed", 1, "--facts", 6)
    _, out, _ = run(capsys, "traces", "show", "babi-twin", *drawn, *chosen)
    assert f"problem {problems[3].id}" in out
    assert list(verdicts(out)) == ["swapped", "correct", "vanilla"]
    assert CONDITIONS["correct"](problems[3], None, ()).split("\n")[0].split()[-1] in out
    assert run(capsys, "traces", "show", "babi-twin", *drawn, *chosen)[1] == out


def test_a_condition_that_is_unknown_or_cannot_be_met(capsys, problem_file):
    status, out, err = run(capsys, "traces", "show", problem_file, "--condition", "right")
    assert (status, out) == (2, "")
    assert "unknown condition 'right', expected one of vanilla, correct, " in err
    status, out, _ = run(capsys, "traces", "show", problem_file, "--condition", "swapped")
    assert status == 0
    assert "none: swapped traces need a second problem" in out


def test_a_teachers_texts_are_shown_beside_the_rule_made_traces(capsys, tmp_path):
    """Only problems that the teacher has written on are shown."""
    problems = twins.generate("cotempqa", 20, 0, 8)
    texts = {"prediction": "My answer.", "trace": "Let me see."}
    columns = [Column(name, name, {problems[4]: text}) for name, text in texts.items()]
    export.to_json_lines([problems[4]], tmp_path / "texts.jsonl", columns)
    shown = ("traces", "show", "cotempqa-twin", "--count", 20, "--texts", tmp_path / "texts.jsonl")
    status, out, err = run(capsys, *shown)
    assert status == 0
    assert f"problem {problems[4].id}" in out
    assert "a teacher's texts on 1 problems" in err
    assert list(verdicts(out))[-len(TAUGHT) :] == list(TAUGHT)
    assert "<think>Let me see.</think> <answer>My answer.</answer>" in " ".join(out.split())
    assert out.count("none: the teacher has no such text") == 3  # summary, explanation, another problem's
    status, _, err = run(capsys, "traces", "show", "cotempqa-twin", "--condition", "teacher")
    assert status == 2
    assert "condition teacher needs a teacher's texts: --texts r1, or --texts PATH" in err
    status, _, err = run(capsys, "traces", "show", "babi-twin", *shown[3:])
    assert status == 2
    assert "texts.jsonl: has no text on any problem of babi-twin" in err


def test_a_wide_terminal_shows_two_conditions_side_by_side(capsys, monkeypatch):
    def lines(columns):
        monkeypatch.setenv("COLUMNS", str(columns))
        return run(capsys, "traces", "show", "babi-twin", "--count", 20)[1].splitlines()

    assert [line for line in lines(120) if line.split() == ["vanilla", "correct"]]
    assert "vanilla" in lines(119)
    for wide in (40, 80, 120, 200):
        assert max(map(len, lines(wide))) <= wide


def test_colours_repeat_what_the_words_say(capsys, monkeypatch):
    arguments = ("traces", "show", "babi-twin", "--count", 20, "--condition", "vanilla", "both-wrong")
    plain = run(capsys, *arguments)[1]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = run(capsys, *arguments)[1]
    assert terminal.plain(coloured) == plain
    assert "answer    \x1b[32mright" in coloured
    assert "category  \x1b[31mwrong" in coloured
    assert "category  \x1b[33mabsent" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert run(capsys, *arguments)[1] == plain
