import re

import pytest

from tests.conftest import ROOT
from tracelib import profiles
from tracelib.files import InputError

SMOKE = (ROOT / "profiles" / "smoke.yaml").read_text()


def load(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return profiles.load(str(path))


@pytest.mark.parametrize("name", ["smoke", "laptop"])
def test_shipped_profiles_load_and_comment_every_knob(name):
    profile = profiles.load(name)
    assert set(profile.conditions) == {"vanilla", "correct", "incorrect"}
    assert len(profile.runs()) == len(profile.conditions) * len(profile.seeds)
    for line in (ROOT / "profiles" / f"{name}.yaml").read_text().splitlines():
        if re.match(r"\s*\w+: +\S", line):
            assert " # " in line, f"no comment: {line}"


def test_runs_are_named_by_condition_and_seed(tmp_path):
    runs = load(tmp_path, SMOKE.replace("seeds: [1]", "seeds: [4, 9]")).runs()
    assert list(runs)[:2] == ["vanilla-s4", "vanilla-s9"]
    assert (runs["correct-s9"]["condition"], runs["correct-s9"]["seed"]) == ("correct", 9)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("epochs: 1 ", "epoch: 1 ", r"mine.yaml:13: unknown key 'epoch', expected one of dataset, model"),
        (
            "seeds: [1]",
            "seedz: [1]",
            r"mine.yaml:4: unknown key 'seedz', expected one of conditions, seeds, run",
        ),
        (
            "seeds: [1]",
            "seeds: 1",
            r"mine.yaml:4: 'seeds': expected a list of different whole numbers, found 1",
        ),
        ("seeds: [1]", "seeds: [1, 1]", r"different whole numbers"),
        ("seeds: [1]", "seeds: []", r"different whole numbers"),
        (
            "[vanilla, correct",
            "[vanila, correct",
            r"mine.yaml:3: unknown condition 'vanila', expected one of vanilla",
        ),
        (
            "learning_rate: 0.005",
            "learning_rate: 5e-3",
            r"mine.yaml:15: 'learning_rate': expected a number \(1e-3 is",
        ),
        ("train_items: 48", "train_items: many", r"'train_items': expected a whole number, found 'many'"),
        ("seeds: [1]", "seeds: [1", r"mine.yaml:\d+: not YAML"),
        ("test_items: 40", "test_items: 0", r"mine.yaml:10: 'test_items' is 0, expected at least 1"),
        ("epochs: 1 ", "epochs: -1 ", r"mine.yaml:13: 'epochs' is -1, expected above 0"),
        ("hidden: 64", "hidden: 63", r"'hidden' is 63, expected a multiple of twice the 4 heads"),
        ("cotempqa-twin", "cotempqa-twn", r"mine.yaml:7: unknown dataset 'cotempqa-twn', expected one of"),
        ("seeds: [1]", "seeds: [1]\nseeds: [2]", r"mine.yaml:5: key 'seeds': expected each key once"),
    ],
)
def test_mistakes_name_file_line_and_expectation(tmp_path, old, new, message):
    assert old in SMOKE
    with pytest.raises(InputError, match=message):
        load(tmp_path, SMOKE.replace(old, new))


def test_a_missing_key_and_a_missing_profile(tmp_path):
    with pytest.raises(InputError, match=r"key 'run.threads' is missing"):
        load(tmp_path, re.sub(r"  threads:.*\n", "", SMOKE))
    with pytest.raises(InputError, match="expected the keys conditions, seeds, run"):
        load(tmp_path, "[1, 2]")
    (tmp_path / "laptop.yaml").write_text(SMOKE)
    with pytest.raises(InputError, match="'laptop' is a profile of the project; give the file another name"):
        profiles.load(str(tmp_path / "laptop.yaml"))
    with pytest.raises(InputError, match="no such profile, expected one of laptop, smoke"):
        profiles.load("labtop")
