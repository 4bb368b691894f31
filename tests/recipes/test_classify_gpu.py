"""What only a GPU can show: run with `pytest -m gpu` where there is one."""

import numpy as np
import pytest
import torch

import seqkit as sk
from seqkit.nn import ClassificationLoss, RecurrentLayer, RecurrentStack
from seqkit.train.optim import OptimConfig, make_optimizer

pytestmark = pytest.mark.gpu
TEXTS = ["win a prize", "lunch at home", "", "free cash later"]


@pytest.mark.parametrize("family", ["bag", "cnn", "rnn"])
@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_trains_and_answers_as_on_the_cpu(
    family, precision, seqkit, spam_file, tmp_path, no_pictures
):
    preset = ["bag"] if family == "bag" else []
    options = ["--model.family", family] if family != "bag" else ["--model.bag.buckets", "1000"]
    out = tmp_path / "run"
    done = seqkit(
        *("train", "classify", *preset, "--data.train", spam_file, "--out", out),
        *("--device", "cuda", "--precision", precision, "--epochs", "3"),
        *("--baselines", "majority", *options),
    )
    assert done.code == 0, done.err
    on_cpu = sk.load(out, device="cpu").probabilities(TEXTS)
    on_gpu = sk.load(out, device="cuda").probabilities(TEXTS)
    np.testing.assert_allclose(on_cpu, on_gpu, atol=1e-4)


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("cell", ["tanh", "gru", "lstm"])
def test_cudnn_takes_the_flat_weights_as_they_are(cell, dropout, recwarn):
    layer = RecurrentLayer(16, 24, cell=cell, weight_dropout=dropout).cuda()
    h, _ = layer(torch.randn(4, 9, 16, device="cuda"))
    h.sum().backward()
    assert not [w for w in recwarn if "contiguous chunk" in str(w.message)]


def test_a_stack_equals_the_cpu():
    stack = RecurrentStack(8, 12, layers=2, bidirectional=True).eval()
    x, lengths = torch.randn(5, 7, 8), torch.tensor([7, 5, 3, 1, 6])
    expected = stack(x, lengths)
    got = stack.cuda()(x.cuda(), lengths.cuda()).cpu()
    keep = torch.arange(7) < lengths[:, None]
    torch.testing.assert_close(got[keep], expected[keep], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_optimisers_are_fused(name):
    weight = torch.nn.Parameter(torch.ones(3, device="cuda"))
    optimizer = make_optimizer(OptimConfig(name=name), [weight])
    assert optimizer.defaults["fused"]


def test_loss_of_the_gpu_equals_the_cpu():
    logits, gold = torch.randn(6, 3), torch.tensor([0, 1, 2, 0, 1, 2])
    loss = ClassificationLoss(class_weights=torch.tensor([1.0, 2.0, 3.0]))
    expected = loss(logits, gold)
    torch.testing.assert_close(loss.cuda()(logits.cuda(), gold.cuda()).cpu(), expected)
