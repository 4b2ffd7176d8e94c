import json

from tests.cli.conftest import EVIL, edited, run


def test_findings_as_json_have_the_same_text_in_escapes(capsys, problem_file):
    status, out, _ = run(
        capsys, "problems", "validate", edited(problem_file, id=EVIL, gold=["Zeta"]), "--json"
    )
    assert status == 0
    assert out.replace("\n", "").isprintable()
    found = json.loads(out)
    checks = {row["check"]: row["item"] for row in found["findings"]}
    assert checks == dict.fromkeys(("answer not in the context", "answer contradicted by the facts"), EVIL)
    assert {row["check"] for row in found["summary"] if row["problems"]} == set(checks)
    assert found["left_out"] == []


def test_findings_are_results(capsys, problem_file):
    one = json.loads(problem_file.read_text()) | {"gold": ["Zeta"]}
    lines = [one | {"id": f"p{number}", "question": f"{one['question']}{number}"} for number in range(5)]
    problem_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    status, out, err = run(capsys, "problems", "validate", problem_file)
    assert (status, err) == (0, "")
    assert out.startswith("\nProblems with each finding\n")
    shown = out[out.index("answer not in the context (5)") :]
    assert [f"  train p{number}: in no fact: ['Zeta']" in shown for number in range(5)] == [True] * 3 + [
        False
    ] * 2
    assert "  and 2 more (--json has all)" in shown


def test_marco_is_validated_without_a_solver(capsys):
    _, out, _ = run(capsys, "problems", "validate", "marco-twin", "--count", 20, "--json")
    assert "category contradicted by the facts" not in {row["check"] for row in json.loads(out)["summary"]}


def test_lenient_validation_counts_what_it_leaves_out(capsys, problem_file):
    problem_file.write_text(problem_file.read_text() + "{}\n")
    status, _, err = run(capsys, "problems", "validate", problem_file)
    assert (status, err.count("\n")) == (2, 1)
    status, out, err = run(capsys, "problems", "validate", "--lenient", "--json", problem_file)
    assert status == 0
    assert err.startswith("tracelib: note: 1 bad record left out\n")
    assert "problems.jsonl:2: fields 'dataset', 'question', 'gold' are missing (found: none)" in err
    assert json.loads(out)["left_out"] == [line.strip() for line in err.splitlines()[1:]]
