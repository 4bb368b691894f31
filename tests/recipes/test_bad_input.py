"""Bad input: exit 2, one line that says where and what, nothing half-written."""

import json

import pytest
from conftest import messages

ROWS = [f"{label}\t{text}" for label, text in messages(60)]
FAST = ["--model.family", "naive-bayes", "--baselines", "majority", "--device", "cpu"]


@pytest.fixture
def refuse(refused, tmp_path):
    """Train on a file of this content; it must be refused and leave nothing."""

    def run(content, *options, name="data.tsv"):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        out = tmp_path / "runs" / "x"
        message = refused("train", "classify", "--data.train", path, *FAST, *options, "--out", out)
        assert not (tmp_path / "runs").exists()
        return message

    return run


def tsv(*rows):
    return "\n".join(rows) + "\n"


def test_missing_file(refuse):
    assert "data.tsv: no such file" in refuse(None)


def test_empty_file(refuse):
    assert "data.tsv: the file is empty" in refuse("")


def test_a_header_alone(refuse):
    assert "data.tsv: no records" in refuse("label\ttext\n")


def test_one_class_only(refuse):
    message = refuse(tsv(*(row for row in ROWS if row.startswith("ham"))))
    assert "every record has the label 'ham'" in message


def test_a_label_in_test_that_train_never_saw(refuse, tmp_path):
    test = tmp_path / "test.tsv"
    test.write_text(tsv("ham\tyes", "eggs\tno"))
    message = refuse(tsv(*ROWS), "--data.test", test)
    assert f"{test}:2: test has a label that train never saw: label 'eggs'" in message


def test_wrong_column_count(refuse):
    message = refuse(tsv(*ROWS[:6], "ham\tone\ttwo", *ROWS[6:]))
    assert "data.tsv:7: 3 tab-separated fields, expected 2" in message


def test_invalid_utf8(refuse):
    before = tsv(*ROWS[:3]).encode() + b"ham\tcaf"
    message = refuse(before + b"\xe9\n" + tsv(*ROWS[3:]).encode())
    assert f"data.tsv:4: invalid UTF-8 at byte {len(before)} (0xe9)" in message
    assert "--data.encoding-errors replace" in message


def test_invalid_utf8_replaced_goes_on_and_is_counted(seqkit, tmp_path, no_pictures):
    path, out = tmp_path / "data.tsv", tmp_path / "out"
    path.write_bytes(
        tsv(*ROWS[:40], "ham\tcaf").encode()[:-1] + b"\xe9\n" + tsv(*ROWS[40:]).encode()
    )
    options = ["--data.train", path, *FAST, "--out", out, "--data.encoding-errors", "replace"]
    assert seqkit("train", "classify", *options).code == 0
    audited = json.loads((out / "metrics.json").read_text())["audit"]["splits"]
    assert sum(split["undecodable"] for split in audited) == 1
    table = (out / "report.md").read_text().split("## The data")[1]
    assert "| undecodable |" in table
    counts = [
        row.split("|")[5].strip()
        for row in table.split("\n")
        if row[:4] in ("| tr", "| va", "| te")
    ]
    assert sorted(counts) == ["0", "0", "1"]


def test_nul_bytes(refuse):
    message = refuse(tsv(*ROWS[:2], "ham\ta\0b"))
    assert f"data.tsv:3: NUL byte at byte {len(tsv(*ROWS[:2])) + 5}" in message


def test_a_10_mb_record(refuse):
    message = refuse(tsv(*ROWS, "ham\t" + "ab " * 3_500_000))
    assert "data.tsv:61: a single record of more than 1,000,000 characters" in message
    assert "--data.max-chars" in message


def test_a_10_mb_record_where_it_is_allowed(seqkit, tmp_path, no_pictures):
    path = tmp_path / "data.tsv"
    path.write_text(tsv(*ROWS, "ham\t" + "lunch! " * 1_500_000))
    options = [
        "--data.train",
        path,
        *FAST,
        "--out",
        tmp_path / "out",
        "--data.max-chars",
        "20000000",
    ]
    assert seqkit("train", "classify", *options).code == 0


