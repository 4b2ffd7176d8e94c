import pytest

from tests.cli.conftest import edited, run
from tracelib.datasets import twins


def test_a_problem_is_shown_with_its_gold_facts_marked(capsys, problem_file):
    status, out, err = run(capsys, "problems", "show", problem_file)
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "cotempqa, train, problem p1, kind S1_R1_O2",
        "question  While Ada was working for Beta, which employer did Ada work for at the",
        "          same time?",
        "facts     4, 2 of them gold (*)",
        "        1 Ada works for Beta from 1948 to 1952.",
        "    *   2 Ada works for Gamma from 1940 to 1960.",
        "    *   3 Ada works for Delta from 1950 to 1955.",
        "        4 Ada works for Epsilon from 1980 to 1990.",
        "answer    ['Gamma', 'Delta']",
        "category  mix",
        "solver    answer: agrees",
        "          category: agrees",
        "          facts: agrees",
        "",
    ]


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"gold": ["gamma", "DELTA"]}, ["answer: agrees", "category: agrees", "facts: agrees"]),
        ({"gold": ["Gamma"]}, ["answer: differs, ('Gamma', 'Delta')", "category: agrees", "facts: agrees"]),
        ({"category": "equal"}, ["answer: agrees", "category: differs, 'mix'", "facts: agrees"]),
        ({"supporting": [1]}, ["answer: agrees", "category: agrees", "facts: differs, 2, 3"]),
        ({"question": "Who?"}, ["no answer: no fact states the event of the question"]),
        ({"dataset": "marco"}, ["none for this dataset"]),
    ],
)
def test_the_solvers_view_of_a_problem(capsys, problem_file, changes, shown):
    _, out, _ = run(capsys, "problems", "show", edited(problem_file, **changes))
    assert [line[10:] for line in out[out.index("\nsolver") :].splitlines() if line] == shown


def test_problems_are_chosen_by_number_category_and_name(capsys):
    def titles(*arguments):
        lines = run(capsys, "problems", "show", "cotempqa-twin", "--count", 50, *arguments)[1].splitlines()
        return [line for line in lines if line.startswith("cotempqa,")]

    problems = twins.generate("cotempqa", 50, 4, 6)
    drawn = ("--seed", 4, "--facts", 6)
    assert [title.split()[3].rstrip(",") for title in titles(*drawn)] == [p.id for p in problems[:3]]
    mixed = [p.id for p in problems if p.category == "mix"][:2]
    chosen = titles(*drawn, "--category", "mix", "--number", 2)
    assert [title.split()[3].rstrip(",") for title in chosen] == mixed
    (last,) = titles(*drawn, "--id", problems[-1].id)
    assert last.startswith(f"cotempqa, test, problem {problems[-1].id}")


def test_choosing_no_problem_says_what_there_is(capsys, problem_file):
    status, out, err = run(capsys, "problems", "show", problem_file, "--id", "x", "--category", "both")
    assert (status, out) == (2, "")
    expected = "none of the 1 problems has id 'x' and category 'both'; the categories are mix\n"
    assert err == f"tracelib: error: {problem_file}: {expected}"
