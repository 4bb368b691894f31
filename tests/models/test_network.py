"""score_ids against a forward pass of each text alone, and how networks are restored."""

import gc
import json
import weakref

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.errors import BundleError, ConfigError, SeqkitError
from seqkit.models import network as networks
from seqkit.models.cnn import CnnClassifier, CnnConfig
from seqkit.models.network import NetworkScorer, score_ids
from seqkit.models.rnn import RnnClassifier, RnnConfig
from seqkit.text import Normalizer, Ragged, TextPipeline, Vocab, WhitespaceTokenizer

CPU = torch.device("cpu")
PIPELINE = TextPipeline(Normalizer(), WhitespaceTokenizer(), Vocab(list("abcdefgh")))
SIZES = {"vocabulary": len(PIPELINE.vocab), "classes": 2}


def rnn(seed: int = 1) -> RnnClassifier:
    torch.manual_seed(seed)
    return RnnClassifier(RnnConfig(dim=8, hidden=8), **SIZES)


def cnn(seed: int = 1) -> CnnClassifier:
    torch.manual_seed(seed)
    return CnnClassifier(CnnConfig(dim=8, channels=8, batch_norm=True), **SIZES)


sequences = st.lists(
    st.lists(st.integers(0, SIZES["vocabulary"] - 1), max_size=30), min_size=1, max_size=30
)


@settings(max_examples=25, deadline=None)
@given(sequences, st.integers(1, 60), st.integers(1, 8))
def test_score_ids_is_the_forward_pass_of_each_text(
    texts: list[list[int]], cells: int, rows: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(networks, "_CELLS", cells)
        patch.setattr(networks, "_ROWS", rows)
        for network in (rnn(), cnn()):
            logits = score_ids(network, Ragged.from_sequences(texts), device=CPU)
            assert logits.dtype == np.float32 and logits.shape == (len(texts), 2)
            for text, row in zip(texts, logits, strict=True):
                ids = torch.tensor([text or [0]])
                with torch.no_grad():
                    alone = network(ids, torch.tensor([len(text)]))[0].numpy()
                np.testing.assert_allclose(row, alone, atol=1e-6)


def test_batches_stay_within_their_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "_CELLS", 40)
    monkeypatch.setattr(networks, "_ROWS", 5)
    shapes = []

    class Spy(torch.nn.Module):
        def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
            shapes.append(tuple(ids.shape))
            return torch.zeros(len(ids), 2)

    lengths = [1, 1, 1, 1, 1, 1, 10, 10, 10, 10, 10, 100]
    score_ids(Spy(), Ragged.from_sequences([[4] * n for n in lengths]), device=CPU)
    assert shapes == [(5, 1), (4, 10), (2, 10), (1, 102)]  # a long text goes alone


class Small(torch.nn.Module):
    """Has memory for so many cells; the logits are the first id and the length."""

    def __init__(self, cells: int) -> None:
        super().__init__()
        self.cells, self.shapes, self.held = cells, [], None

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        if self.held is not None:
            assert self.held() is None, "what the failed try computed is still in memory"
        self.shapes.append(tuple(ids.shape))
        activations = torch.stack([ids[:, 0], lengths], 1).float()
        if ids.numel() > self.cells:
            self.held = weakref.ref(activations)
            raise torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate")
        return activations


def test_out_of_memory_halves_the_texts_until_they_fit(caplog: pytest.LogCaptureFixture) -> None:
    small, texts = Small(6), [[i, 1] for i in range(4, 12)]
    gc.disable()  # the failed try must be let go of, not collected by chance
    try:
        logits = score_ids(small, Ragged.from_sequences(texts), device=CPU)
    finally:
        gc.enable()
    assert logits.tolist() == [[i, 2] for i in range(4, 12)]
    assert small.shapes == [(8, 2), (4, 2), *[(2, 2)] * 4]
    assert "texts are now scored at most 2 at a time" in caplog.text


def test_one_text_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(SeqkitError, match=r"^out of memory on cpu .* of 3 tokens: .*$"):
        score_ids(Small(2), Ragged.from_sequences([[4], [5, 6, 7]]), device=CPU)


def test_no_text_has_no_scores() -> None:
    assert score_ids(rnn(), Ragged.from_sequences([]), device=CPU).shape[0] == 0
    assert scorer().probabilities([]).shape == (0, 2)


def scorer(device: torch.device = CPU) -> NetworkScorer:
    return NetworkScorer(
        rnn(),
        PIPELINE,
        family="rnn",
        labels=["x", "y"],
        max_tokens=3,
        keep="ends",
        device=device,
    )


def test_texts_are_cut_and_scored_by_a_softmax() -> None:
    texts = ["a b c d e", "a", ""]
    network = rnn().eval()
    ids = Ragged.from_sequences(PIPELINE.encode_many(texts)).truncate(3, keep="ends")
    expected = torch.softmax(torch.from_numpy(score_ids(network, ids, device=CPU)).double(), 1)
    np.testing.assert_allclose(scorer().probabilities(texts), expected, atol=1e-12)


def test_restoring_leaves_the_random_generator_alone() -> None:
    made = scorer()
    made.network.embedding.weight.requires_grad_(False)
    files = made.to_files()
    torch.manual_seed(7)
    before = torch.get_rng_state()
    restored = NetworkScorer.from_files(files)
    assert torch.equal(torch.get_rng_state(), before)
    assert not restored.network.training
    assert restored.to_files() == files
    assert np.array_equal(restored.probabilities(["a b", ""]), made.probabilities(["a b", ""]))


def test_what_cannot_be_restored() -> None:
    files = scorer().to_files()
    head = json.loads(files["model.json"])
    head["config"]["hiden"] = 3
    with pytest.raises(BundleError, match=r"hiden.*did you mean 'hidden'"):
        NetworkScorer.from_files({**files, "model.json": json.dumps(head).encode()})
    with pytest.raises(ConfigError, match="did you mean 'cuda'"):
        NetworkScorer.from_files(files, device="cudda")
