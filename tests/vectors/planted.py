"""Documents whose topics are known: each is of one of three, with a few words of none."""

import random

WORDS = {
    "sea": ["ship", "sail", "wave", "harbour", "anchor", "captain"],
    "kitchen": ["oven", "bread", "flour", "butter", "spoon", "recipe"],
    "law": ["judge", "court", "verdict", "trial", "lawyer", "jury"],
}


def planted(count: int, *, seed: int = 0, length: int = 12) -> list[str]:
    """Make documents, the topics in turn."""
    rng = random.Random(seed)
    noise = [f"noise{number}" for number in range(8)]
    names = [*WORDS]
    texts = []
    for number in range(count):
        words = rng.choices(WORDS[names[number % 3]], k=length) + rng.choices(noise, k=2)
        rng.shuffle(words)
        texts.append(f"The {' '.join(words)}.")
    return texts
