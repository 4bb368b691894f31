"""`seqkit generate`: let a language model go on with a text."""

import json
import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tyro.conf import Positional, UseAppendAction

from seqkit.commands.mixing import MixingOptions, check_mixing, load_language_model
from seqkit.commands.reading import check_limit, read_texts, warn_of_files
from seqkit.commands.refusal import refuse_unused
from seqkit.config import parse_command
from seqkit.errors import ConfigError
from seqkit.text.surrogates import well_formed

if TYPE_CHECKING:
    from seqkit.language import AnyLanguageModel, Generation

__all__ = ["generate"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class GenerateOptions(MixingOptions):
    """Let a language model go on with a text.

    stdout has the text alone, each prompt before what follows it; a single one is written token by
    token where stdout is a terminal.
    """

    model: Positional[str]
    """Folder of the saved model, or an ARPA file."""
    prompts: Positional[tuple[str, ...]] = ()
    """What to go on with, behind -- if one begins with a dash; without any, and without --file,
    the model starts from nothing (stdin is read with --file -)."""
    file: str | None = None
    """Read prompts from here instead, one a line (.txt .jsonl .csv .tsv, .gz .xz); - is stdin."""
    max_tokens: int = 100
    """Most tokens to generate for each result."""
    temperature: float = 1.0
    """Below 1 the likely tokens become likelier; 0 always takes the likeliest (greedy)."""
    top_k: int | None = None
    """Choose among so many of the likeliest tokens."""
    top_p: float | None = None
    """Choose among the likeliest tokens that together have this probability (nucleus)."""
    repetition_penalty: float = 1.0
    """Above 1, tokens that were there before become less likely."""
    beam: int | None = None
    """Search for the likeliest text with so many hypotheses instead of drawing one."""
    stop: UseAppendAction[tuple[str, ...]] = ()
    """End before this text; may be given several times."""
    num: int = 1
    """Results for each prompt."""
    complete: int | None = None
    """Suggest so many words instead: for the one that a prompt ends with as far as it was typed, or
    after white space for the next. Probabilities are those among the words that fit."""
    seed: int = 0
    """Of what is drawn: the same seed gives the same texts."""
    device: str = "cpu"
    """Where the network runs: cpu, cuda or auto."""
    json: bool = False
    """Print a JSON object a line: prompt, text, tokens, log_prob, finished, seconds_per_token; with
    --complete: prompt, words, probabilities."""


def generate(args: Sequence[str]) -> None:
    """Run `seqkit generate`."""
    options = parse_command(GenerateOptions, args, "generate")
    _check(options)
    model = load_language_model(options.model, options, device=options.device)
    from seqkit.nn.memory import keep_freed_memory  # here: torch comes with it

    keep_freed_memory()
    prompts = _prompts(options)
    if options.complete is not None:
        _complete(model, prompts, options, num=options.complete)
        return
    alone = len(prompts) == options.num == 1 and options.beam is None
    start = time.perf_counter()
    if alone and not options.json and sys.stdout.isatty():
        count = _stream(model, prompts[0], options)
    else:
        results = model.generate_many(
            prompts, num=options.num, beam=options.beam, **_settings(options)
        )
        count = sum(len(result.tokens) for result in results)
        _show(results, options)
    seconds = time.perf_counter() - start
    if count:
        logger.info(
            "%d tokens in %.2f s: %.0f tokens a second, %.3f ms a token",
            *(count, seconds, count / seconds, 1000 * seconds / count),
        )


def _check(options: GenerateOptions) -> None:
    if options.prompts and options.file:
        raise ConfigError("generate: give prompts or --file, not both")
    check_limit("generate", options)
    check_mixing(options)
    if options.complete is not None:
        if options.complete < 1:
            raise ConfigError(f"generate: --complete {options.complete}: must be 1 or more")
        names = "max_tokens temperature top_k top_p repetition_penalty beam stop num seed"
        refuse_unused(options, names, "with --complete, which suggests the next word alone")
    if options.num < 1:
        raise ConfigError(f"generate: --num {options.num}: must be 1 or more")
    if options.file is None:
        refuse_unused(options, "text_column encoding_errors max_chars", "without --file")
    if options.beam is not None:
        refuse_unused(options, "temperature top_k top_p seed", "with --beam, which draws nothing")
    elif options.temperature == 0:
        reason = "with --temperature 0, which draws nothing"
        refuse_unused(options, "top_k top_p seed num", reason)


def _prompts(options: GenerateOptions) -> list[str]:
    if options.file is not None:
        return list(read_texts(options.file, options))
    warn_of_files(options.prompts)
    return list(options.prompts) or [""]


def _settings(options: GenerateOptions) -> dict[str, Any]:
    """Return what every way of generating takes."""
    names = ("max_tokens", "temperature", "top_k", "top_p", "repetition_penalty", "stop", "seed")
    return {name: getattr(options, name) for name in names}


def _complete(
    model: "AnyLanguageModel", prompts: Sequence[str], options: GenerateOptions, *, num: int
) -> None:
    """Print the suggestions for each prompt, a word a line with its probability."""
    for number, prompt in enumerate(prompts):
        found = model.complete(prompt, num=num)
        if not found:
            logger.warning("prompt %r: the model knows no word that begins so", prompt[-40:])
        if options.json:
            row = {
                "prompt": prompt,
                "words": [each.word for each in found],
                "probabilities": [round(each.probability, 6) for each in found],
            }
            print(json.dumps(row, ensure_ascii=True))
            continue
        if number:
            print()  # the words of another prompt
        for each in found:
            print(f"{each.probability:.4f}  {well_formed(each.word)}")


def _stream(model: "AnyLanguageModel", prompt: str, options: GenerateOptions) -> int:
    """Write the text as it comes; return how many tokens were drawn."""
    stream = model.stream(prompt, **_settings(options))
    print(well_formed(prompt), end="", flush=True)
    for piece in stream:
        print(well_formed(piece), end="", flush=True)
    print()
    return stream.tokens


def _show(results: "Sequence[Generation]", options: GenerateOptions) -> None:
    for number, result in enumerate(results):
        if options.json:
            print(_json_line(result))
            continue
        if number:
            print()  # a text may have line breaks of its own
        print(well_formed(result.prompt + result.text))


def _json_line(result: "Generation") -> str:
    count = len(result.tokens)
    row = {
        "prompt": result.prompt,
        "text": result.text,
        "tokens": list(result.tokens),
        "log_prob": round(result.log_prob, 6),
        "finished": result.finished,
        "seconds_per_token": round(result.seconds / count, 9) if count else None,
    }
    return json.dumps(row, ensure_ascii=True)
