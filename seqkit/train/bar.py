"""A bar on stderr, where the command shows how far it is."""

import logging
import sys
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

__all__ = ["show_bar"]

logger = logging.getLogger(__name__)


def show_bar(steps: Iterable[Any], **options: Any) -> tqdm:
    """Show on stderr how far an iteration is; a log file gets a line every ten seconds.

    A bar is one of our messages of level INFO: what an app calls shows none, unless the app asks
    for these messages, as the command does.

    Args:
        steps: what is iterated over.
        options: of tqdm: desc, total, unit, ...
    """
    shown = logger.isEnabledFor(logging.INFO)
    wait = 0.0 if shown and sys.stderr.isatty() else 10.0
    return tqdm(
        steps,
        leave=False,
        disable=not shown,
        mininterval=wait or 0.1,
        delay=wait,
        **options,
    )
