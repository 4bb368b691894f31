"""What only a GPU can show of language models: run with `pytest -m gpu` where there is one."""

import pytest
import torch
from tiny import losses

import seqkit as sk
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig
from seqkit.nn.devices import set_tf32
from seqkit.nn.softmax import FullSoftmax
from seqkit.train.optim import OptimConfig, make_optimizer
from seqkit.train.progress import Progress
from seqkit.train.tally import Tally
from seqkit.train.window_update import WindowUpdater

pytestmark = pytest.mark.gpu
GPU = torch.device("cuda")
CELLS = ["tanh", "gru", "lstm", "minlstm", "mogrifier"]
V, B, T = 50, 8, 12
DRY = {"input_dropout": 0.0, "hidden_dropout": 0.0, "output_dropout": 0.0}
TEXT = "the cat sees a dog today .\nmy friend likes the king !"


@pytest.fixture(autouse=True)
def precisions():
    """Leave the TF32 switch as it was."""
    products = torch.backends.cuda.matmul, torch.backends.cudnn.rnn
    before = [kind.fp32_precision for kind in products]
    yield
    for kind, precision in zip(products, before, strict=True):
        kind.fp32_precision = precision


def train(seqkit, corpus, out, *options):
    done = seqkit(
        *("train", "lm", "--data.train", corpus, "--out", out, "--device", "cuda"),
        *("--model.dim", "16", "--model.hidden", "24", "16", "--optim.lr", "0.02"),
        *("--batch-size", "4", "--epochs", "2", *options),
    )
    assert done.code == 0, done.err


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
@pytest.mark.parametrize("cell", CELLS)
def test_trains_and_answers_as_on_the_cpu(cell, precision, seqkit, corpus, tmp_path, no_pictures):
    train(seqkit, corpus, tmp_path, "--model.cell", cell, "--precision", precision)
    on_cpu, on_gpu = (sk.load(tmp_path, device=device) for device in ("cpu", "cuda"))
    expected = [value for _, value in on_cpu.token_scores(TEXT)]
    assert [value for _, value in on_gpu.token_scores(TEXT)] == pytest.approx(expected, abs=1e-4)
    options = {"max_tokens": 15, "temperature": 0}
    assert on_gpu.generate("the cat", **options) == on_cpu.generate("the cat", **options)
    drawn = [g.text for g in on_gpu.generate_many(["the", "a dog"], num=3, seed=1)]
    assert drawn == [
        g.text for prompt in ("the", "a dog") for g in on_gpu.generate_many([prompt], num=3, seed=1)
    ]


def test_adaptive_output_and_lines_for_themselves(seqkit, corpus, tmp_path, no_pictures):
    adaptive = ("--model.output", "adaptive", "--model.no-tied", "--model.cutoffs", "8", "16")
    train(seqkit, corpus, tmp_path, *adaptive, "--sentences")
    on_cpu, on_gpu = (sk.load(tmp_path, device=device) for device in ("cpu", "cuda"))
    assert on_gpu.score(TEXT).log_prob == pytest.approx(on_cpu.score(TEXT).log_prob, abs=1e-3)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_run_with_graphs_has_the_losses_of_one_without(
    precision, seqkit, corpus, tmp_path, no_pictures
):
    options = ["--precision", precision, "--no-tf32"]
    for place in ("input", "hidden", "output"):
        options += [f"--model.{place}-dropout", "0"]
    train(seqkit, corpus, tmp_path / "with", *options, "--cuda-graphs")
    train(seqkit, corpus, tmp_path / "without", *options)
    near = pytest.approx(losses(tmp_path / "without"), rel=1e-4 if precision == "fp32" else 1e-2)
    assert losses(tmp_path / "with") == near


def make(*, device=GPU, **options):
    torch.manual_seed(1)
    config = RecurrentLmConfig(**{"dim": 16, "hidden": (24, 16), **DRY, **options})
    return RecurrentLm(config, vocabulary=V).to(device)


def make_updater(network, *, lr=0.01, device=GPU, **options):
    config = OptimConfig(name="adam", lr=lr, clip=0.5)
    optimizer = make_optimizer(config, network.parameters())
    return WindowUpdater(network, optimizer, config=config, device=device, **options)


def windows(count, *, device=GPU, last=T):
    ids = torch.randint(V, (B, count * T + 1), generator=torch.Generator().manual_seed(2))
    for start in range(0, count * T, T):
        stop = start + (T if start + T < count * T else last)
        yield ids[:, start:stop].to(device), ids[:, start + 1 : stop + 1].to(device)


