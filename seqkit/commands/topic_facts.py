"""What `seqkit inspect` says of a topic model."""

import json
from collections.abc import Iterator

from seqkit.commands.loading import load_topics
from seqkit.commands.similar import shown_word

__all__ = ["topic_lines"]


def topic_lines(folder: str) -> Iterator[str]:
    """Yield facts and topics for a person."""
    model = load_topics(folder)
    yield f"topics: {len(model)}, of {len(model.words):,} words"
    yield "made: " + ", ".join(
        f"{name} {value if isinstance(value, str) else json.dumps(value)}"
        for name, value in model.facts.items()
    )
    for topic in model.topics():
        words = " ".join(shown_word(word) for word, _ in topic.words)
        yield f"  {topic.number:>3}  {topic.share:>6.1%}  {words}"
