"""Of what kind the model is that a command is given: looked at, not checked."""

from seqkit.commands.kinds import file_kind, kind_among


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


def test_the_file_of_a_model(tmp_path):
    names = ("words.vec", "words.txt.gz", "model.arpa", "words.tsv")
    vec, txt, arpa, tsv = (str(tmp_path / name) for name in names)
    for name in names:
        (tmp_path / name).write_text("")
    assert file_kind([vec]) == file_kind(["--format", "map", txt]) == "WordVectors"
    assert file_kind([arpa, vec]) == "NgramModel"
    assert file_kind([]) is file_kind([tsv]) is file_kind(["--data", txt]) is None
    assert file_kind([str(tmp_path / "none.vec")]) is None
