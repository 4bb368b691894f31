"""`seqkit topics`: what documents are about, by a topic model."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tyro.conf import Positional

from seqkit.commands.loading import load_topics
from seqkit.commands.reading import ReadingOptions, check_limit, read_texts, warn_of_files
from seqkit.commands.similar import shown_word
from seqkit.config import parse_command
from seqkit.errors import ConfigError

if TYPE_CHECKING:
    from seqkit.vectors.topics import Topic, TopicModel

__all__ = ["TopicsOptions", "topics"]


@dataclass(frozen=True, kw_only=True)
class TopicsOptions(ReadingOptions):
    """Say what documents are about: the topics of each, the largest share first.

    Texts that are given get a table each, or with --json an object; those of a file or of stdin a
    JSON object a line. seqkit inspect lists all topics.
    """

    model: Positional[str]
    """Folder of the saved topic model."""
    texts: Positional[tuple[str, ...]] = ()
    """Documents, behind -- if one begins with a dash; without any, and without --file, each line of
    stdin is one."""
    file: str | None = None
    """Read documents from here, one a line (.txt .jsonl .csv .tsv, .gz .xz); - is stdin."""
    words: int = 5
    """Words that are shown of a topic."""
    least: float = 0.05
    """Smaller shares are left out."""
    json: bool = False
    """Print JSON for texts that are given, too."""


def topics(args: Sequence[str]) -> None:
    """Run `seqkit topics`."""
    options = parse_command(TopicsOptions, args, "topics")
    if options.texts and options.file:
        raise ConfigError("topics: give texts or --file, not both")
    if options.words < 1:
        raise ConfigError(f"topics: --words {options.words}: must be 1 or more")
    if not 0 <= options.least <= 1:
        raise ConfigError(f"topics: --least {options.least}: a share lies in [0, 1]")
    check_limit("topics", options)
    model = load_topics(options.model)
    named = model.topics(options.words)
    if options.texts and not options.json:
        warn_of_files(options.texts)
        print("\n\n".join(_table(model, named, text, options.least) for text in options.texts))
        return
    texts: Iterable[str] = options.texts or read_texts(options.file or "-", options)
    for row in _rows(model, named, texts, options.least):
        print(json.dumps(row), flush=True)


def _rows(
    model: "TopicModel", named: "Sequence[Topic]", texts: Iterable[str], least: float
) -> Iterator[dict[str, Any]]:
    for text in texts:
        known = model.known(text)
        found = [
            {
                "topic": topic,
                "share": round(share, 6),
                "words": [word for word, _ in named[topic].words],
            }
            for topic, share in (model.of(text, least=least) if known else [])
        ]
        yield {"topics": found, "known": known, "text": text}


def _table(model: "TopicModel", named: "Sequence[Topic]", text: str, least: float) -> str:
    """Lay out the topics of one text; of one without a known word there are none to show."""
    if not model.known(text):
        return "no word of the vocabulary: nothing is known of its topics"
    rows = [
        f"{share:>6.1%}  {topic:>3}  {' '.join(shown_word(word) for word, _ in named[topic].words)}"
        for topic, share in model.of(text, least=least)
    ]
    return "\n".join(rows) or f"no topic has a share of {least:.1%} or more: lower --least"
