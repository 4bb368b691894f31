"""What `seqkit inspect` says of a translator."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from seqkit.bundle import Bundle
from seqkit.errors import BundleError

__all__ = ["translator_lines"]


def translator_lines(saved: Bundle) -> Iterator[str]:
    """Yield the shape of the network, how each side is cut, and how its figures were measured.

    Raises:
        BundleError: the files are not those of a translator.
    """
    try:
        files = saved.files()
        head = json.loads(files["model.json"])
        lines = [_network(head["config"]), *_sides(files, head)]
        lines += _lengths(head)
    except (KeyError, TypeError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise BundleError(
            f"{saved.folder}: its files are not those of a translator ({reason:.100}): train anew"
        ) from None
    yield from lines
    test = saved.index["metrics"].get("test")
    signatures = test.get("signatures", {}) if isinstance(test, dict) else {}
    for name, signature in signatures.items():
        yield f"{name} of test, sacrebleu: {signature}"


def _network(config: Mapping[str, Any]) -> str:
    direction = "bidirectional " if config["bidirectional"] else ""
    attention = {"none": "no attention", "fixed": "a fixed context"}.get(
        config["attention"], f"{config['attention']} attention"
    )
    return (
        f"{config['cell']}, {direction}encoder of {config['encoder_layers']} x "
        f"{config['encoder_hidden']}, decoder of {config['decoder_layers']} x "
        f"{config['decoder_hidden']}, {attention}"
    )


def _lengths(head: Mapping[str, Any]) -> Iterator[str]:
    if head["max_tokens"] is not None:
        yield f"trained on sources of up to {head['max_tokens']:,} tokens"
    if (usual := head.get("usual")) is not None:  # older ones do not say it
        yield f"texts of more than {usual:,} tokens are split between sentences"
    slope = max(2.0, head.get("ratio", 2.0))
    yield f"answers of up to {slope:.3g} tokens for each of the source, and 10 more"


def _sides(files: Mapping[str, bytes], head: Mapping[str, Any]) -> Iterator[str]:
    for side in ("source", "target"):
        prefix = "both" if head["shared"] else side
        tokenizer = json.loads(files[f"{prefix}.text.json"])["tokenizer"]["name"]
        shared = ", the same on both sides" if head["shared"] else ""
        yield f"{side}: {tokenizer} tokens, {head[f'{side}_vocabulary']:,} ids{shared}"