def test_a_damaged_archive(refuse):
    assert "data.tsv.gz" in refuse(b"\x1f\x8b\x08 not gzip", name="data.tsv.gz")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["train", "classify", "--epocs", "3"], "unknown option --epocs: did you mean --epochs?"),
        (["train", "classify", "--rnn.dim", "3"], "did you mean --model.rnn.dim?"),
        (["train", "classify", "spma"], "(did you mean 'spam'?)"),
        (
            ["train", "clasify"],
            "recipe 'clasify': choose from classify, lm, ngram, search, topics, translate, vectors "
            "(did you mean 'classify'?)",
        ),
        (["train", "none.json"], "none.json: no such configuration file"),
        (["train", "classify", "--model.family", "rn"], "--model.family 'rn': choose from "),
        (["train", "classify", "--epochs", "many"], "--epochs"),
        (["recipes", "cpoy"], "(did you mean 'copy'?)"),
        (["data", "audti"], "(did you mean 'audit'?)"),
        (["predcit"], "(did you mean 'predict'?)"),
        (["predict"], "required"),
        (["predict", "x", "a", "--fiel", "y"], "did you mean --file?"),
    ],
)
def test_unknown_names_are_answered_with_the_nearest(args, message, refused):
    assert message in refused(*args)


SIZES = """
    --epochs 0 | --epochs -1 | --batch-size 0 | --accumulate 0 | --max-tokens 0 | --patience 0
    --seed -1 | --seed 99999999999999999999 | --ema 1 | --ema -0.5
    --optim.lr 0 | --optim.lr nan | --optim.clip -1 | --optim.weight-decay -1
    --schedule.warmup 1 | --schedule.warmup inf | --schedule.factor 0
    --loss.label-smoothing 1 | --loss.name focal --loss.focal-gamma -1
    --model.rnn.dim 0 | --model.rnn.hidden 0 | --model.rnn.layers 0 | --model.rnn.dropout 1.5
    --model.family cnn --model.cnn.widths 0 | --model.family cnn --model.cnn.channels 0
    --model.family cnn --model.cnn.widths | --model.family cnn --model.cnn.dim -1
    --model.family bag --model.bag.dim 0 | --model.family bag --model.bag.ngrams 0
    --model.family bag --model.bag.buckets 0
    --data.valid-share 0 | --data.test-share 1 | --data.valid-share 0.5 --data.test-share 0.6
    --data.max-chars 0 | --text.min-count 0 | --text.max-vocab 0
    --decision.max-blocked 0.1 | --decision.positive spma | --baselines knnn
    --decision.positive spam --decision.max-blocked 2
    --optim.name adam --optim.momentum 0.5 | --optim.nesterov | --model.bag.dim 3
    --model.vectors-use frozen | --model.vectors nowhere.txt | --text.subwords 3
"""


@pytest.mark.parametrize(
    "options", [s.strip() for s in SIZES.replace("\n", "|").split("|") if s.strip()]
)
def test_values_out_of_range(options, refused, tmp_path):
    (tmp_path / "data.tsv").write_text(tsv(*ROWS))
    given = [
        "--data.train",
        tmp_path / "data.tsv",
        "--device",
        "cpu",
        "--out",
        tmp_path / "a" / "b",
    ]
    refused("train", "classify", *given, "--baselines", "majority", *options.split())
    assert not (tmp_path / "a").exists()


def test_an_out_folder_that_cannot_be_written(refused, spam_file, tmp_path):
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "run"
    message = refused("train", "classify", "--data.train", spam_file, "--out", out)
    assert f"--out {out}: cannot be written" in message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not JSON"),
        ("[]", "not the config.json of a run"),
        ('{"recipe": "classfy", "config": {}}', "did you mean 'classify'?"),
        ('{"recipe": "classify", "config": {"epohcs": 3}}', "did you mean 'epochs'?"),
        ('{"recipe": "classify", "config": {"epochs": "3"}}', "epochs is '3', expected int"),
    ],
)
def test_a_configuration_that_is_not_one(content, message, refused, tmp_path):
    (tmp_path / "config.json").write_text(content)
    assert message in refused("train", tmp_path / "config.json")


def test_the_real_command_writes_one_line_on_stderr(process, tmp_path):
    (tmp_path / "data.tsv").write_text(tsv(*ROWS[:3], "ham"))
    done = process("train", "classify", "--data.train", "data.tsv", cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("seqkit: data.tsv:4: ") and done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["data.tsv"]
