"""`seqkit evaluate` of a translator: its answers against the references of their sources."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tyro.conf import Positional

from seqkit import bundle
from seqkit.commands.decoding import DecodingOptions, search_settings
from seqkit.commands.loading import load_model
from seqkit.commands.refusal import refuse_unused
from seqkit.config import parse_command
from seqkit.data import (
    MAX_CHARS,
    Alternatives,
    EncodingErrors,
    Pair,
    group_references,
    read_pairs,
)
from seqkit.errors import ConfigError, DataError, require

if TYPE_CHECKING:
    from seqkit.models.translator import Translator
    from seqkit.train.translation_evaluation import TranslationResult

__all__ = ["EvaluateTranslatorOptions", "evaluate_translator"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class EvaluateTranslatorOptions(DecodingOptions):
    """Measure a saved translator on pairs: a table, or with --json all figures.

    A source that stands in several pairs has several references.
    """

    model: Positional[str]
    """Folder of the saved model."""
    data: str
    """Pairs: whatever --data.train of the recipe takes."""
    source_column: str | None = None
    """Column of the source, where it is not called source."""
    target_column: str | None = None
    """Column of the target, where it is not called target."""
    encoding_errors: EncodingErrors = "strict"
    """What to do with bytes that are not UTF-8."""
    max_chars: int = MAX_CHARS
    """Longest line or record that is read, in characters."""
    kind: Literal["translation", "sequence"] | None = None
    """What answers are: texts, measured by BLEU and chrF, or sequences that are right or wrong. As
    the model was trained unless it is given."""
    bleu_tokenizer: Literal["13a", "intl", "char", "zh", "none"] | None = None
    """How BLEU cuts words; as the model was trained unless it is given, else 13a."""
    device: str = "cpu"
    """Where the network runs: cpu, cuda or auto."""
    json: bool = False
    """Print all figures as one JSON object."""


def evaluate_translator(args: Sequence[str]) -> None:
    """Run `seqkit evaluate` of a translator."""
    options = parse_command(EvaluateTranslatorOptions, args, "evaluate")
    if options.max_chars < 1:
        raise ConfigError(f"evaluate: --max-chars {options.max_chars}: must be 1 or more")
    model = load_model("Translator", options.model, options.device)
    model.translate_many([], **search_settings(options))  # refuses what it cannot follow
    result = _measured(model, options)
    if options.json:
        print(json.dumps(result.metrics))
        return
    from seqkit.train.evaluation import format_table
    from seqkit.train.translation_evaluation import translation_rows

    print(format_table([row[:-1] for row in translation_rows([result])]))  # nothing to compare
    for name, signature in result.metrics.get("signatures", {}).items():
        print(f"{name}: {signature}")


def _measured(model: "Translator", options: EvaluateTranslatorOptions) -> "TranslationResult":
    from seqkit.train.translation_evaluation import measure_translations, unspaced_warning

    made = bundle.read(options.model).index["provenance"].get("config")
    trained = made if isinstance(made, dict) else {}  # an app may save what it likes
    kind = options.kind or trained.get("kind", "translation")
    bleu_tokenizer = options.bleu_tokenizer or trained.get("bleu_tokenizer", "13a")
    if kind == "sequence":
        refuse_unused(options, "bleu_tokenizer", "with answers that are sequences")
    else:
        require("sacrebleu", extra="metrics", purpose="BLEU and chrF")
    records = _records(options)
    if kind == "translation":
        references = [text for each in records for text in each.references]
        if warning := unspaced_warning(references, bleu_tokenizer):
            logger.warning("%s", warning)
    found = model.translate_many([each.source for each in records], **search_settings(options))
    return measure_translations(
        options.model,
        [each.text for each in found],
        [each.references for each in records],
        kind=kind,
        tokenize=model.target.tokens if kind == "sequence" else str.split,
        bleu_tokenizer=bleu_tokenizer,
    )


def _records(options: EvaluateTranslatorOptions) -> list[Alternatives]:
    """Read the pairs that have both sides, and tell of the others."""
    pairs = list(
        read_pairs(
            options.data,
            source_column=options.source_column,
            target_column=options.target_column,
            encoding_errors=options.encoding_errors,
            max_chars=options.max_chars,
        )
    )
    whole = [pair for pair in pairs if _is_whole(pair)]
    if not whole:
        raise DataError(f"{options.data}: none of its {len(pairs):,} pairs has text on both sides")
    if len(whole) < len(pairs):
        first = next(pair for pair in pairs if not _is_whole(pair))
        logger.warning(
            "%d of %d pairs are left out, a side of which is empty, the first at %s:%d",
            *(len(pairs) - len(whole), len(pairs), first.origin, first.line),
        )
    return group_references(whole)


def _is_whole(pair: Pair) -> bool:
    return bool(pair.source.strip() and pair.target.strip())
