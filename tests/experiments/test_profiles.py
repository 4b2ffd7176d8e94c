import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tracelib.core.errors import InputError
from tracelib.core.keys import notebook_source
from tracelib.datasets import problem_sets
from tracelib.experiments import profiles, sweep
from tracelib.traces import conditions
from tracelib.traces.conditions import CONDITIONS, UNTRAINED
from tracelib.training import models

WHOLE = Path(__file__).with_name("whole.yaml").read_text()


def load(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return profiles.load(str(path))


@pytest.mark.parametrize("path", sorted((ROOT / "profiles").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_parameter_of_a_shipped_profile_has_a_comment(path):
    assert profiles.load(path.stem).runs()
    for line in path.read_text().splitlines():
        if re.match(r"\s*\w+: +\S", line):
            assert " # " in line, f"no comment: {line}"


@pytest.mark.parametrize("name", ["smoke", "laptop"])
def test_profiles_of_the_book_have_the_papers_conditions(name):
    profile = profiles.load(name)
    expected = ("prompted", "vanilla", "correct", "incorrect")
    assert set(profile.conditions.values()) == {expected}
    assert len(profile.cells()) == len(profile.settings) * len(expected)
    assert len(profile.runs()) == len(profile.settings) * (1 + 3 * len(profile.seeds))


CHOSEN_WITH = {"cotempqa-twin": 2560, "babi-twin": 640, "marco-twin": 1920}  # docs/base.md


def test_validation_is_the_laptops_profile_on_other_problems_and_seeds():
    mine, laptop = profiles.load("validation"), profiles.load("laptop")
    assert set(mine.conditions.values()) == {("prompted", "vanilla", "correct")}  # not incorrect traces
    assert not set(mine.seeds) & set(laptop.seeds)
    for name, cell in mine.cells().items():
        other = laptop.cells()[name]
        own = {"data_seed", "seeds", "test_items"}
        assert {knob for knob in cell if cell[knob] != other[knob]} - {"train_items"} == own
        assert cell["train_items"] == CHOSEN_WITH[cell["dataset"]]


DOSES = {"both-wrong-25", "both-wrong-50", "both-wrong-75"}  # of the real model
LATER = {"vanilla-tagged", "random-fact", "answer-first"} | DOSES  # newer than the grid's tables
ONLY_SIZE = {"condition", "seeds", "test_items"}  # in which the grid is larger than the laptop's profile


def test_the_grid_has_every_condition_of_its_time_and_the_laptops_recipe():
    sweep, laptop = profiles.load("grid"), profiles.load("laptop")
    first, *sizes, lengths = sweep.conditions.values()
    assert {*first, *lengths} == set(CONDITIONS) - LATER
    assert all(set(names) == {"vanilla", "correct", "incorrect"} for names in sizes)
    assert sweep.seeds == (1, 2, 3, 4, 5)
    assert laptop.seeds == (1, 2, 3)
    recipe = laptop.cells()["cotempqa-twin-correct"] | {"train_items": CHOSEN_WITH["cotempqa-twin"]}
    fewer = {"train_items", "epochs", "intervene_items"}
    more = {"lengths": set(), "half": fewer, "quarter": fewer}
    for setting, names in sweep.conditions.items():
        cell = sweep.cells()[f"{setting}-{names[1]}"]
        different = {knob for knob in cell if cell[knob] != recipe[knob]} - ONLY_SIZE
        assert different == more.get(setting, {"intervene_items"}), setting
        assert cell["epochs"] * cell["train_items"] == recipe["train_items"]


@pytest.mark.parametrize("name", ["laptop", "validation", "grid"])
def test_every_target_fits_into_a_generated_text(name):
    """Otherwise the answer, which comes last, would be cut off."""
    profile = profiles.load(name)
    first = [run for run in sweep.experiments(profile).values() if run.seed == profile.seeds[0]]
    for run in [run for run in first if run.condition not in UNTRAINED]:
        _, tokenizer = models.load(run.model)
        train, test = problem_sets.load(replace(run, train_items=max(run.test_items, 2)))
        targets = [conditions.target(problem, run.condition, run.seed, train) for problem in test]
        longest = max(len(ids) for ids in tokenizer(targets)["input_ids"])
        assert longest < run.max_new_tokens, (run.dataset, run.condition)


def test_untrained_conditions_are_run_once(tmp_path):
    text = WHOLE.replace("[prompted, vanilla", "[prompted, prompted-thinking, vanilla")
    cells = load(tmp_path, text.replace("seeds: [1]", "seeds: [4, 5]")).cells()
    assert {name for name, cell in cells.items() if cell["seeds"] == [4]} == {
        f"cotempqa-twin-{condition}" for condition in UNTRAINED
    }


def test_a_condition_may_have_parameters_of_its_own(tmp_path):
    own = "    facts: 5\n    correct: {max_new_tokens: 77}\n"
    cells = load(tmp_path, re.sub("    facts: 5.*\n", own, WHOLE)).cells()
    limits = {name: cell["max_new_tokens"] for name, cell in cells.items()}
    assert limits.pop("cotempqa-twin-correct") == 77
    assert set(limits.values()) == {40}


def test_runs_are_named_by_dataset_condition_and_seed(tmp_path):
    profile = load(tmp_path, WHOLE.replace("seeds: [1]", "seeds: [4, 9]"))
    names = [f"cotempqa-twin-{run}" for run in ("prompted-s4", "vanilla-s4", "vanilla-s9")]
    assert profile.runs()[:3] == names  # an untrained model needs no second seed
    cell = profile.cells()["cotempqa-twin-correct"]
    assert (cell["condition"], cell["seeds"], cell["facts"]) == ("correct", [4, 9], 5)


def test_a_dataset_has_the_common_parameters_and_its_own(tmp_path):
    more = "  babi-twin: {facts: 6, max_new_tokens: 30, epochs: 2}\nconditions:"
    cells = load(tmp_path, WHOLE.replace("conditions:", more)).cells()
    both = [cells[f"{dataset}-twin-vanilla"] for dataset in ("cotempqa", "babi")]
    assert [cell["facts"] for cell in both] == [5, 6]
    assert [cell["epochs"] for cell in both] == [1, 2]
    assert [cell["batch_size"] for cell in both] == [16, 16]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("epochs: 1 ", "epoch: 1 ", r"mine.yaml:20: unknown key 'epoch', expected one of model, train"),
        (
            "facts: 5",
            "fact: 5",
            r"mine.yaml:5: unknown key 'fact', expected one of dataset, conditions, model",
        ),
        (
            "seeds: [1]",
            "seedz: [1]",
            r"mine.yaml:8: unknown key 'seedz', expected one of datasets, con",
        ),
        ("seeds: [1]", "seeds: 1", r"mine.yaml:8: 'seeds': expected a list of different whole numbers"),
        ("seeds: [1]", "seeds: [1, 1]", r"different whole numbers"),
        ("seeds: [1]", "seeds: []", r"different whole numbers"),
        (", vanilla,", ", vanila,", r"mine.yaml:7: unknown condition 'vanila', expected one of prompted"),
        ("rate: 0.003", "rate: 3e-3", r"mine.yaml:23: 'learning_rate': expected a number \(1e-3 is"),
        ("train_items: 48", "train_items: many", r"'train_items': expected a whole number, found 'many'"),
        ("seeds: [1]", "seeds: [1", r"mine.yaml:\d+: not YAML"),
        (
            "test_items: 40",
            "test_items: 0",
            r"mine.yaml:13: 'test_items' is 0 \(all of them\), expected a number",
        ),
        (
            "facts: 5 ",
            "facts: 5\n    filler: {epochs: 2} ",
            r"mine.yaml:6: 'filler' is not a condition of 'cotempqa-twin'",
        ),
        (
            "facts: 5 ",
            "facts: 5\n    correct: {epoch: 2} ",
            r"mine.yaml:6: unknown key 'epoch', expected one of model",
        ),
        (
            "facts: 5 ",
            "facts: 5\n    correct: {epochs: -2} ",
            r"mine.yaml:6: 'epochs' is -2, expected above 0",
        ),
        ("facts: 5", "facts: 1", r"mine.yaml:5: 'facts' is 1, expected 4 to 40"),
        ("epochs: 1 ", "epochs: -1 ", r"mine.yaml:20: 'epochs' is -1, expected above 0"),
        (
            "accumulation: 1",
            "accumulation: 3",
            r"mine.yaml:22: 'accumulation' is 3, expected a divisor of",
        ),
        ("cotempqa-twin:", "cotempqa-twn:", r"mine.yaml:4: unknown dataset 'cotempqa-twn', expected"),
        ("seeds: [1]", "seeds: [1]\nseeds: [2]", r"mine.yaml:9: key 'seeds': expected each key once"),
    ],
)
def test_mistakes_name_file_line_and_expectation(tmp_path, old, new, message):
    assert old in WHOLE
    with pytest.raises(InputError, match=message):
        load(tmp_path, WHOLE.replace(old, new))


def test_a_missing_key_and_a_missing_profile(tmp_path):
    with pytest.raises(InputError, match=r"key 'run.threads' is missing"):
        load(tmp_path, re.sub(r"  threads:.*\n", "", WHOLE))
    with pytest.raises(InputError, match="expected the keys datasets, conditions, seeds, run"):
        load(tmp_path, "[1, 2]")
    (tmp_path / "laptop.yaml").write_text(WHOLE)
    with pytest.raises(InputError, match="'laptop' is a profile of the project; give the file another name"):
        profiles.load(str(tmp_path / "laptop.yaml"))
    with pytest.raises(InputError, match="no such profile, expected one of grid, laptop, paper, paper-r1"):
        profiles.load("labtop")


REAL = "  parts: {dataset: cotempqa, facts: 0, max_new_tokens: 9, train_items: 0, test_items: 0, split: %s}\n"


def test_a_split_may_be_left_out_and_in_folds_every_seed_has_its_own_problems(tmp_path):
    text = WHOLE.replace("\nconditions:", "\n" + REAL % "folds" + "conditions:", 1)
    cells = load(tmp_path, text.replace("seeds: [1]", "seeds: [1, 2]")).cells()
    assert (cells["cotempqa-twin-vanilla"]["split"], cells["parts-vanilla"]["split"]) == ("released", "folds")
    assert (cells["cotempqa-twin-prompted"]["seeds"], cells["parts-prompted"]["seeds"]) == ([1], [1, 2])


@pytest.mark.parametrize(
    ("split", "seeds", "message"),
    [
        (
            "half",
            "[1]",
            r"mine.yaml:7: unknown split 'half', expected one of released, clean, validation, folds",
        ),
        ("validation", "[1]", r"mine.yaml:7: 'train_items' is 0 \(all of them\), expected a number"),
        ("folds", "[2, 0]", r"mine.yaml:9: 'seed' is 0, expected at least 1 for split folds"),
    ],
)
def test_an_impossible_split_is_refused(tmp_path, split, seeds, message):
    text = WHOLE.replace("\nconditions:", "\n" + REAL % split + "conditions:", 1)
    with pytest.raises(InputError, match=message):
        load(tmp_path, text.replace("seeds: [1]", f"seeds: {seeds}"))


def test_a_setting_uses_a_dataset_in_its_own_way(tmp_path):
    own = "dataset: cotempqa-twin, conditions: [correct], train_items: 8, facts: 5, max_new_tokens: 9"
    more = f"  few: {{{own}}}\n"
    profile = load(tmp_path, WHOLE.replace("\nconditions:", f"\n{more}conditions:", 1))
    cell = profile.cells()["few-correct"]
    assert (cell["dataset"], cell["train_items"]) == ("cotempqa-twin", 8)
    assert [name for name in profile.cells() if name.startswith("few")] == ["few-correct"]
    assert len(profile.runs()) == 5


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("few: {dataset: nothing}", r"mine.yaml:7: unknown dataset 'nothing'"),
        ("few: {}", r"mine.yaml:7: unknown dataset 'few'"),
        ("few: {dataset: babi-twin, conditions: []}", r"mine.yaml:7: 'conditions': expected a list"),
        ("few: {dataset: babi-twin, conditions: [vanila]}", r"mine.yaml:7: unknown condition 'vanila'"),
        ("'a/b': {dataset: babi-twin}", r"mine.yaml:7: 'a/b': expected at most 80 letters, digits, dots"),
        ("'..': {dataset: babi-twin}", r"mine.yaml:7: '..': expected at most 80 letters, digits"),
        ("-x: {dataset: babi-twin}", r"mine.yaml:7: '-x': expected at most 80 letters, digits"),
        ("'a b': {dataset: babi-twin}", r"mine.yaml:7: 'a b': expected at most 80 letters, digits"),
        (f"{'a' * 81}: {{dataset: babi-twin}}", r"mine.yaml:7: 'a+\.\.\.: expected at most 80 "),
        ("7: {dataset: babi-twin}", r"mine.yaml:7: 7: expected at most 80 letters, digits"),
        ("yes: {dataset: babi-twin}", r"mine.yaml:\d: True: expected at most 80 letters, digits"),
        ("2026-13-45: {dataset: babi-twin}", r"mine.yaml: not YAML: month must be in"),
        ("few: &few {dataset: *few}", r"mine.yaml: nested too deeply"),
    ],
)
def test_mistakes_in_a_setting_name_their_line(tmp_path, entry, message):
    text = WHOLE.replace("\nconditions:", f"\n  {entry}\nconditions:", 1)
    with pytest.raises(InputError, match=message):
        load(tmp_path, text)


