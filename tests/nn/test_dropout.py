"""What the two dropouts share between positions, and what they keep in expectation."""

import pytest
import torch

from seqkit.errors import ConfigError
from seqkit.nn import Embedding, EmbeddingDropout, LockedDropout, keep_mask


def test_locked_dropout_has_one_mask_a_record_for_all_steps() -> None:
    torch.manual_seed(1)
    out = LockedDropout(0.4)(torch.ones(50, 7, 60))
    assert torch.equal(out, out[:, :1].expand_as(out))
    assert not torch.equal(out[0], out[1])
    torch.testing.assert_close(out.unique(), torch.tensor([0.0, 1 / 0.6]))
    assert abs(out.mean().item() - 1) < 0.05


def test_embedding_dropout_drops_every_occurrence_of_a_word() -> None:
    torch.manual_seed(2)
    ids = torch.randint(0, 300, (40, 30))
    out = EmbeddingDropout(0.3)(torch.ones(40, 30, 5), ids, 300)
    values = {}
    for word, vector in zip(ids.flatten().tolist(), out.flatten(0, 1).tolist(), strict=True):
        assert len(set(vector)) == 1
        assert values.setdefault(word, vector[0]) == vector[0]
    dropped = sum(value == 0 for value in values.values()) / len(values)
    assert abs(dropped - 0.3) < 0.1
    assert max(values.values()) == pytest.approx(1 / 0.7)


def test_both_do_nothing_in_evaluation_or_at_rate_zero() -> None:
    x, ids = torch.randn(2, 3, 4), torch.tensor([[1, 2, 3], [3, 2, 1]])
    for rate, training in ((0.5, False), (0.0, True)):
        assert LockedDropout(rate).train(training)(x) is x
        assert EmbeddingDropout(rate).train(training)(x, ids, 4) is x


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan")])
def test_a_rate_outside_zero_to_one_is_refused(rate: float) -> None:
    with pytest.raises(ConfigError, match="a dropout rate lies in"):
        LockedDropout(rate)


def test_an_embedding_gives_padding_zeros_whatever_its_id() -> None:
    embedding = Embedding(10, 4)
    ids = torch.tensor([[3, 5, 7], [0, 0, 9]])
    out = embedding(ids, keep_mask(torch.tensor([2, 1]), 3))
    assert torch.equal(out[0, :2], embedding.weight[ids[0, :2]])
    assert torch.equal(out[1, 0], embedding.weight[0])  # id 0 is a token where lengths say so
    assert (out[0, 2] == 0).all() and (out[1, 1:] == 0).all()
    assert embedding.dim == 4
