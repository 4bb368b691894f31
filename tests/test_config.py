"""Dataclass <-> command line <-> JSON: nothing is lost, and nothing wrong gets in."""

import ast
import dataclasses
import inspect
import itertools
import json
import math
import typing
from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.commands.recipes import load_recipe, names
from seqkit.config import differences, from_dict, option_names, parse, to_dict
from seqkit.errors import ConfigError

SHAPES = ("constant", "inverse-sqrt")


@dataclass(frozen=True, kw_only=True)
class Inner:
    rate: float = 0.5
    """A number."""
    shape: Literal["constant", "inverse-sqrt"] = "constant"
    """A name."""
    sizes: tuple[int, ...] = (3, 4)
    """Some numbers."""
    limit: float | None = None
    """A number or none."""


@dataclass(frozen=True, kw_only=True)
class Outer:
    inner: Inner = Inner()
    path: str | None = None
    """A path or none."""
    words: tuple[str, ...] = ()
    """Some words."""
    count: int = 1
    """A whole number."""
    flag: bool = False
    """Yes or no."""
    nesterov_too: bool = True
    """Yes or no."""


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text("abcdefghij ./:é中", min_size=1, max_size=8)
INNERS = st.builds(
    Inner,
    rate=NUMBERS,
    shape=st.sampled_from(SHAPES),
    sizes=st.lists(st.integers(), max_size=3).map(tuple),
    limit=st.none() | NUMBERS,
)
OUTERS = st.builds(
    Outer,
    inner=INNERS,
    path=st.none() | WORDS,
    words=st.lists(WORDS, max_size=3).map(tuple),
    count=st.integers(),
    flag=st.booleans(),
    nesterov_too=st.booleans(),
)


def read(*args, default=None):
    return parse(Outer, args, default=default, prog="seqkit test")


def as_options(values, prefix=""):
    """Write a configuration as a person would on the command line."""
    options = []
    for name, value in values.items():
        option = f"{prefix}{name}".replace("_", "-")
        if isinstance(value, dict):
            options += as_options(value, f"{option}.")
        elif isinstance(value, bool):
            flag = option if value else f"{prefix}no-{name}".replace("_", "-")
            options.append(f"--{flag}")
        elif isinstance(value, list):
            options += [f"--{option}", *map(str, value)]
        else:
            options += [f"--{option}", str(value)]
    return options


@given(OUTERS)
def test_json_and_back(config):
    values = json.loads(json.dumps(to_dict(config)))
    assert from_dict(Outer, values, where="x") == config


@settings(max_examples=25)
@given(OUTERS)
def test_command_line_and_back(config):
    assert read(*as_options(to_dict(config))) == config


@given(OUTERS, OUTERS)
def test_differences_are_what_differs(one, other):
    assert (differences(one, other) == []) == (one == other)


def test_differences_name_the_field_and_both_values():
    changed = Outer(inner=Inner(rate=0.1), words=("a",))
    assert differences(Outer(), changed) == ["inner.rate 0.5 -> 0.1", "words [] -> ['a']"]


def test_option_names_stand_in_the_order_of_the_fields():
    assert option_names(Outer)[:5] == [
        "inner.rate",
        "inner.shape",
        "inner.sizes",
        "inner.limit",
        "path",
    ]


def test_the_command_line_starts_from_the_default():
    config = read("--count", "7", default=Outer(inner=Inner(rate=0.25), flag=True))
    assert config == Outer(inner=Inner(rate=0.25), flag=True, count=7)


@pytest.mark.parametrize("spelling", ["--nesterov-too", "--nesterov_too"])
def test_a_flag_may_be_spelt_with_either_dash(spelling):
    assert read(spelling) == Outer()