def test_the_experiment_notebook_starts_from_the_laptops_run():
    """A run that a reader makes by hand differs from the book's runs only in what the reader changes."""
    source = notebook_source(ROOT / "notebooks" / "experiment.ipynb")[1][1]
    defaults: dict = {}
    exec(source, defaults)
    of_laptop = profiles.load("laptop").cells()["cotempqa-twin-correct"]
    assert {name: defaults[name] for name in of_laptop if name != "seeds"} == {
        name: value for name, value in of_laptop.items() if name != "seeds"
    }


def extending(tmp_path, **files):
    """Write these profiles beside each other, and load the last one."""
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return profiles.load(str(tmp_path / f"{name}.yaml"))


def test_a_profile_states_only_what_differs(tmp_path):
    mine = extending(tmp_path, mine="extends: smoke\nseeds: [7]\nrun: {epochs: 2, threads: 2}\n")
    smoke = profiles.load("smoke")
    assert (mine.name, mine.seeds) == ("mine", (7,))
    assert mine.conditions == smoke.conditions
    own = {"epochs": 2, "threads": 2}
    assert mine.settings == {"cotempqa-twin": smoke.settings["cotempqa-twin"] | own}


def test_settings_and_conditions_are_replaced_as_a_whole(tmp_path):
    text = "extends: smoke\ndatasets: {babi-twin: {facts: 4, max_new_tokens: 9}}\nconditions: [correct]\n"
    mine = extending(tmp_path, mine=text)
    assert mine.runs() == ["babi-twin-correct-s1"]
    common = {**profiles.load("smoke").settings["cotempqa-twin"], "dataset": "babi-twin"}
    assert mine.settings["babi-twin"] == common | {"facts": 4, "max_new_tokens": 9}


