"""Options that would change nothing are an error, not passed over."""

import dataclasses
from typing import Any

from seqkit.errors import ConfigError

__all__ = ["refuse_unused"]


def refuse_unused(options: Any, names: str, reason: str) -> None:
    """Raise ConfigError if one of the fields in `names` has another value than its default.

    Args:
        options: the options of a command.
        names: fields, with spaces between.
        reason: why they would have no effect: "without --file".
    """
    defaults = {field.name: field.default for field in dataclasses.fields(options)}
    for name in names.split():
        if getattr(options, name) != defaults[name]:
            raise ConfigError(f"--{name.replace('_', '-')} has no effect {reason}")
