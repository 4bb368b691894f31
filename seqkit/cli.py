"""The `seqkit` command. Each sub-command reads its options and calls the library.

Results go to stdout, progress and messages to stderr. Exit status: 0, 2 for a mistake that the
message explains in one line, 130 after Ctrl-C.
"""

import errno
import importlib.metadata
import logging
import os
import sys
from collections.abc import Callable, Sequence

from seqkit.commands import (
    data,
    export,
    index,
    language,
    models,
    recipes,
    scoring,
    search,
    similar,
    topics,
    translate,
)
from seqkit.commands.recipes import recipe_name
from seqkit.errors import ConfigError, SeqkitError, choices

__all__ = ["COMMANDS", "ENVIRONMENT", "main", "recipe_name", "run_recipe"]

ENVIRONMENT = {
    # How many turns a thread spins before it sleeps. With the library's own number a step of an
    # LSTM takes ten to a hundred times longer as soon as another process wants the cores; with none
    # at all (OMP_WAIT_POLICY=passive) twice as long on an idle machine.
    "GOMP_SPINCOUNT": "10000",
    # Convolution kernels of a thousand sizes, the library's own default, are a gigabyte.
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64",
}
"""What torch's libraries are told, unless the environment has said it."""

COMMANDS: dict[str, tuple[str, Callable[[Sequence[str]], None]]] = {
    "train": ("train a model: seqkit train RECIPE [PRESET] [--option value ...]", recipes.train),
    "recipes": ("list recipes and presets; copy one to edit: recipes copy NAME FILE", recipes.show),
    "predict": ("classify texts from arguments, a file or stdin", models.predict),
    "evaluate": ("measure a saved model: classifier, translator, index, vectors", models.evaluate),
    "compare": ("set two saved classifiers side by side on labelled data", models.compare),
    "generate": ("let a language model go on with a text", language.generate),
    "score": ("say how likely a language model finds a text", scoring.score),
    "translate": ("translate texts, or score given translations", translate.translate),
    "search": ("ask a search index: one query, many, or a prompt", search.search),
    "similar": ("find the nearest neighbours of words, by their vectors", similar.similar),
    "topics": ("say what documents are about, by a topic model", topics.topics),
    "index": ("add, update or delete documents of a search index; merge, verify", index.main),
    "inspect": ("show what a saved model is and where it comes from", models.inspect),
    "export": ("write an n-gram model, or word vectors, in another form", export.export),
    "data": ("list named sets, audit or split labelled data", data.main),
}


# what a path of the user's can be wrong in
_PATH_ERRORS = (
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR),
    *(errno.EISDIR, errno.ENOENT, errno.EEXIST),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    for name, value in ENVIRONMENT.items():  # before torch is loaded
        if name != "GOMP_SPINCOUNT" or "OMP_WAIT_POLICY" not in os.environ:  # the user's own word
            os.environ.setdefault(name, value)
    args = list(sys.argv[1:] if argv is None else argv)
    return _guarded(lambda: _dispatch(args))


def run_recipe(path: str, argv: Sequence[str]) -> int:
    """Run a recipe's file with `[PRESET] [--option value ...]`; returns the exit status."""
    return _guarded(lambda: recipes.train([path, *argv]))


def _dispatch(args: list[str]) -> None:
    if not args or args[0] in ("-h", "--help", "help"):
        print(_usage())
        return
    if args[0] == "--version":
        print(f"seqkit {importlib.metadata.version('seqkit')}")
        return
    if args[0] not in COMMANDS:
        raise ConfigError(choices("command", args[0], COMMANDS))
    COMMANDS[args[0]][1](args[1:])


def _usage() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name.ljust(width)}  {text}" for name, (text, _) in COMMANDS.items()]
    return "\n".join(
        ["usage: seqkit COMMAND ...", "", *lines, "", "seqkit COMMAND --help tells more"]
    )


def _guarded(work: Callable[[], None]) -> int:
    """Turn mistakes into one line and an exit status; faults of ours keep their traceback."""
    logging.basicConfig(format="%(levelname)s %(message)s", stream=sys.stderr)
    logging.addLevelName(logging.INFO, "seqkit:")
    logging.addLevelName(logging.WARNING, "seqkit: warning:")
    logging.getLogger("seqkit").setLevel(logging.INFO)
    try:
        work()
        sys.stdout.flush()
    except SeqkitError as error:
        _tell("; ".join([str(error), *getattr(error, "__notes__", [])]))  # notes: by a run
        return 2
    except KeyboardInterrupt as stop:
        _tell("; ".join(["stopped", *getattr(stop, "__notes__", [])]))
        return 130
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.errno in _PATH_ERRORS and isinstance(error.filename, str | bytes):
            _tell(f"{os.fsdecode(error.filename)}: {error.strerror}")
        elif error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            _tell(
                f"the disk is full ({error.filename or 'while writing'}): free some space; a "
                "training goes on from its last checkpoint with --resume"
            )
        else:
            raise
        return 2
    return 0


def _tell(message: str) -> None:
    """Print one line, also where a label or the name of a file has line breaks."""
    print("seqkit:", " ".join(message.splitlines()), file=sys.stderr)