def test_a_settings_own_parameters_override_run_of_every_profile(tmp_path):
    mine = extending(tmp_path, base=WHOLE, mine="extends: base.yaml\nrun: {facts: 9, epochs: 3}\n")
    (cell,) = {(cell["facts"], cell["epochs"]) for cell in mine.cells().values()}
    assert cell == (5, 3)  # the setting has 5 facts


def test_a_chain_of_profiles_is_followed_and_the_nearest_value_counts(tmp_path):
    mine = extending(
        tmp_path,
        first=WHOLE,
        second="extends: first.yaml\nseeds: [2]\nrun: {epochs: 2, batch_size: 8}\n",
        third="extends: second.yaml\nrun: {epochs: 3}\n",
    )
    cell = mine.cells()["cotempqa-twin-correct"]
    assert (cell["epochs"], cell["batch_size"], cell["train_items"]) == (3, 8, 48)
    assert cell["seeds"] == [2]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"mine": "\nextends: mine.yaml\n"},
            r"mine.yaml:2: 'extends': mine.yaml itself extends this profile",
        ),
        (
            {"base": "seeds: [1]\nextends: mine.yaml\n", "mine": "extends: base.yaml\n"},
            r"base.yaml:2: 'extends': mine.yaml itself extends this profile",
        ),
        (
            {"mine": "seeds: [1]\nextends: labtop\n"},
            r"mine.yaml:2: 'extends': no profile 'labtop', expected one of grid, laptop, .*, or a YAML file",
        ),
        ({"mine": "extends: gone.yaml\n"}, r"mine.yaml:1: 'extends': no profile 'gone.yaml', expected one"),
        ({"mine": "extends: [laptop]\n"}, r"mine.yaml:1: 'extends': no profile \['laptop'\], expected one"),
        ({"mine": "extends: smoke\nrun: {epoch: 2}\n"}, r"mine.yaml:2: unknown key 'epoch', expected one of"),
        (
            {"mine": "extends: smoke\nrun: [1]\n"},
            r"mine.yaml:2: 'run': expected keys and values, found \[1\]",
        ),
        ({"base": "run: {}\n", "mine": "extends: base.yaml\n"}, r"mine.yaml: key 'datasets' is missing"),
    ],
)
def test_mistakes_in_extending_name_file_and_line(tmp_path, files, message):
    with pytest.raises(InputError, match=message):
        extending(tmp_path, **files)


