"""The hash of a model's weights. Other tests of kept models are in `test_model_fetch`."""

from tracelib.training import model_files


def test_weights_of_a_folder_are_its_files(tmp_path):
    assert model_files.weights("owner/name@abc") is None
    assert len(model_files.weights("tiny-base")) == 64
    (tmp_path / "model.safetensors").write_bytes(b"1")
    one = model_files.weights(str(tmp_path))
    (tmp_path / "tokenizer.json").write_text("{}")
    two = model_files.weights(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"2")
    three = model_files.weights(str(tmp_path))
    (tmp_path / "chat_template.jinja").write_text("{{ messages }}")
    four = model_files.weights(str(tmp_path))
    assert len({one, two, three, four}) == 4
    (tmp_path / "README.md").write_text("what it is for")
    assert model_files.weights(str(tmp_path)) == four
