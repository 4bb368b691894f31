"""Of what kind the model is that a command is given: looked at, not checked."""

from seqkit.commands.kinds import kind_among


def test_the_first_saved_model_counts(tmp_path):
    for name, content in {
        "broken": "{",
        "list": "[]",
        "number": '{"kind": 3}',
        "first": '{"kind": "Translator"}',
        "second": '{"kind": "SearchIndex"}',
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "bundle.json").write_text(content)
    folders = [str(tmp_path / name) for name in ("broken", "list", "number")]
    assert kind_among(folders) is kind_among([]) is None
    assert kind_among(["--json", "\0", *folders, str(tmp_path / "first")]) == "Translator"
    assert kind_among([str(tmp_path / "second"), str(tmp_path / "first")]) == "SearchIndex"
