"""`seqkit train` and `seqkit recipes`: find, configure, run and copy recipes."""

import dataclasses
import importlib.util
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from seqkit.config import from_dict, option_names, parse
from seqkit.errors import ConfigError, choices
from seqkit.files import read_json

__all__ = ["configure", "load_recipe", "recipe_name", "show", "train"]

_FOLDER = Path(__file__).parents[2] / "recipes"  # beside the package, in a checkout and installed


def names() -> list[str]:
    """List the recipes that come with seqkit."""
    return sorted(path.stem for path in _FOLDER.glob("*.py"))


def load_recipe(name: str) -> ModuleType:
    """Import a recipe by its name, or by the path of a copy.

    By path and not as `recipes.NAME`: a folder of that name where the user stands, or another
    package that brings one, must not take its place.

    Raises:
        ConfigError: no such recipe.
    """
    path = Path(name) if name.endswith(".py") else _FOLDER / f"{name}.py"
    if not path.is_file():
        raise ConfigError(choices("recipe", name, names()))
    spec = importlib.util.spec_from_file_location(f"seqkit_recipe_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for the source of their help
    spec.loader.exec_module(module)
    return module


def recipe_name(path: str) -> str:
    """Name a recipe in `config.json`: by its name, or a copy of it by its full path."""
    file = Path(path).resolve()
    return file.stem if file.parent == _FOLDER.resolve() else str(file)


def train(args: Sequence[str]) -> None:
    """Run `RECIPE [PRESET] [--option value ...]`, or `CONFIG.json [--option value ...]`."""
    if not args or args[0] in ("-h", "--help"):
        print("usage: seqkit train RECIPE [PRESET] [--group.field value ...]")
        print("       seqkit train OUT/config.json [--group.field value ...]")
        print(f"recipes: {', '.join(names())}; seqkit train RECIPE --help lists its options")
        return
    module, config = configure(args)
    module.main(config)


def configure(args: Sequence[str]) -> tuple[ModuleType, Any]:
    """Find the recipe and make its configuration from the arguments of `train`.

    Without `--out` a preset runs in `runs/RECIPE-PRESET`, a configuration file in a folder beside
    its own with `-rerun` at the end, so that the earlier run stays; with `--resume`, in its own.
    """
    first, *rest = args
    if first.endswith(".json"):
        recipe, default, out = _read_config(first)
    else:
        recipe, default, out = load_recipe(first), None, ""
        preset = "default"
        if rest and not rest[0].startswith("-"):
            preset, rest = rest[0], rest[1:]
        if preset == "default":
            default = recipe.Config()
        elif preset in recipe.PRESETS:
            default = recipe.PRESETS[preset]
        elif Path(preset).exists():
            raise ConfigError(f"{preset} is no preset: to train on it, --data.train {preset}")
        else:
            raise ConfigError(choices("preset", preset, ["default", *recipe.PRESETS]))
        out = f"runs/{Path(first).stem}-{preset}"
    prog = f"seqkit train {Path(first).stem}"
    presets = ", ".join(["default", *recipe.PRESETS])
    description = f"{(recipe.__doc__ or '').strip()}\n\nPresets: {presets}"
    config = parse(recipe.Config, rest, default=default, prog=prog, description=description)
    if first.endswith(".json"):
        out += "" if getattr(config, "resume", False) else "-rerun"  # one of minutes has none
    else:
        config = _own_splits(config, default, rest)
    return recipe, config if config.out else dataclasses.replace(config, out=out)


def _own_splits(config: Any, preset: Any, args: Sequence[str]) -> Any:
    """Leave out what belongs to a preset's training data where the user gives other data."""
    if config.data.train == preset.data.train:
        return config
    options = {arg.split("=", 1)[0] for arg in args}
    belonging = {"valid", "test", "queries", "qrels"} & set(option_names(type(config.data)))
    splits = {name: None for name in belonging if f"--data.{name}" not in options}
    return dataclasses.replace(config, data=dataclasses.replace(config.data, **splits))


def _read_config(path: str) -> tuple[ModuleType, Any, str]:
    if not Path(path).is_file():
        raise ConfigError(f"{path}: no such configuration file")
    try:
        saved = read_json(path)
    except ValueError as error:
        raise ConfigError(f"{path}: not JSON ({error})") from None
    if not isinstance(saved, dict) or not {"recipe", "config"} <= saved.keys():
        raise ConfigError(f"{path}: not the config.json of a run: no recipe and config in it")
    recipe = load_recipe(str(saved["recipe"]))
    config = from_dict(recipe.Config, saved["config"], where=path)
    return recipe, dataclasses.replace(config, out=None), str(Path(path).resolve().parent)


def show(args: Sequence[str]) -> None:
    """List recipes and presets (`--json`), or `copy RECIPE FILE`."""
    if args and args[0] in ("-h", "--help"):
        print("usage: seqkit recipes [--json]\n       seqkit recipes copy RECIPE FILE")
    elif args and args[0] == "copy":
        _copy(args[1:])
    elif not args or list(args) == ["--json"]:
        listing = {name: list(load_recipe(name).PRESETS) for name in names()}
        if args:
            print(json.dumps(listing))
            return
        for name, presets in listing.items():
            print(f"{name}: {', '.join(presets)}")
    else:
        raise ConfigError(choices("recipes", args[0], ["copy", "--json"]))


def _copy(args: Sequence[str]) -> None:
    if len(args) != 2:
        raise ConfigError("usage: seqkit recipes copy RECIPE FILE")
    source, target = _FOLDER / f"{args[0]}.py", Path(args[1])
    if not source.is_file():
        raise ConfigError(choices("recipe", args[0], names()))
    if target.suffix != ".py":
        raise ConfigError(f"{target}: name the copy .py; seqkit train {target}.py runs it then")
    if target.exists():
        raise ConfigError(f"{target}: exists already: choose another name")
    if not target.parent.is_dir():
        raise ConfigError(f"{target.parent}: no such folder")
    shutil.copyfile(source, target)
    print(f"{target}: edit it, then run: seqkit train {target}")
