import pytest

from tests.cli.conftest import EVIL, edited, run
from tracelib.cli.main import main


@pytest.mark.parametrize("command", [("problems", "show"), ("problems", "validate"), ("traces", "show")])
def test_text_of_others_cannot_control_the_terminal(capsys, problem, problem_file, command):
    facts = [EVIL + fact for fact in problem.facts]
    edited(problem_file, id=EVIL, question=EVIL, facts=facts, gold=[f"no {EVIL}"], triple_element=EVIL)
    status, out, _ = run(capsys, *command, problem_file)
    assert status == 0
    assert "EVIL" in out
    assert not [character for character in out if character != "\n" and not character.isprintable()]
    status, _, err = run(capsys, *command, edited(problem_file, **{"facts": [], EVIL: 1}))
    assert status == 2
    assert err.count("\n") == 1
    assert err[:-1].isprintable()


def test_numbers_are_checked_where_they_are_given(capsys):
    for option, value in (("--number", "0"), ("--count", "-3"), ("--facts", "x"), ("--count", "1" * 99)):
        with pytest.raises(SystemExit) as exit_:
            main(["problems", "show", "babi-twin", f"{option}={value}"])
        assert exit_.value.code == 2
        assert "expected a whole number from 1 on" in capsys.readouterr().err
    status, _, err = run(capsys, "problems", "show", "babi-twin", "--facts", 2)
    assert status == 2
    assert "facts=2, expected 4 to 40" in err
