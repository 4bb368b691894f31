"""The recipe's own training loop, watched from where it logs."""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from seqkit.batching import TokenShards
from seqkit.models.recurrent_lm import RecurrentLm
from seqkit.train.run import Run

__all__ = ["LOGGED", "watch_training"]

LOGGED = 20
"""Updates from one row of the log to the next."""


def watch_training(
    recipe: ModuleType,
    config: Any,
    network: RecurrentLm,
    tokens: Mapping[str, TokenShards],
    *,
    at_step: Callable[[int], None],
    at_epoch: Callable[[], None],
) -> None:
    """Train as `seqkit train lm` does, in the folder `config.out`.

    The loop is `train` of recipes/lm.py itself: windows on their way to the device, schedule,
    update, average, tally, log, checkpoints, validation. A GPU has done all its work when it logs.

    Args:
        recipe: the module of recipes/lm.py.
        config: its configuration.
        network: to be trained; it is left with the weights of the best epoch.
        tokens: by split, train and valid.
        at_step: is told the number of updates so far whenever they are logged.
        at_epoch: is called after each validation.
    """
    with Run(config.out, config=config, recipe="lm") as run:
        log = run.log

        def logged(event: str, **values: Any) -> None:
            log(event, **values)
            if event == "step":
                at_step(values["step"])
            elif event == "epoch":
                at_epoch()

        run.log = logged
        recipe.train(config, run, network, dict(tokens), network.embedding.weight.device)
