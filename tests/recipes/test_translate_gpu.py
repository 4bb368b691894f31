"""What only a GPU can show of translators: run with `pytest -m gpu` where there is one."""

import pytest
import torch
from tiny import losses

import seqkit as sk

pytestmark = [pytest.mark.gpu, pytest.mark.usefixtures("no_pictures")]

SMALL = """
    --source.tokenizer char --target.tokenizer whitespace --kind sequence --model.dim 16
    --model.encoder-hidden 8 --model.decoder-hidden 16 --model.dropout 0 --optim.lr 0.02
    --batch-tokens 256 --epochs 2 --baselines copy
"""


def train(seqkit, pairs_file, out, device, *options):
    arguments = (
        "--data.train",
        pairs_file,
        "--out",
        out,
        "--device",
        device,
        *SMALL.split(),
        *options,
    )
    outcome = seqkit("train", "translate", *arguments)
    assert outcome.code == 0, outcome.err


@pytest.mark.parametrize("feeding", ["--model.input-feeding", "--model.no-input-feeding"])
def test_trains_as_on_the_cpu(feeding, seqkit, pairs_file, tmp_path):
    train(seqkit, pairs_file, tmp_path / "cpu", "cpu", feeding)
    train(seqkit, pairs_file, tmp_path / "gpu", "cuda", feeding)
    assert losses(tmp_path / "gpu") == pytest.approx(losses(tmp_path / "cpu"), rel=0.02)


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_trains(precision, seqkit, pairs_file, tmp_path):
    train(seqkit, pairs_file, tmp_path, "cuda", "--precision", precision)
    first, *_, last = losses(tmp_path)
    assert last < first


def test_answers_are_those_of_the_cpu(seqkit, pairs_file, tmp_path):
    train(seqkit, pairs_file, tmp_path, "cuda")
    words = ["abba", "cafe", "gag", "", "bed"] * 9
    expected = sk.load(tmp_path).translate_many(words, attention=True)
    found = sk.load(tmp_path, device="cuda").translate_many(words, attention=True)
    assert [each.text for each in found] == [each.text for each in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.log_prob == pytest.approx(other.log_prob, abs=1e-3)
        if one.attention is not None:
            torch.testing.assert_close(
                torch.from_numpy(one.attention),
                torch.from_numpy(other.attention),
                rtol=1e-2,
                atol=1e-3,
            )