@pytest.mark.parametrize(
    ("base", "own", "message"),
    [
        (("epochs: 1 ", "epochs: 0 "), "", r"base.yaml:20: 'epochs' is 0, expected above 0"),
        (("epochs: 1 ", "epochs: 0 "), "run: {epochs: -1}", r"mine.yaml:2: 'epochs' is -1, expected above 0"),
        (("threads: 1 ", "thread: 1 "), "", r"base.yaml:32: unknown key 'thread', expected one of model"),
        (("facts: 5 ", "facts: 1 "), "run: {facts: 6}", r"base.yaml:5: 'facts' is 1, expected 4 to 40"),
        (("seeds: [1]", "seeds: 1"), "run: {}", r"base.yaml:8: 'seeds': expected a list of different whole"),
        (("batch_size: 16", "batch_size: 9"), "run: {accumulation: 2}", r"mine.yaml:2: 'accumulation' is 2"),
        (
            ("facts: 5 ", "fact: 5 "),
            "datasets: {babi-twin: {facts: 5}}",
            r"mine.yaml: key 'run.max_new_tokens' is missing",
        ),
        (
            ("facts: 5 ", "facts: 5\n    correct: {epochs: 2} "),
            "datasets: {babi-twin: {filler: {epochs: 2}}}",
            r"mine.yaml:2: 'filler' is not a condition of 'babi-twin'",
        ),
    ],
)
def test_an_error_names_the_file_of_the_bad_value(tmp_path, base, own, message):
    assert base[0] in WHOLE
    with pytest.raises(InputError, match=message):
        extending(tmp_path, base=WHOLE.replace(*base), mine=f"extends: base.yaml\n{own}\n")


