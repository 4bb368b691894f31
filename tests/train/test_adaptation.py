"""What a recipe does of adaptation, against the functions that it is made of."""

import numpy as np
import pytest
import torch

from seqkit.batching import TokenShards
from seqkit.errors import ConfigError
from seqkit.models import lm_dynamic
from seqkit.models.lm_cache import fit_cache
from seqkit.models.lm_dynamic import DynamicEvaluation, adapted_log_probs, gradient_scale
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig
from seqkit.text import Vocab
from seqkit.train import adaptation
from seqkit.train.adaptation import (
    CACHE_THETAS,
    CACHE_WEIGHTS,
    AdaptConfig,
    adapt,
    check_adapt,
)

V = 12


class Watched(TokenShards):
    """Shards that remember how many of them were asked for at once."""

    most = 0

    def __getitem__(self, index):
        found = super().__getitem__(index)
        self.most = max(self.most, len(found))
        return found


def splits():
    rng = np.random.default_rng(2)
    return {
        name: Watched.from_array(rng.integers(2, V, count))
        for name, count in (("train", 900), ("valid", 500), ("test", 400))
    }


def network():
    torch.manual_seed(4)
    return RecurrentLm(RecurrentLmConfig(dim=8, hidden=(8,)), vocabulary=V)


@pytest.mark.parametrize("cache", [0, 30])
@pytest.mark.parametrize("dynamic", [False, True])
def test_it_is_what_its_parts_are(cache, dynamic, monkeypatch):
    monkeypatch.setattr(lm_dynamic, "_STRETCH", 100)
    monkeypatch.setattr(adaptation, "_SCALED_BY", 300)
    model, tokens = network(), splits()
    adapted = adapt(AdaptConfig(cache=cache, dynamic=dynamic, dynamic_lr=0.01), model, tokens)
    if not (cache or dynamic):
        assert adapted is None
        return
    parts = []
    for part in adapted.log_probs(tokens["test"]):
        assert model.training  # is left as it was while the caller has its turn
        parts.append(part)
    whole = {name: part[:] for name, part in tokens.items()}
    fitted = scale = None
    if cache:
        fitted = fit_cache(
            model,
            whole["valid"],
            first=Vocab.EOS,
            size=cache,
            thetas=CACHE_THETAS,
            weights=CACHE_WEIGHTS,
        )
    if dynamic:
        scale = gradient_scale(model, whole["train"][:300], first=Vocab.EOS)
    expected = adapted_log_probs(
        model,
        whole["test"],
        first=Vocab.EOS,
        cache=fitted,
        dynamic=DynamicEvaluation(lr=0.01) if dynamic else None,
        scale=scale,
    )
    assert len(parts) > 1 or not dynamic
    np.testing.assert_allclose(np.concatenate(parts), expected, atol=1e-6)
    assert len(adapted.notes) == bool(cache) + dynamic


def test_no_split_is_read_whole(monkeypatch):
    monkeypatch.setattr("seqkit.batching.streams._AHEAD", 50)
    monkeypatch.setattr(adaptation, "_SCALED_BY", 300)
    tokens = splits()
    adapted = adapt(AdaptConfig(cache=9, dynamic=True, dynamic_lr=1e-4), network(), tokens)
    assert sum(map(len, adapted.log_probs(tokens["test"]))) == len(tokens["test"])
    assert {name: part.most <= 300 for name, part in tokens.items()} == dict.fromkeys(tokens, True)


def test_learning_that_diverges_is_refused_when_it_has():
    tokens = splits()
    adapted = adapt(AdaptConfig(dynamic=True, dynamic_lr=1e3), network(), tokens)
    with pytest.raises(ConfigError, match="dynamic evaluation diverged"):
        list(adapted.log_probs(tokens["test"]))


def test_values_out_of_range():
    with pytest.raises(ConfigError, match=r"^--adapt.cache -1: must be 0 or more$"):
        check_adapt(AdaptConfig(cache=-1))
    with pytest.raises(ConfigError, match="dynamic evaluation, decay 2"):
        check_adapt(AdaptConfig(dynamic_decay=2.0))
