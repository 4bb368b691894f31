"""`seqkit translate`: translate texts, or score given translations."""

import codecs
import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tyro.conf import Positional, UseAppendAction

from seqkit.commands.decoding import DecodingOptions, search_settings
from seqkit.commands.loading import load_model
from seqkit.commands.reading import ReadingOptions, check_limit, read_texts, warn_of_files
from seqkit.commands.refusal import refuse_unused
from seqkit.commands.scored_pairs import print_scores
from seqkit.commands.translated_lines import json_line, text_lines
from seqkit.config import parse_command
from seqkit.errors import ConfigError, DataError, choices, require

if TYPE_CHECKING:
    from seqkit.models.any_translator import AnyTranslator
    from seqkit.models.translation import Translation

__all__ = ["TranslateOptions", "translate"]

_CHUNK = 1024  # texts translated together where nobody waits for each
_DRAWN = {".png": 30, ".html": 1000}  # texts that a picture of either kind takes
_SEARCH = "beam length_penalty coverage_penalty"
_DRAW = "temperature top_k top_p seed"


@dataclass(frozen=True, kw_only=True)
class TranslateOptions(DecodingOptions, ReadingOptions):
    """Translate texts: the text alone, a line for each line, in the order given.

    An empty line gives an empty line.
    """

    model: Positional[str]
    """Folder of the saved model."""
    texts: Positional[tuple[str, ...]] = ()
    """Texts, behind -- if one begins with a dash; without any, and without --file, the lines of
    stdin."""
    file: str | None = None
    """Read texts from here instead, one a line (.txt .jsonl .csv .tsv, .gz .xz); - is stdin."""
    num: int = 1
    """Translations of each text, the best first: as number of the text, score and text with tabs
    between; with --json in a list called translations."""
    sample: bool = False
    """Draw translations token by token instead of searching; all texts are read first."""
    temperature: float = 1.0
    """--sample: below 1 likely tokens become likelier; 0 always takes the likeliest."""
    top_k: int | None = None
    """--sample: choose among so many of the likeliest tokens."""
    top_p: float | None = None
    """--sample: choose among the likeliest tokens that together have this probability."""
    seed: int = 0
    """--sample: the same seed draws the same translations."""
    ensemble: UseAppendAction[tuple[str, ...]] = ()
    """Let this saved model have the same say at each step, which writes with the same vocabulary;
    may be given several times."""
    attention: str | None = None
    """Draw what each token attended to in its source into this .png or .html file."""
    alignment: bool = False
    """--json: tell it as numbers too, a row for each token of the translation."""
    score: str | None = None
    """Say how likely the lines of this file are as translations, and search for none; - is
    stdin."""
    batch: int | None = None
    """Texts translated together; 1 answers each line of a slow stdin at once. 1,024, and 1 on a
    terminal, unless it is given."""
    device: str = "cpu"
    """Where the network runs: cpu, cuda or auto."""
    json: bool = False
    """Print a JSON object for each text: source, text, log_prob, score, tokens, finished. With
    --score: all figures as one object."""


def translate(args: Sequence[str]) -> None:
    """Run `seqkit translate`."""
    options = parse_command(TranslateOptions, args, "translate")
    _check(options)
    model = _load(options)
    from seqkit.nn.memory import keep_freed_memory  # here: torch comes with it

    keep_freed_memory()
    if options.score is not None:
        sources, targets = _pairs(options)
        print_scores(model, sources, targets, as_json=options.json)
        return
    find = _finder(model, options)
    find([])  # an option that this model cannot follow is refused before anything is read
    panels = []
    unicode = codecs.lookup(sys.stdout.encoding or "ascii").name == "utf-8"
    for number, source, found in _answers(find, _texts(options), _together(options)):
        if options.json:
            ranked = options.num > 1
            print(
                json_line(
                    source,
                    found,
                    ranked=ranked,
                    alignment=options.alignment,
                    ascii_only=not unicode,
                )
            )
        else:
            for line in text_lines(number, found, ranked=options.num > 1):
                print(line)
        if options.attention is not None:
            panels += [(each.source_tokens, each.tokens, each.attention) for each in found]
    if options.attention is not None:
        from seqkit.train.alignment_picture import write_alignments

        write_alignments(options.attention, panels)


