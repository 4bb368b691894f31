"""The recipe `classify` without its files: records in, a classifier out."""

import functools
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

from seqkit.commands.recipes import load_recipe
from seqkit.config import from_dict, option_names, to_dict
from seqkit.data import LabeledSplits, LabeledText, cut_folds, split_labeled
from seqkit.data.shares import check_shares
from seqkit.errors import ConfigError, choices
from seqkit.models.classifier import TextClassifier
from seqkit.plugins.memory_run import MemoryRun

__all__ = ["configure", "fit_classifier"]

_OF_FILES = (
    *("data.train", "data.valid", "data.test", "data.text_column", "data.label_column"),
    *("data.encoding_errors", "data.max_chars", "data.test_share"),
    *("baselines", "compare_vectors", "checkpoint_seconds", "out", "resume"),
)
"""Options about what is read, written and compared: nothing of that happens here."""

_FITTING = threading.Lock()


@functools.cache
def _recipe() -> ModuleType:
    return load_recipe("classify")


def configure(preset: str, options: Mapping[str, Any]) -> Any:
    """Make a configuration of the recipe.

    Args:
        preset: one of the recipe's, or a baseline as the model.
        options: values by the names of options, such as `{"model.bag.dim": 32}`; numbers may be
            numpy's.

    Raises:
        ConfigError: a name or a value that cannot be used, or that would have no effect.
    """
    recipe = _recipe()
    presets = {"default": recipe.Config(), **recipe.PRESETS}
    for name in recipe.BASELINES:
        presets[name] = recipe.Config(model=recipe.ModelConfig(family=name))
    if preset not in presets:
        raise ConfigError(choices("preset", preset, presets))
    values, allowed = to_dict(presets[preset]), {*option_names(recipe.Config)} - {*_OF_FILES}
    for name, value in options.items():
        if name not in allowed:
            raise ConfigError(choices("option", name, allowed))
        *groups, field = name.split(".")
        group = functools.reduce(dict.__getitem__, groups, values)
        group[field] = value.item() if isinstance(value, np.generic) else value
    config = from_dict(recipe.Config, values, where="options")
    recipe.check_options(config)
    return config


def fit_classifier(config: Any, records: Sequence[LabeledText]) -> TextClassifier:
    """Train what the recipe would train, holding out what it would hold out for validation.

    What needs no validation learns from all records: a baseline without a threshold. An ensemble
    of folds holds each record out once. torch's generators are left as they were.

    Args:
        config: as `configure` makes it.
        records: of two labels or more.

    Raises:
        ConfigError: options that do not fit the labels, a device that is not here.
        DataError: too few records to hold some out.
    """
    # with torch, which an estimator that only predicts may not need
    from seqkit.nn.devices import pick_device
    from seqkit.text import build_pipeline
    from seqkit.train.decision import check_decidable, check_positive

    recipe = _recipe()
    splits = _cut(config, records)
    check_positive(config.decision, splits.labels)
    parts = cut_folds(splits, config.folds, config=config.data, seed=config.seed)
    check_decidable(config.decision, [record for part in parts for record in part.valid])
    learnt = splits.train if len(parts) == 1 else records
    run, device = MemoryRun(), pick_device(config.device)
    with _generators_kept():
        pipeline = build_pipeline(config.text, recipe.texts(learnt), seed=config.seed)
        given = recipe.read_given(config, pipeline)
        model, _ = recipe.train_classifier(config, run, parts, pipeline, device, given=given)
    return model


def _cut(config: Any, records: Sequence[LabeledText]) -> LabeledSplits:
    """Cut valid from the records where one is needed, as `load_labeled` does."""
    labels = {record.label for record in records}
    train, valid = list(records), []
    trained = config.model.family not in _recipe().BASELINES
    if config.folds == 1 and (trained or config.decision.max_blocked is not None):
        share = config.data.valid_share
        check_shares({"valid": share})
        part = split_labeled(
            lambda: records,
            seed=config.seed,
            fractions={"train": 1 - share, "valid": share},
            by_content=config.data.by_content,
            near=config.data.near and config.data.by_content,
            complete="train",
        )
        train, valid = ([records[i] for i in np.flatnonzero(part == side)] for side in (0, 1))
    return LabeledSplits(train, valid, [], tuple(sorted(labels)), ())


@contextmanager
def _generators_kept() -> Iterator[None]:
    """Give torch's generators their states back: a fit in an app must not change what it draws.

    They belong to the whole process, so that two fits in threads would draw in turns, and no seed
    would give the same model again: one waits for the other.
    """
    from seqkit.train.seeding import generator_states, restore_generators

    with _FITTING:
        states = generator_states()
        try:
            yield
        finally:
            restore_generators(states)