def test_parameters_of_a_condition_that_a_profile_drops_are_ignored(tmp_path):
    base = WHOLE.replace("facts: 5 ", "facts: 5\n    correct: {epochs: 2} ")
    mine = extending(tmp_path, base=base, mine="extends: base.yaml\nconditions: [vanilla]\n")
    assert {cell["epochs"] for cell in mine.cells().values()} == {1}


@pytest.mark.parametrize("stem", ["mine", "été", "日本", "a_b.c-2"])
def test_a_profile_with_a_plain_name_keeps_it(tmp_path, stem):
    (tmp_path / f"{stem}.yaml").write_text(WHOLE)
    assert profiles.load(str(tmp_path / f"{stem}.yaml")).name == stem


STRANGE = (
    "my profile", "my-profile", "a'b", "a;b", "$(touch PWNED)", "x{y}", "{work}", "[a]", "a#b", "100%", "a:b",
    "a&b", "..",
    ".hidden", "-n", "a\nb", "\udce9t\udce9", "x" * 200, "`a`", '"', "~", "*",
)  # fmt: skip


def test_a_profile_is_found_by_its_exact_path_and_its_folder_is_its_own(tmp_path):
    found = {}
    for stem in STRANGE:
        path = tmp_path / f"{stem}.yaml"
        path.write_text(WHOLE)
        profile = profiles.load(str(path))
        assert profile.path == path
        found[profile.name] = stem
    assert len(found) == len(STRANGE)
    assert all(re.fullmatch(r"\w[\w.-]*", name) for name in found)


def test_a_name_is_no_path(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    for name in ("../profiles/smoke", "slurm", "", "smoke ", "profiles"):
        with pytest.raises(InputError, match="no such profile, expected one of grid"):
            profiles.load(name)
    assert profiles.load("profiles/smoke.yaml").path.samefile(ROOT / "profiles" / "smoke.yaml")
    (tmp_path / "link").symlink_to(ROOT / "profiles")
    assert profiles.load(str(tmp_path / "link" / "smoke.yaml")).name == "smoke"
