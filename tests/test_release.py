"""What a release is made of: metadata that agree, workflows with the project's commands, Binder's files."""

import json
import os
import re
import subprocess

import pytest
import yaml

from tests.conftest import ROOT
from tracelib import __version__
from tracelib.book import build, publishing
from tracelib.experiments import profiles

CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text())
ZENODO = json.loads((ROOT / ".zenodo.json").read_text())
WORKFLOWS = {
    path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / ".github/workflows").glob("*.yml")
}
PINNED = re.compile(
    r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+(?:\.\d+)*(?:;.*)?"
)  # a commit, and the version it is of


def test_zenodo_s_metadata_are_those_of_the_citation():
    assert ZENODO["version"] == CITATION["version"] == __version__
    assert ZENODO["title"] == CITATION["title"]
    assert ZENODO["description"] == CITATION["abstract"]
    assert ZENODO["keywords"] == CITATION["keywords"]
    assert ZENODO["creators"] == CITATION["authors"]
    assert ZENODO["upload_type"] == CITATION["type"]
    code, prose = CITATION["license"]
    assert ZENODO["license"] == code  # Zenodo takes one
    assert ZENODO["notes"] == f"Code: {code}. Prose: {prose}."
    paper, data = CITATION["references"]
    assert [related["identifier"] for related in ZENODO["related_identifiers"]] == [
        paper["identifiers"][0]["value"],
        data["repository-code"],
    ]


def steps(name: str) -> list[dict]:
    return [step for job in WORKFLOWS[name]["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("name", ["tests", "pages", "weekly"])
def test_a_workflow_calls_the_project_s_commands_and_names_actions_by_commit(name):
    commands = [step["run"] for step in steps(name) if "run" in step]
    assert all(re.fullmatch(r"make \w+", command) for command in commands), commands
    targets = [command.split()[1] for command in commands]
    made = subprocess.run(["make", "-n", *targets], cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    lines = (ROOT / ".github/workflows" / f"{name}.yml").read_text().splitlines()
    used = [line.split("uses: ")[1] for line in lines if "uses: " in line]
    assert used
    assert [line for line in used if not PINNED.fullmatch(line)] == []
    assert WORKFLOWS[name]["permissions"] == {"contents": "read"}


def test_workflows_start_when_they_should():
    on = {name: workflow[True] for name, workflow in WORKFLOWS.items()}  # YAML 1.1 reads the key `on` as true
    assert set(on) == {"tests", "pages", "weekly"}
    assert set(on["tests"]) == {"push", "pull_request"}
    assert on["pages"]["push"] == {"branches": ["main"]}
    assert len(on["weekly"]["schedule"]) == 1
    assert not [step for step in steps("weekly") if "cache" in str(step)]


def test_the_published_book_has_no_texts_and_points_at_its_repository():
    given = WORKFLOWS["pages"]["env"]
    assert given[publishing.PUBLIC]
    assert "github.repository" in given[publishing.REPOSITORY]
    (published,) = [step["with"]["path"] for step in steps("pages") if "upload-pages" in step.get("uses", "")]
    assert ROOT / published == build.html_folder(profiles.load("laptop"))


def test_binder_installs_what_the_pins_say_and_no_torch():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    binder = yaml.safe_load((ROOT / "binder/environment.yml").read_text())["dependencies"]
    assert binder == [entry for entry in listed if isinstance(entry, str)]
    script = ROOT / "binder/postBuild"
    assert os.access(script, os.X_OK)
    (install,) = re.findall(r"^pip install .*", script.read_text(), re.MULTILINE)
    assert "-c constraints.txt -e '.[marco,book,study]'" in install
    assert subprocess.run(["bash", "-n", script]).returncode == 0