def test_an_option_may_carry_its_value_behind_an_equals_sign():
    assert read("--inner.rate=2") == Outer(inner=Inner(rate=2.0))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--cuont", "3"], "unknown option --cuont: did you mean --count?"),
        (["--inner.raet", "3"], "unknown option --inner.raet: did you mean --inner.rate?"),
        (["--rate", "3"], "unknown option --rate: did you mean --inner.rate?"),
        (["--xyzzy=3"], "unknown option --xyzzy: --help lists the options"),
        (["--no-flga"], "unknown option --no-flga: did you mean --flag?"),
        (
            ["--inner.shape", "constnat"],
            "--inner.shape 'constnat': choose from constant, inverse-sqrt (did you mean "
            "'constant'?)",
        ),
    ],
)
def test_an_unknown_option_is_answered_with_the_nearest(args, message):
    with pytest.raises(ConfigError) as error:
        read(*args)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("args", "part"),
    [
        (["--count", "x"], "--count"),
        (["--count", "1.5"], "--count"),
        (["--count"], "--count"),
        (["--inner.shape", "constnat"], "inverse-sqrt"),
        (["--inner.sizes", "3", "x"], "--inner.sizes"),
        (["--inner.limit", "much"], "--inner.limit"),
        (["--flag", "yes"], "yes"),
        (["extra"], "extra"),
        (["--inner.rate", "nan"], "--inner.rate nan: give a finite number"),
        (["--inner.limit", "inf"], "--inner.limit inf: give a finite number"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_option(args, part):
    with pytest.raises(ConfigError) as error:
        read(*args)
    assert part in str(error.value)
    assert "\n" not in str(error.value) and "│" not in str(error.value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"cuont": 1}, "f.json: unknown option 'cuont'"),
        ({"inner": {"raet": 1}}, "did you mean 'inner.rate'?"),
        ({"inner": 3}, "f.json: inner must be a JSON object"),
        ([], "f.json: the file must be a JSON object"),
        ({"count": "3"}, "f.json: count is '3', expected int"),
        ({"count": 3.0}, "f.json: count is 3.0, expected int"),
        ({"count": True}, "f.json: count is True, expected int"),
        ({"flag": 1}, "f.json: flag is 1, expected bool"),
        ({"path": 1}, "f.json: path is 1, expected str | None"),
        ({"inner": {"shape": "lin"}}, "f.json: inner.shape 'lin': choose from constant, inv"),
        ({"inner": {"rate": "1"}}, "f.json: inner.rate is '1', expected float"),
        ({"inner": {"rate": math.nan}}, "f.json: inner.rate is nan, expected float"),
        ({"inner": {"sizes": 3}}, "f.json: inner.sizes is 3, expected tuple[int, ...]"),
        ({"inner": {"sizes": [3, "4"]}}, "f.json: inner.sizes is '4', expected int"),
        ({"inner": {"rate": None}}, "f.json: inner.rate is None, expected float"),
    ],
)
def test_json_is_read_strictly(values, message):
    with pytest.raises(ConfigError) as error:
        from_dict(Outer, values, where="f.json")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_json_may_leave_fields_out_and_write_a_float_as_a_whole_number():
    assert from_dict(Outer, {"inner": {"rate": 2}}, where="f") == Outer(inner=Inner(rate=2.0))
    assert isinstance(from_dict(Inner, {"rate": 2}, where="f").rate, float)


def test_help_lists_the_options_and_exits_with_0(capsys):
    with pytest.raises(SystemExit) as stop:
        read("--help")
    assert stop.value.code == 0
    page = capsys.readouterr().out
    assert all(f"--{name.replace('_', '-')}" in page for name in option_names(Outer))
    assert "A number or none." in page


@pytest.mark.parametrize("recipe", names())
def test_every_option_of_a_recipe_has_a_help_string(recipe, capsys):
    config = load_recipe(recipe).Config
    with pytest.raises(SystemExit):
        parse(config, ["--help"], prog="x")
    page = " ".join(capsys.readouterr().out.replace("│", " ").split())
    for name, text in helps(config):
        assert text, f"{name} has no help string"
        assert " ".join(text.split()) in page


def helps(kind, prefix=""):
    """Pair each option with the string that stands under its field, or None."""
    hints = typing.get_type_hints(kind)
    body = ast.parse(inspect.getsource(kind)).body[0].body
    for node, below in itertools.pairwise([*body, None]):
        if isinstance(node, ast.AnnAssign):
            name, hint = node.target.id, hints[node.target.id]
            if dataclasses.is_dataclass(hint):
                yield from helps(hint, f"{prefix}{name}.")
            else:
                yield prefix + name, below.value.value if isinstance(below, ast.Expr) else None