def _check(options: TranslateOptions) -> None:
    if options.texts and options.file:
        raise ConfigError("translate: give texts or --file, not both")
    check_limit("translate", options)
    for name in ("num", "batch"):
        value = getattr(options, name)
        if value is not None and value < 1:
            raise ConfigError(f"translate: --{name} {value}: must be 1 or more")
    _check_reading(options)
    if options.score is not None:
        names = f"{_SEARCH} max_tokens long unknown num sample {_DRAW} attention alignment batch"
        refuse_unused(options, names, "with --score, which searches for nothing")
    elif options.sample:
        refuse_unused(options, _SEARCH, "with --sample, which draws instead of searching")
        refuse_unused(options, "batch", "with --sample, which reads all texts first")
        if options.temperature == 0:
            refuse_unused(options, "num seed", "with --temperature 0, which draws nothing")
    else:
        refuse_unused(options, _DRAW, "without --sample")
    if not options.json:
        refuse_unused(options, "alignment", "without --json")
    if options.attention is not None:
        _check_picture(options.attention, options)


def _check_reading(options: TranslateOptions) -> None:
    """Refuse options of reading where nothing is read that has what they speak of."""
    files = [path for path in (options.file, options.score) if path is not None]
    if options.texts:
        refuse_unused(options, "batch", "without --file or stdin")
        if not files:
            refuse_unused(options, "text_column encoding_errors max_chars", "without --file")
    elif options.score == "-" and options.file in (None, "-"):
        raise ConfigError("translate: sources and --score cannot both be stdin: name a --file")
    if set(files) <= {"-"}:
        refuse_unused(options, "text_column", "without a file that has columns")


def _check_picture(path: str, options: TranslateOptions) -> None:
    """Refuse a picture that could not be written, before the work."""
    kind = Path(path).suffix.lower()
    if kind not in _DRAWN:
        raise ConfigError(choices(f"--attention {path}: kind of file", kind, _DRAWN))
    if not Path(path).parent.is_dir():
        raise ConfigError(f"--attention {path}: no such folder as {Path(path).parent}")
    if options.num > 1:
        raise ConfigError("--attention draws one translation of each text: leave --num out")
    if kind == ".png":
        require("matplotlib", extra="plot", purpose="a .png of attention")


def _load(options: TranslateOptions) -> "AnyTranslator":
    folders = [options.model, *options.ensemble]
    models = [load_model("Translator", folder, options.device) for folder in folders]
    found: AnyTranslator = models[0].ensemble(models) if options.ensemble else models[0]
    return found


def _texts(options: TranslateOptions) -> Iterator[str]:
    if options.texts:
        warn_of_files(options.texts)
        texts = iter(options.texts)
    else:
        texts = read_texts(options.file or "-", options)
    if options.attention is None:
        return texts
    most = _DRAWN[Path(options.attention).suffix.lower()]
    held = list(itertools.islice(texts, most + 1))
    if len(held) > most:
        raise ConfigError(
            f"--attention {options.attention}: more than {most:,} texts, which nobody could look "
            "through: give fewer" + (", or write .html" if most < _DRAWN[".html"] else "")
        )
    return iter(held)


def _pairs(options: TranslateOptions) -> tuple[list[str], list[str]]:
    """Read sources and targets that belong together."""
    sources, targets = list(_texts(options)), list(read_texts(options.score, options))
    if len(sources) != len(targets):
        where = "the arguments" if options.texts else options.file or "stdin"
        raise DataError(
            f"--score: {len(sources):,} sources ({where}) and {len(targets):,} targets "
            f"({options.score}): give one target for each source"
        )
    return sources, targets


def _together(options: TranslateOptions) -> int | None:
    """Return how many texts are translated together, None for all."""
    if options.sample:
        return None  # what is drawn for a text depends on how many equal ones came before it
    typed = not options.texts and options.file in (None, "-") and sys.stdin.isatty()
    return options.batch or (1 if typed else _CHUNK)


_Finder = Callable[[list[str]], "list[list[Translation]]"]


def _finder(model: "AnyTranslator", options: TranslateOptions) -> _Finder:
    """Return what finds the translations of texts, as the options say."""
    num, settings = options.num, search_settings(options)
    settings["attention"] = options.alignment or options.attention is not None
    if not options.sample:
        return lambda texts: model.n_best(texts, num=num, **settings)
    drawing: dict[str, Any] = {name: getattr(options, name) for name in _DRAW.split()}
    drawing |= {name: value for name, value in settings.items() if name not in _SEARCH.split()}

    def draw(texts: list[str]) -> "list[list[Translation]]":
        drawn = model.sample([text for text in texts for _ in range(num)], **drawing)
        return [drawn[at : at + num] for at in range(0, len(drawn), num)]

    return draw


def _answers(
    find: _Finder, texts: Iterator[str], together: int | None
) -> "Iterator[tuple[int, str, list[Translation]]]":
    """Yield number, text and translations of each text; what was printed of a chunk is flushed."""
    first = 1
    while part := list(itertools.islice(texts, together)):
        try:
            found = find(part)
        except DataError as error:
            if first == 1:
                raise
            raise DataError(f"of the texts from {first:,} on, {error}") from None
        yield from zip(itertools.count(first), part, found)
        sys.stdout.flush()
        first += len(part)
