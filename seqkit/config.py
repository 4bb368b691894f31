"""Dataclass <-> command line <-> JSON: the one place where text becomes configuration.

A configuration is a frozen, keyword-only dataclass whose fields are plain values (`str`, `int`,
`float`, `bool`, `Literal`, `None`, tuples of them) or further such dataclasses. Its command line,
its JSON form and its help all derive from the fields; an unknown name fails with the nearest one.
"""

import contextlib
import dataclasses
import difflib
import io
import math
import re
import types
import typing
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, TypeVar, Union

from seqkit.errors import ConfigError, choices

__all__ = [
    "differences",
    "from_dict",
    "option_names",
    "option_values",
    "parse",
    "parse_command",
    "refuse_ignored",
    "to_dict",
]

C = TypeVar("C")

_CHOICE = re.compile(r"invalid choice '(.*)' for argument '(.*)'\. Expected one of \((.*)\)")


def parse_command(kind: type[C], args: Sequence[str], name: str) -> C:
    """Read the options of the sub-command `seqkit name`, described by the docstring of `kind`."""
    return parse(kind, args, prog=f"seqkit {name}", description=kind.__doc__ or "")


def parse(
    kind: type[C],
    args: Sequence[str],
    *,
    default: C | None = None,
    prog: str,
    description: str = "",
) -> C:
    """Read `--group.field value ...` into a `kind`, starting from `default` where it is given.

    Raises:
        ConfigError: an unknown option (with the nearest name) or a value that does not fit, in one
            line. `--help` prints the options and raises SystemExit(0).
    """
    import tyro

    _check_options(kind, args)
    complaint = io.StringIO()
    try:
        with contextlib.redirect_stderr(complaint):
            config = tyro.cli(
                kind, args=list(args), default=default, prog=prog, description=description
            )
    except SystemExit as stop:
        if stop.code in (0, None):
            raise
        raise ConfigError(_one_line(complaint.getvalue())) from None
    for name, value in _flat(to_dict(config)):
        if isinstance(value, float) and not math.isfinite(value):
            option = name.replace("_", "-")
            raise ConfigError(f"--{option} {value}: give a finite number")  # JSON has no other
    return config


def option_names(kind: type) -> list[str]:
    """List the options of a configuration: `data.train`, `seed`, ... in the order of the fields."""
    names = []
    for field, hint in _fields(kind):
        if dataclasses.is_dataclass(hint):
            names += [f"{field.name}.{name}" for name in option_names(hint)]
        else:
            names.append(field.name)
    return names


def to_dict(config: Any) -> dict[str, Any]:
    """Turn a configuration into JSON-ready values (tuples become lists)."""
    return {field.name: _plain(getattr(config, field.name)) for field in dataclasses.fields(config)}


def from_dict(kind: type[C], values: dict[str, Any], *, where: str) -> C:
    """Build a `kind` from JSON values, strictly; a missing field takes its default.

    Raises:
        ConfigError: an unknown name or a value of the wrong type, named as `where: group.field`.
    """
    return _build(kind, values, where=where, prefix="")


def option_values(config: Any) -> dict[str, Any]:
    """Return the value of each option by its name: `{"data.train": "a.tsv", "seed": 1, ...}`."""
    return dict(_flat(to_dict(config)))


def refuse_ignored(
    config: Any, usual: Sequence[Any], without_effect: Iterable[tuple[str, str]]
) -> None:
    """Refuse an option that was set and would be ignored.

    Args:
        config: what is to run.
        usual: the default, then the presets: what the default has, or the nearest of them all, was
            not set by the user.
        without_effect: how the names of options begin that are not used, and why not.

    Raises:
        ConfigError: the option and the reason.
    """
    values, known = option_values(config), [option_values(preset) for preset in usual]
    distances = [sum(values[name] != preset[name] for name in values) for preset in known]
    least = min(distances)
    nearest = [preset for preset, far in zip(known, distances, strict=True) if far == least]
    nearest.append(known[0])
    for prefix, reason in without_effect:
        for name, value in values.items():
            if name.startswith(prefix) and value not in [preset[name] for preset in nearest]:
                raise ConfigError(f"--{name.replace('_', '-')} has no effect {reason}")


