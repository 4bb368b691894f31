"""BagScorer, in numpy, against HashedBag, in torch, and what its files must hold."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.batching import pad
from seqkit.errors import DataError
from seqkit.models.bag import BagConfig, BagScorer, ngram_rows
from seqkit.nn import HashedBag
from seqkit.text import Normalizer, Ragged, TextPipeline, Vocab, WhitespaceTokenizer

WORDS = list("abcdefgh")
PIPELINE = TextPipeline(Normalizer(), WhitespaceTokenizer(), Vocab(WORDS))
texts = st.lists(st.lists(st.sampled_from([*WORDS, "unseen"]), max_size=8).map(" ".join))


def trained(ngrams: int) -> HashedBag:
    torch.manual_seed(1)
    model = HashedBag(len(PIPELINE.vocab), dim=4, classes=3, ngrams=ngrams, buckets=30)
    with torch.no_grad():
        model.output.weight.normal_()
        model.output.bias.normal_()
    return model.eval()


def scorer(model: HashedBag, **cut: object) -> BagScorer:
    table, bias = (part.numpy() for part in model.folded())
    return BagScorer(PIPELINE, table, bias, labels=["x", "y", "z"], ngrams=model.ngrams, **cut)


def expected(model: HashedBag, batch: list[str], **cut: object) -> np.ndarray:
    ids = Ragged.from_sequences(PIPELINE.encode_many(batch))
    padded = pad(list(ids.truncate(cut.get("max_tokens"), keep=cut.get("keep", "head"))))
    with torch.no_grad():
        return torch.softmax(model(padded.ids, padded.lengths), 1).numpy()


@settings(max_examples=40, deadline=None)
@given(texts.filter(len), st.integers(1, 4))
def test_numpy_scores_as_torch_does(batch: list[str], ngrams: int) -> None:
    model = trained(ngrams)
    scores = scorer(model).probabilities(batch)
    assert scores.dtype == np.float64 and scores.shape == (len(batch), 3)
    np.testing.assert_allclose(scores, expected(model, batch), atol=1e-6)
    np.testing.assert_allclose(scores.sum(1), 1, atol=1e-12)


@pytest.mark.parametrize("keep", ["head", "tail", "ends"])
def test_long_texts_are_cut_as_in_training(keep: str) -> None:
    model, cut = trained(2), {"max_tokens": 3, "keep": keep}
    batch = ["a b c d e f g h", "a b", ""]
    scores = scorer(model, **cut).probabilities(batch)
    np.testing.assert_allclose(scores, expected(model, batch, **cut), atol=1e-6)
    restored = BagScorer.from_files(scorer(model, **cut).to_files())
    assert np.array_equal(restored.probabilities(batch), scores)


def test_no_text_and_more_texts_than_one_batch() -> None:
    bag = scorer(trained(2))
    assert bag.probabilities([]).shape == (0, 3)
    batch = [" ".join(WORDS[: i % 9]) for i in range(2500)]
    assert np.array_equal(bag.probabilities(batch)[9:18], bag.probabilities(batch[9:18]))
    assert np.array_equal(bag.probabilities([""])[0], bag.probabilities(["", "a"])[0])


def test_rows_of_fewer_words_than_the_order_are_none() -> None:
    flat = np.array([5], np.int64)
    assert ngram_rows(flat, order=3, vocabulary=4, buckets=9).shape == (0,)


@pytest.mark.parametrize(
    ("rows", "classes", "bias", "ngrams"),
    [
        (len(PIPELINE.vocab) - 1, 3, 3, 1),  # fewer rows than words
        (len(PIPELINE.vocab), 3, 3, 2),  # no rows for n-grams
        (40, 2, 3, 2),
        (40, 2, 2, 2),  # two columns, three labels
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    rows: int, classes: int, bias: int, ngrams: int
) -> None:
    table, bias_ = np.zeros((rows, classes), np.float32), np.zeros(bias, np.float32)
    with pytest.raises(DataError, match="bag: table"):
        BagScorer(PIPELINE, table, bias_, labels=["x", "y", "z"], ngrams=ngrams)


def test_the_default_is_words_and_bigrams() -> None:
    assert (BagConfig().ngrams, BagConfig().dim) == (2, 16)
