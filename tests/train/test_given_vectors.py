"""Vectors that a model is given: scaled, measured, and refused where they cannot work."""

import logging

import numpy as np
import pytest
import torch

from seqkit.config import refuse_ignored
from seqkit.errors import ConfigError, DataError
from seqkit.models.recurrent_lm import RecurrentLmConfig
from seqkit.nn.embedding import RESERVED
from seqkit.train.given_vectors import (
    VectorsOptions,
    check_vectors,
    give_vectors,
    own_part,
    unused_vectors,
    vector_arrays,
)

LINES = ["3 2", "cat 3 4", "dog 0 10", "bird 9 0"]
WORDS = ["cat", "Dog", "fish"]


@pytest.fixture
def path(tmp_path):
    (tmp_path / "v.vec").write_text("\n".join(LINES) + "\n")
    return str(tmp_path / "v.vec")


def give(path, words=WORDS, *, dim=2, **options):
    use = VectorsOptions(vectors_use=options.pop("use", "tuned"))
    return give_vectors(use, words, path=path, dim=dim, dim_option="--model.x.dim", **options)


LENGTHS = [
    ({"use": "tuned"}, 1.0), ({"use": "tuned", "length": 3.0}, 3.0), ({"use": "frozen"}, 6.0),
    ({"use": "projected", "length": 3.0}, 6.0), ({"use": "frozen", "length": 9.0}, 9.0),
    ({"use": "frozen", "length": 3.0, "tied": True}, 3.0),
]  # fmt: skip


@pytest.mark.parametrize(("options", "length"), LENGTHS)
def test_all_are_scaled_by_one_factor(path, options, length):
    """cat is 5 long and Dog, by its lower-case form, 10: the mean, 7.5, becomes the length."""
    given = give(path, **options).rows
    assert given.known.tolist() == [False] * RESERVED + [True, True, False]
    factor = length / 7.5
    expected = torch.tensor([[3 * factor, 4 * factor], [0.0, 10 * factor]])
    torch.testing.assert_close(given.rows[RESERVED : RESERVED + 2], expected)


def test_vectors_of_zeros_stay_zeros(tmp_path):
    (tmp_path / "v.vec").write_text("1 2\ncat 0 0\n")
    assert not give(str(tmp_path / "v.vec")).rows.rows.any()


def test_what_is_told(path, caplog):
    with caplog.at_level(logging.INFO, "seqkit"):
        given = give(path, use="frozen")
        few = give(path, ["cat", *(f"piece{i}" for i in range(9))])
    assert given.note.startswith(f"Word vectors {path}, frozen: 66.7% of 3 words")
    assert given.note in caplog.messages and "little" not in given.note
    (warning,) = [each.message for each in caplog.records if each.levelno == logging.WARNING]
    assert warning == few.note
    assert "10.0% of 10 words" in warning and "That is little: were they made of" in warning


def test_another_width(path):
    message = (
        r"v.vec: vectors of 2 values, --model.x.dim is 5: set it to 2, or --model.vectors-use "
        "projected$"
    )
    with pytest.raises(ConfigError, match=message):
        give(path, dim=5)
    with pytest.raises(ConfigError, match=r"set it to 2$"):
        give(path, dim=5, otherwise="", use="frozen")
    assert give(path, dim=5, use="projected").rows.projected_from == 2


def test_what_a_resumed_run_must_find_again(path, tmp_path):
    (tmp_path / "other.vec").write_text("\n".join(LINES).replace("3 4", "4 3") + "\n")
    assert vector_arrays(None) == []
    first, again, other = (
        vector_arrays(None, give(each)) for each in (path, path, str(tmp_path / "other.vec"))
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_what_is_refused_before_any_work(path):
    check_vectors(VectorsOptions(), None, l1=0.1)
    check_vectors(VectorsOptions(), path, l1=0.1)
    with pytest.raises(DataError, match=r"gone.vec: no such file or folder of word vectors"):
        check_vectors(VectorsOptions(), None, "gone.vec", l1=0.0)
    with pytest.raises(ConfigError, match=r"it takes --model.vectors-lemmas PIPELINE"):
        check_vectors(VectorsOptions(vectors_fallbacks=("case", "lemma")), path, l1=0.0)
    with pytest.raises(ConfigError, match=r"--optim.l1 with --model.vectors-use frozen"):
        check_vectors(VectorsOptions(vectors_use="frozen"), path, l1=0.1)


def test_a_network_keeps_its_own_part_of_the_options():
    from recipes.lm import ModelConfig

    config = own_part(RecurrentLmConfig, ModelConfig(dim=7, vectors="x.vec"))
    assert type(config) is RecurrentLmConfig and config == RecurrentLmConfig(dim=7)


@pytest.mark.parametrize(
    ("options", "paths", "message"),
    [
        ({"vectors_use": "frozen"}, [None, None], "--model.vectors-use has no effect without"),
        ({"vectors_fallbacks": ()}, [None], "--model.vectors-fallbacks has no effect without"),
        ({"vectors_lemmas": "en"}, ["v"], "--model.vectors-lemmas has no effect without lemma"),
    ],
)
def test_options_without_effect(options, paths, message):
    from recipes.lm import Config, ModelConfig

    config = Config(model=ModelConfig(**options))
    with pytest.raises(ConfigError, match=message):
        refuse_ignored(config, [Config()], unused_vectors(config.model, *paths))
