import copy
import re
from collections.abc import Iterator

import pytest

from tests.study.conftest import SMALL
from tracelib.core.errors import InputError
from tracelib.study import config

LINES = SMALL.splitlines()


@pytest.mark.parametrize("name", ["paper", "trust", "classroom"])
def test_shipped_studies_are_whole(name):
    study, path = config.load(name)
    assert path.stem == name
    assert study.title
    assert set(study.anchors) == set(study.items)
    assert all(len(anchors) == 5 for anchors in study.anchors.values())


def test_the_papers_study_has_its_kinds_on_five_points_and_names_both_constructs():
    study = config.load("paper").study
    assert {"r1", "summary", "explanation", "correct", "incorrect"} == set(study.ratings.kinds)
    assert {item.measures for item in study.items.values()} == {"interpretability", "load"}
    assert sum(item.reversed for item in study.items.values()) == 2
    assert len(study.checks) == 2


def test_the_classroom_has_twelve_items():
    assert config.load("classroom").study.ratings.pages == 12


def test_a_study_takes_over_another_and_replaces_whole_keys(load):
    mine, paper = load("extends: paper\nminutes: 3\ncomprehension:\n"), config.load("paper").study
    assert mine.minutes == 3
    assert mine.comprehension is None
    assert mine.items == paper.items


def fault(load, text):
    with pytest.raises(InputError) as caught:
        load(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        (("contact: Ada", "kontact: Ada"), 2, "unknown key 'kontact', expected one of extends, title"),
        (("  pages: 4", "  pages: 5"), 9, "'ratings.pages' is 5, expected a multiple of 2"),
        (("  problems: 4", "  problems: 6"), 10, "'ratings.problems' is 6, expected a multiple of the 4"),
        (("  pages: 4", "  pages: four"), 9, "'ratings.pages': expected a whole number, found 'four'"),
        (("  pages: 4", "  pages: 0"), 9, "'ratings.pages': expected at least 1, found 0"),
        (("  pages: 4", "  pages: 4\n  colour: red"), 10, "unknown key 'ratings.colour'"),
        (("assignment: within", "assignment: mixed"), 5, "expected 'within' or 'between', found 'mixed'"),
        (("    long:", "    Long One:"), 7, "expected a name of small letters, digits and _"),
        (("scale: agreement", "scale: agree"), 12, "no scale 'agree', expected one of agreement, amount"),
        (("answer: 2", "answer: 6"), 12, "'answer' is 6, expected at most 5"),
        (("https://app", "ftp://app"), 13, "'completion.url': expected an address that begins with https://"),
        (("comprehension_below: 0.5", "comprehension_below: 2"), 14, "expected at most 1, found 2"),
    ],
)
def test_mistakes_are_named_with_file_line_and_what_was_expected(load, tmp_path, change, line, said):
    text = SMALL.replace(*change)
    assert text != SMALL
    found = fault(load, text)
    assert found.startswith(f"{tmp_path / 'mine.yaml'}:{line}: ")
    assert said in found


def test_a_list_entry_has_its_own_line(load):
    text = "extends: paper\nchecks:\n  - {text: a, scale: amount, answer: 1}\n  - {text: b, scale: amount}\n"
    assert re.search(r"mine.yaml:4: key 'checks.1.answer' is missing", fault(load, text))


def test_missing_keys_unknown_studies_and_circles(load, tmp_path):
    assert "key 'contact' is missing" in fault(load, "title: x\n")
    assert "no study 'papr'" in fault(load, "extends: papr\n")
    assert "itself extends this study" in fault(load, "extends: mine.yaml\n")
    with pytest.raises(InputError, match="no such study, expected one of classroom, paper, trust"):
        config.load("absent")
    assert "expected 'ratings', 'trust', or both" in fault(load, "extends: paper\nratings:\nchecks:\n")
    assert "this name is taken" in fault(
        load, "extends: paper\nitems: {check: {text: t, scale: agreement, measures: load, label: l}}\n"
    )


def test_a_study_with_placeholders_is_not_ready(small, tmp_path):
    study, path = config.load("paper")
    with pytest.raises(InputError, match=r"paper.yaml: still has \[your name, institution, e-mail\]"):
        config.check_ready(study, path)
    config.check_ready(small, path)


def test_levels_of_each_assignment():
    ratings, trust = config.load("classroom").study.ratings, config.load("trust").study.trust
    assert config.between(ratings) == (None,)
    assert len(config.within(ratings)) == 6
    assert len(config.within(trust)) == 8
    apart = trust.model_copy(update={"assignment": "between"})
    assert config.between(apart) == config.ARMS
    assert config.within(apart) == ((None, "right"), (None, "wrong"))


WRONG = (
    None,
    5,
    -1,
    1.5,
    True,
    "x",
    "x" * 5000,
    "",
    [],
    [None],
    {},
    {"a": 1},
    float("nan"),
    10**30,
    "\ud800",
)


def paths(value: object, outer: tuple = ()) -> Iterator[tuple]:
    """The keys of every value inside a value, at any depth."""
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in entries:
        yield (*outer, key)
        yield from paths(inner, (*outer, key))


def test_whatever_a_value_is_the_study_is_whole_or_the_mistake_has_its_place():
    stated = config._resolved(config.shipped()["trust"])
    places = set()
    for path in paths(stated.values):
        for wrong in WRONG:
            values = copy.deepcopy(stated.values)
            within = values
            for key in path[:-1]:
                within = within[key]
            within[path[-1]] = copy.deepcopy(wrong)
            try:
                config.digest(config._validated(stated._replace(values=values)))
                places.add("whole")
            except InputError as error:
                places.add(re.sub(r"(/.*/|:\d+$)", "", error.place))
    assert places == {"whole", "trust.yaml", "paper.yaml"}
