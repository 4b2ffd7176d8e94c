"""The commands of the page *Run it yourself*, checked as far as possible without a run."""

import ast
import re
import shlex

import pytest
import yaml

from tests.conftest import ROOT
from tracelib.book import contents
from tracelib.book.declared import checked, declared
from tracelib.cli import main
from tracelib.core import keys
from tracelib.experiments import profiles, sweep
from tracelib.experiments.config import faults

PAGE = (ROOT / "book" / "rerun.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [
    shlex.split(line, comments=True) for kind, block in BLOCKS if kind == "sh" for line in block.splitlines()
]


def of(program: str) -> list[list[str]]:
    return [words[1:] for words in COMMANDS if words[0].endswith(program)]


@pytest.mark.parametrize("words", of("papermill"), ids=" ".join)
def test_notebooks_have_the_parameters_that_the_page_gives_them(words):
    notebook, _, *options = words
    _, own, _ = next(cell for cell in keys.notebook_source(ROOT / notebook) if '"parameters"' in cell[2])
    known = {statement.targets[0].id for statement in ast.parse(own).body}
    given = {}
    while options:
        kind, name, *options = options
        if kind == "-y":
            given |= yaml.safe_load(name)
        else:
            given[name], *options = options
    assert set(given) <= known
    assert not list(faults({name: yaml.safe_load(str(value)) for name, value in given.items()}))


@pytest.mark.parametrize("words", of("tracelib"), ids=" ".join)
def test_the_commands_are_commands(words):
    assert main.parser().parse_args(words).run


def test_chapters_have_the_parameters_that_the_page_gives_them():
    commands = [main.parser().parse_args(words) for words in of("tracelib") if words[0] == "run"]
    on_chapters = [args for args in commands if args.what in contents.chapters()]
    given = [checked(declared(contents.notebook(args.what)), args.given) for args in on_chapters]
    assert {} in given
    assert {"people": 60, "within": False} in given


def test_colab_and_binder_install_the_same():
    (extras,) = re.findall(r"pip install -q -e './edition(\[.*\])'", PAGE)
    assert f"-e '.{extras}'" in (ROOT / "binder" / "postBuild").read_text()


def test_runs_that_the_page_names_are_its_profiles(tmp_path):
    (profile,) = (block for kind, block in BLOCKS if kind == "yaml")
    path = tmp_path / "mine.yaml"
    path.write_text(profile)
    known = sweep.experiments(profiles.load(str(path)))
    runs = [words for words in of("tracelib") if words[0] == "run" and words[1] not in contents.chapters()]
    assert runs
    for _, file, name in runs:
        assert file == path.name
        assert name in known
    ((_, *given),) = [words for words in of("tracelib") if words[0] == "diff"]
    args = main.parser().parse_args(["diff", *given])
    assert {path.relative_to("work/mine/runs").as_posix() for path in (args.first, args.second)} <= set(known)
