"""The files around the code agree with each other: settings, pins, README, wheel."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import distributions

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from tests.conftest import ROOT, need
from tracelib import __version__
from tracelib.datasets import release_files

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINNED = dict(
    line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if line[0] != "#"
)
README = (ROOT / "README.md").read_text()


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> dict[str, str]:
    groups = [PYPROJECT["project"]["dependencies"], *PYPROJECT["project"]["optional-dependencies"].values()]
    found = [re.match(r"([\w.-]+)(?:\[\w+\])?(.*)", entry).groups() for group in groups for entry in group]
    return {normal(name): version for name, version in found}


def test_every_dependency_is_pinned_within_what_is_declared():
    pinned = {normal(name): version for name, version in PINNED.items()}
    for name, wanted in declared().items():
        assert pinned[name] in SpecifierSet(wanted), name
    assert PINNED["torch"] == "2.13.0"


def test_conda_users_get_the_same_environment():
    """environment.yml has pyproject.toml's Python, and this project with all extras and the same pins."""
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    (python,) = [entry for entry in listed if isinstance(entry, str) and entry.startswith("python=")]
    assert PYPROJECT["project"]["requires-python"].startswith(f">={python.removeprefix('python=')}")
    (pip,) = [entry["pip"] for entry in listed if isinstance(entry, dict)]
    extras = ",".join(PYPROJECT["project"]["optional-dependencies"])
    assert pip == ["-c constraints.txt", f"-e .[{extras}]"]
    assert [entry for entry in listed if isinstance(entry, str)] == [python, "pip"]
    assert f"-c constraints.txt -e '.[{extras}]'" in (ROOT / "Makefile").read_text()


def test_the_environment_that_runs_the_tests_is_the_pinned_one():
    installed = {normal(d.metadata["Name"]): d.version.split("+")[0] for d in distributions()}
    for name, version in PINNED.items():
        assert installed.get(normal(name)) == version, name


def test_every_pin_holds_for_the_whole_of_the_stated_python():
    """All pins hold from 3.11.0 on; those of the base hold on each later Python that pyproject.toml names."""
    stated = SpecifierSet(PYPROJECT["project"]["requires-python"])
    minors = [minor for minor in range(20) if f"3.{minor}.5" in stated]
    assert minors == [11, 12, 13]
    for d in distributions():
        wanted = SpecifierSet(d.metadata["Requires-Python"] or "")
        if normal(d.metadata["Name"]) in {normal(name) for name in PINNED}:
            assert all(f"3.{minor}.0" in wanted for minor in minors), d.metadata["Name"]


def test_every_dependency_is_explained_with_its_extra_and_no_other():
    table = (ROOT / "CONTRIBUTING.md").read_text().split("## Dependencies")[1]
    explained = re.findall(r"^\| `([^`]+)` \| (\w+) \| \w", table, re.MULTILINE)
    groups = {"base": PYPROJECT["project"]["dependencies"], **PYPROJECT["project"]["optional-dependencies"]}
    names = [(re.match(r"[\w.-]+", entry)[0], extra) for extra, group in groups.items() for entry in group]
    assert explained == names


def test_the_readme_is_short_and_begins_with_the_two_commands():
    assert len(README.split()) < 900
    assert "make book" in README[:2200]
    assert "make test" in README[:2200]


def test_the_readme_lists_every_file_and_no_other():
    tree = README.split("## Files")[1].split("```")[1]
    listed = {line.split("  ")[0].strip() for line in tree.splitlines() if line.strip() and "  " in line}
    git = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    need(git.returncode == 0, "not a git checkout")
    tracked = set(git.stdout.split())
    top = {name.split("/")[0] + ("/" if "/" in name else "") for name in tracked}
    modules = {name for name in tracked if name.startswith("tracelib/") and name.count("/") == 1}
    assert top <= listed, top - listed
    assert modules - {"tracelib/__init__.py", "tracelib/__main__.py"} <= listed, modules - listed
    packages = {f"tracelib/{path.parent.name}/" for path in (ROOT / "tracelib").glob("*/__init__.py")}
    assert packages <= listed, packages - listed
    for name in listed:
        assert any(path == name or path.startswith(name) for path in tracked), name


# A file that a copy lacks may be public; only `release_files.NOT_PUBLIC` names files that the trees lack.
ABSENCE = re.compile(
    r"\b(?:(?:not|never|isn't|aren't)(?: yet| been)* (?:public|released)|unreleased)\b", re.IGNORECASE
)
JUSTIFIED = {"CHANGELOG.md": "(unreleased)"}  # this project's own version