def differences(old: Any, new: Any) -> list[str]:
    """Name the fields in which two configurations differ: `optim.lr 0.1 -> 0.2`."""
    changes = []
    before, after = option_values(old), option_values(new)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            changes.append(f"{name} {before.get(name)!r} -> {after.get(name)!r}")
    return changes


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _fields(kind: type) -> Iterator[tuple[dataclasses.Field[Any], Any]]:
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        yield field, hints[field.name]


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return to_dict(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _build(kind: type[C], values: Any, *, where: str, prefix: str) -> C:
    if not isinstance(values, dict):
        raise ConfigError(f"{where}: {prefix.rstrip('.') or 'the file'} must be a JSON object")
    hints = {field.name: hint for field, hint in _fields(kind)}
    known = {}
    for name, value in values.items():
        if name not in hints:
            allowed = [prefix + hint for hint in hints]
            raise ConfigError(f"{where}: {choices('unknown option', prefix + name, allowed)}")
        label = f"{where}: {prefix}{name}"
        if dataclasses.is_dataclass(hints[name]):
            known[name] = _build(hints[name], value, where=where, prefix=f"{prefix}{name}.")
        else:
            known[name] = _convert(value, hints[name], label)
    return kind(**known)


def _convert(value: Any, hint: Any, label: str) -> Any:
    """Check a JSON value against a type hint; lists become tuples, whole floats stay floats."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        for option in arguments:
            with contextlib.suppress(ConfigError):
                return _convert(value, option, label)
    elif origin is Literal:
        if value in arguments:
            return value
        raise ConfigError(choices(label, value, [str(item) for item in arguments]))
    elif origin is tuple:
        if isinstance(value, (list, tuple)):
            each = arguments[:1] * len(value) if arguments[1:] == (...,) else arguments
            if len(each) == len(value):
                return tuple(_convert(v, h, label) for v, h in zip(value, each, strict=True))
    elif hint is type(None):
        if value is None:
            return None
    elif hint is float:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if number and math.isfinite(value):
            return float(value)
    elif isinstance(value, hint) and (hint is bool or not isinstance(value, bool)):
        return value
    raise ConfigError(f"{label} is {value!r}, expected {_name(hint)}")


def _name(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)


def _check_options(kind: type, args: Sequence[str]) -> None:
    """Answer a mistyped option with the nearest one, before the parser answers with a page."""
    names = [name.replace("_", "-") for name in option_names(kind)]
    # a flag is also known by its negation, --group.no-flag
    negated = [re.sub(r"([^.]+)$", r"no-\1", name) for name in names]
    allowed = {*names, *negated, "help"}
    for arg in args:
        if arg == "--":  # what follows is no option: texts may begin with dashes
            return
        if not arg.startswith("--"):
            continue
        got = arg[2:].split("=", 1)[0].replace("_", "-")
        if got in allowed:
            continue
        near = difflib.get_close_matches(got, names, n=1, cutoff=0.5)
        if "." not in got:  # perhaps the group is what is missing
            near = [name for name in names if name.rpartition(".")[2] == got][:1] or near
        hint = f"did you mean --{near[0]}?" if near else "--help lists the options"
        raise ConfigError(f"unknown option --{got}: {hint}")


def _one_line(page: str) -> str:
    """Reduce the parser's framed message to its sentence."""
    lines = [line.strip("│ ").strip() for line in page.splitlines()]
    if rules := [at for at, line in enumerate(lines) if re.fullmatch("-{9,}", line)]:
        lines = lines[rules[0] + 1 :]  # a frame in ASCII: the title stands above it
    lines = [line for line in lines if line and not re.match(r"^([╭╰─]|-{9})", line)]
    sentence = " ".join(lines).split("Argument helptext:")[0].split("For full helptext")[0]
    sentence = re.sub(r"\s+", " ", sentence).strip()
    if found := _CHOICE.match(sentence):
        got, option, names = found.groups()
        return choices(option, got, {*re.findall(r"'([^']*)'", names)} - {"None"})
    return sentence or "the options could not be read: see --help"
