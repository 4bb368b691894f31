"""HashedBag against averages in plain Python, with the hash worked out on Python's integers."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.batching import pad
from seqkit.errors import ConfigError
from seqkit.models.bag import ngram_rows
from seqkit.nn import HashedBag, ngram_ids
from seqkit.text import Ragged

V, BUCKETS, ORDERS = 12, 50, 3
rows = st.lists(st.integers(0, V - 1), max_size=7)


def bucket(words: list[int], *, vocabulary: int = V, buckets: int = BUCKETS) -> int:
    """The docstring's formula on integers without end: 64 bits, signed only for the shift."""
    h = 0
    for word in words:
        h = h * 116049371 + word + 1
    mixed = h * -7046029254386353131 % 2**64
    return (mixed >> 32) % buckets + vocabulary


def features(words: list[int], orders: int = ORDERS) -> list[int]:
    longer = [
        bucket(words[i : i + n]) for n in range(2, orders + 1) for i in range(len(words) - n + 1)
    ]
    return words + longer


def batch(texts: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    padded = pad(list(Ragged.from_sequences(texts)))
    return padded.ids, padded.lengths


def bag(**options: object) -> HashedBag:
    torch.manual_seed(1)
    made = HashedBag(V, **{"dim": 4, "classes": 3, "ngrams": ORDERS, "buckets": BUCKETS, **options})
    with torch.no_grad():
        if "vectors" not in options:
            made.table.normal_()
        made.output.weight.normal_()
        made.output.bias.normal_()
    return made


@settings(max_examples=60, deadline=None)
@given(st.lists(rows, min_size=1, max_size=5))
def test_forward_is_the_average_by_hand(texts: list[list[int]]) -> None:
    model = bag().eval()
    logits = model(*batch(texts))
    for text, row in zip(texts, logits, strict=True):
        found = features(text)
        mean = model.table[found].mean(0) if found else torch.zeros(4)
        torch.testing.assert_close(row, model.output(mean))


@settings(max_examples=60, deadline=None)
@given(st.lists(rows, min_size=1, max_size=5))
def test_folded_gives_the_logits_of_forward(texts: list[list[int]]) -> None:
    model = bag().eval()
    table, bias = model.folded()
    assert table.shape == (V + BUCKETS, 3)
    for text, row in zip(texts, model(*batch(texts)), strict=True):
        found = features(text)
        mean = table[found].mean(0) if found else torch.zeros(3)
        torch.testing.assert_close(row, mean + bias, atol=1e-5, rtol=1e-5)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 2**31 - 1), max_size=12),
    st.integers(1, 5),
    st.integers(1, 2**31),
    st.integers(1, 2_000_000),
)
def test_torch_numpy_and_python_hash_alike(
    ids: list[int], order: int, vocabulary: int, buckets: int
) -> None:
    flat = torch.tensor(ids, dtype=torch.int64)
    options = {"order": order, "vocabulary": vocabulary, "buckets": buckets}
    ours = ngram_ids(flat[None], **options)[0].tolist()
    assert ours == ngram_rows(flat.numpy(), **options).tolist()
    assert ours == [
        bucket(ids[i : i + order], vocabulary=vocabulary, buckets=buckets)
        for i in range(len(ids) - order + 1)
    ]


def test_the_hash_spreads_and_minds_the_order() -> None:
    ids = torch.cartesian_prod(torch.arange(100), torch.arange(100))
    found = ngram_ids(ids, order=2, vocabulary=0, buckets=1000)[:, 0]
    assert len(set(found.tolist())) == 1000
    assert torch.bincount(found).max() < 40  # 10 on average
    assert bucket([1, 2]) != bucket([2, 1])


def test_dropout_leaves_out_features_in_training_alone() -> None:
    model, whole = bag(dropout=0.5), bag()
    whole.load_state_dict(model.state_dict())
    ids, lengths = batch([[1, 2, 3, 4, 5, 6]] * 50)
    logits = model(ids, lengths)
    assert not torch.equal(logits[0], logits[1])
    model.eval()
    assert torch.equal(model(ids, lengths)[0], whole.eval()(ids, lengths)[0])


@pytest.mark.parametrize("sparse", [True, False])
def test_the_gradient_touches_the_rows_of_the_batch_alone(sparse: bool) -> None:
    model = bag(sparse=sparse)
    texts = [[1, 2, 3], [], [4]]
    model(*batch(texts)).sum().backward()
    gradient = model.table.grad
    assert gradient.is_sparse == sparse
    touched = gradient.to_dense().abs().sum(1).nonzero().flatten().tolist()
    assert set(touched) == set(features(texts[0]) + features(texts[2]))


def test_a_batch_of_empty_texts_has_the_bias_as_logits() -> None:
    model = bag()
    logits = model(*batch([[], []]))
    assert torch.equal(logits, model.output.bias.expand(2, 3))
    logits.sum().backward()


def test_words_alone_need_no_buckets() -> None:
    model = HashedBag(V, dim=2, classes=2, ngrams=1, buckets=1000)
    assert model.table.shape == (V, 2)


def test_a_new_bag_finds_all_classes_equally_likely() -> None:
    model = HashedBag(V, dim=2, classes=2, ngrams=2, buckets=10)
    assert (model(*batch([[1, 2, 3]])) == 0).all()
    assert model.table.abs().max() <= 1 / 2


def test_given_vectors_stand_in_the_word_rows() -> None:
    vectors = torch.randn(V, 4)
    model = bag(vectors=vectors)
    assert torch.equal(model.table[:V], vectors)
    with pytest.raises(ConfigError, match=r"shape \(1, 4\)"):
        bag(vectors=vectors[:1])


@pytest.mark.parametrize(
    ("options", "message"),
    [({"ngrams": 0}, "ngrams 0"), ({"dim": 0}, "dim 0"), ({"buckets": 0}, "buckets 0"),
     ({"dropout": 1.5}, "bag dropout 1.5")],
)  # fmt: skip
def test_options_that_cannot_be_used_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        bag(**options)


def test_what_training_never_held_says_nothing() -> None:
    """Unknown words and n-grams have rows that no update touched: they must not move the score."""
    model = HashedBag(V, dim=4, classes=3, ngrams=ORDERS, buckets=BUCKETS, sparse=False)
    optimizer = torch.optim.Adagrad(model.parameters(), 0.5)
    for _ in range(3):
        optimizer.zero_grad()
        model(*batch([[4, 5, 4]]))[:, 0].sum().backward()
        optimizer.step()
    rows = model.table[torch.tensor(features([4, 5, 4]))].abs().sum(1)
    assert (rows > 0).all()
    assert torch.equal(model.table[3], torch.zeros_like(model.table[3]))