def updates(network, count, *, device=GPU, last=T, **options):
    """Losses and gradient norms of some updates on windows of one stream, and the last state."""
    updater, state = make_updater(network, device=device, **options), network.start(B)
    found = []
    for inputs, targets in windows(count, device=device, last=last):
        done = updater.update(inputs, targets, state)
        state = done.state
        found.append((done.nats.clone(), done.norm.clone()))
    return torch.tensor([[float(nats), float(norm)] for nats, norm in found]), state


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
@pytest.mark.parametrize("cell", CELLS)
def test_replayed_windows_give_what_run_ones_give(cell, precision):
    set_tf32(False)
    options = {"precision": precision, "alpha": 2.0, "beta": 1.0, "last": 5}
    networks = make(cell=cell), make(cell=cell)
    replayed, state = updates(networks[0], 9, graphs=True, **options)
    run, expected = updates(networks[1], 9, **options)
    tolerance = {"atol": 0.0, "rtol": 1e-4 if precision == "fp32" else 1e-2}
    assert replayed[-1, 0] < replayed[0, 0]  # the last window is shorter, and not replayed
    torch.testing.assert_close(replayed[:, 0], run[:, 0], **tolerance)
    if precision != "fp16":  # whose first norms may overflow
        torch.testing.assert_close(replayed[:, 1], run[:, 1], atol=0.0, rtol=10 * tolerance["rtol"])
    for part, its_like in zip(sum(state, ()), sum(expected, ()), strict=True):
        torch.testing.assert_close(part.float(), its_like.float(), atol=5e-2, rtol=0)


def test_replayed_windows_draw_new_dropouts():
    network = make(input_dropout=0.5, weight_dropout=0.5, word_dropout=0.2)
    updater = make_updater(network, lr=1e-12, graphs=True)
    inputs, targets = next(windows(1))
    drawn = {updater.update(inputs, targets, network.start(B)).nats.item() for _ in range(6)}
    assert len(drawn) == 6


def test_a_replayed_window_leaves_what_earlier_ones_gave():
    network = make()
    updater = make_updater(network, graphs=True)
    (first, gold), (second, other) = windows(2)
    kept = updater.update(first, gold, network.start(B))
    nats, state = kept.nats.item(), [part.clone() for part in sum(kept.state, ())]
    updater.update(second, other, kept.state)
    assert kept.nats.item() == nats
    assert all(map(torch.equal, sum(kept.state, ()), state))


@pytest.mark.parametrize("cell", CELLS)
def test_updates_are_those_of_the_cpu(cell):
    set_tf32(False)
    on_gpu, _ = updates(make(cell=cell), 5)
    cpu = torch.device("cpu")
    on_cpu, _ = updates(make(cell=cell, device=cpu), 5, device=cpu)
    torch.testing.assert_close(on_gpu, on_cpu, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("graphs", [False, True])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_an_update_does_not_wait_for_the_gpu(precision, graphs):
    network = make(input_dropout=0.3, weight_dropout=0.3, word_dropout=0.1)
    updater = make_updater(network, precision=precision, graphs=graphs)
    tally, progress, state = Tally(device=GPU, clip=0.5), Progress(), network.start(B)
    batches = list(windows(22))
    for number, (inputs, targets) in enumerate(batches):
        torch.cuda.set_sync_debug_mode("error" if 1 <= number < 19 else "default")
        try:
            done = updater.update(inputs, targets, state)
            state = done.state
            progress.advance()
            tally.add(done, progress, 0.01)  # the twentieth asks for all of them
        finally:
            torch.cuda.set_sync_debug_mode("default")
        assert len(tally.waiting) == (number + 1) % 20
    assert progress.weight == 20 * B * T


@pytest.mark.parametrize("autocast", [False, True])
@pytest.mark.parametrize("cell", ["tanh", "gru", "lstm"])
def test_cudnn_takes_the_weights_as_they_are(cell, autocast, recwarn):
    network = make(cell=cell, weight_dropout=0.5)
    for training in (True, False):
        inputs, targets = next(windows(1))
        with torch.autocast("cuda", dtype=torch.bfloat16, enabled=autocast):
            hidden, _ = network.train(training)(inputs, network.start(B))
            loss = network.output.loss(hidden.top.flatten(0, 1), targets.flatten())
        if training:
            loss.backward()
    assert not [w for w in recwarn if "contiguous chunk" in str(w.message)]


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
def test_optimisers_are_fused(name):
    # a plain sgd is not, since it takes sparse gradients
    config = OptimConfig(name=name, momentum=0.9 if name == "sgd" else 0.0)
    assert make_optimizer(config, make().parameters()).defaults["fused"]


def test_the_switch_for_tf32_reaches_products_and_recurrences():
    torch.manual_seed(3)
    x = torch.randn(256, 256, device=GPU)
    exact = x.double() @ x.double()
    network = make(dim=128, hidden=(128,)).eval()
    ids = next(windows(1))[0]
    errors, tops = [], []
    for allowed in (True, False):
        set_tf32(allowed)
        errors.append((x @ x - exact).abs().max().item())
        with torch.no_grad():
            tops.append(network(ids, network.start(B))[0].top.clone())
    assert errors[0] > 30 * errors[1]
    assert not torch.equal(*tops)


def test_losses_in_chunks_equal_the_cpu(monkeypatch):
    set_tf32(False)
    torch.manual_seed(4)
    layer, h, gold = FullSoftmax(16, V), torch.randn(200, 16), torch.randint(V, (200,))
    monkeypatch.setattr("seqkit.nn.softmax._GPU_LOGITS", 30 * V)
    found = []
    for device in ("cpu", "cuda"):
        layer = layer.to(device)
        here = h.to(device).requires_grad_()
        loss = layer.loss(here, gold.to(device))
        loss.backward()
        found.append((loss.detach().cpu(), here.grad.cpu(), layer.weight.grad.cpu().clone()))
        layer.zero_grad()
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-5)
