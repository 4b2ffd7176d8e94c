"""The description of the parameters agrees with their declaration and with the paper's profile."""

from dataclasses import fields

from tests.conftest import ROOT
from tracelib.cli.main import main
from tracelib.experiments import parameters, profiles
from tracelib.experiments.config import DECLARED, Experiment, Paper

DESCRIBED = {known.parameter: known for known in parameters.described()}


def test_every_parameter_has_a_short_description():
    assert list(DESCRIBED) == [field.name for field in fields(Experiment)]
    for known in DESCRIBED.values():
        assert known.meaning[0].isupper(), known
        assert known.meaning.endswith("."), known
        assert len(known.meaning) < 220, known


def test_descriptions_by_hand():
    assert DESCRIBED["method"] == (
        "method", "What is trained: low-rank adapters, or every weight.", "lora, full", "lora",
    )  # fmt: skip
    said = {name: DESCRIBED[name][2:] for name in ("context", "epochs", "warmup_ratio", "threads", "model")}
    assert said.pop("model")[0] == "a text"
    assert said == {
        "context": ("a whole number, at least 64", "1024"),
        "epochs": ("a number, above 0, below 1,000", "3"),
        "warmup_ratio": ("a number, at least 0, below 1", "0.03"),
        "threads": ("a whole number, at least 1, at most 1,024", ""),
    }
    assert DESCRIBED["gradient_checkpointing"][2:] == ("true or false", "true")


def test_the_papers_profile_has_the_papers_values_unless_marked_as_ours():
    """The comments of the profile mark the source of each value."""
    lines = (ROOT / "profiles" / "paper.yaml").read_text().split("\nrun:")[1].splitlines()[1:]
    ours = {line.split(":")[0].strip() for line in lines if "[ours]" in line}
    common = profiles.load("paper").settings["qwen3-8b-cotempqa"]
    for name, declared in DECLARED.items():
        of_the_paper = [known.value for known in declared.metadata if isinstance(known, Paper)]
        if of_the_paper and name not in {*ours, "dataset", "model", "condition"}:
            assert common[name] == of_the_paper[0], name
    assert {"lora_rank", "learning_rate", "max_new_tokens"}.isdisjoint(ours)


def test_the_command_lists_the_parameters_within_the_terminals_width(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["parameters"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == list(DESCRIBED)
    assert max(map(len, lines)) <= 80
    assert "                        paper: 0.0002" in lines