def absences(text: str) -> list[str]:
    """The phrases in which a text claims that something is absent from the release."""
    return [found.group() for found in ABSENCE.finditer(" ".join(text.split()))]


@pytest.mark.parametrize(
    "said", ["MARCO's outputs are not\npublic", "outputs not released", "Never yet released"]
)
def test_an_absence_is_found(said):
    assert len(absences(said)) == 1


def test_no_source_says_of_the_release_that_it_lacks_what_this_copy_lacks():
    git = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    need(git.returncode == 0, "not a git checkout")
    for name in git.stdout.split():
        path = ROOT / name
        if path.suffix in (".py", ".md", ".ipynb", ".yaml", ".yml", ".css") and "tests" not in path.parts:
            text = path.read_text("utf-8").replace(JUSTIFIED.get(name, "\0"), "").replace('\\n",', " ")
            assert absences(text) == [], name


def test_no_pattern_needs_a_later_patch_of_python():
    """Before 3.11.5, a possessive or atomic group matches wrongly, and Debian has 3.11.2."""
    wrong = re.compile(r"\)(?:[*+?]|\{\d*,?\d*\})\+|\(\?>")
    assert all(map(wrong.search, ("(?:a|b)*+", "(ab){2,3}+", "(?>a|b)c")))
    assert not wrong.search(r"[ab]*+\s++(a|b)+")
    for path in (ROOT / "tracelib").rglob("*.py"):
        assert not wrong.search(path.read_text("utf-8")), path


def test_versions_and_commits_agree():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == __version__
    assert citation["authors"] == [{"name": "tracelib contributors"}]
    assert __version__ in (ROOT / "CHANGELOG.md").read_text()
    for commit in release_files.COMMITS.values():
        assert re.fullmatch("[0-9a-f]{40}", commit)


def test_nothing_keeps_a_file_of_the_package_out_of_a_wheel():
    """The build backend takes the whole folder except files that git's settings ignore, even tracked ones.

    The next test builds a wheel.
    """
    assert PYPROJECT["tool"]["hatch"]["build"] == {"targets": {"wheel": {"packages": ["tracelib"]}}}
    tracked = subprocess.run(["git", "ls-files", "tracelib"], cwd=ROOT, capture_output=True, text=True)
    need(tracked.returncode == 0, "not a git checkout")
    assert {"tracelib/paper/claims.yaml", "tracelib/assets/paper/readings.csv"} <= set(
        tracked.stdout.splitlines()
    )
    command = ["git", "check-ignore", "--no-index", "--stdin"]
    ignored = subprocess.run(command, cwd=ROOT, input=tracked.stdout, capture_output=True, text=True)
    assert (ignored.returncode, ignored.stdout) == (1, "")  # git exits with 1 if no file is ignored


@pytest.mark.nightly
def test_a_wheel_holds_the_package_as_it_is_and_leaves_nothing(tmp_path):
    """pip gets the build backend from its index, so this test needs a network."""
    git = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    need(git.returncode == 0, "not a git checkout")
    for name in git.stdout.splitlines():
        (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / "src" / name)
    before = set((tmp_path / "src").rglob("*"))

    def modules(round: str) -> set[str]:
        command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", str(tmp_path / round), "."]
        result = subprocess.run(command, cwd=tmp_path / "src", capture_output=True, text=True)
        need("No matching distribution found for hatchling" not in result.stderr, "no index to ask")
        assert result.returncode == 0, result.stderr
        (wheel,) = (tmp_path / round).glob("*.whl")
        return {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("tracelib/")}

    tracked = {name for name in git.stdout.splitlines() if name.startswith("tracelib/")}
    assert modules("first") == tracked
    removed = tmp_path / "src" / "tracelib" / "scoring" / "set_f1.py"
    removed.unlink()
    assert modules("second") == tracked - {"tracelib/scoring/set_f1.py"}
    assert set((tmp_path / "src").rglob("*")) == before - {removed}


@pytest.mark.parametrize("command", ["book", "smoke", "smollm2", "grid", "test", "nightly", "lint", "clean"])
def test_make_knows_the_command(command):
    result = subprocess.run(["make", "-n", command], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0


def test_ci_runs_the_readmes_test_command():
    assert "make test" in README
    assert re.search(r"^make test$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
