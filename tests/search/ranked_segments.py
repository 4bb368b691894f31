"""Segments of random documents in memory, and what their scores must be, in plain Python."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqkit.compiled import fixed
from seqkit.search.live import LiveSegment, Snapshot
from seqkit.search.packing import pack_lists


class MemorySegment:
    """What ranking wants of a segment."""

    def __init__(self, documents: Sequence[tuple[str, Counter[str]]]) -> None:
        """Take ids and terms of the documents."""
        self.documents = documents
        self.words = sorted({word for _, terms in documents for word in terms})
        self.docs = len(documents)
        lists = [
            [(doc, terms[word]) for doc, (_, terms) in enumerate(documents) if terms[word]]
            for word in self.words
        ]
        lengths = [terms.total() for _, terms in documents]
        self.total_length = sum(lengths)
        self.lengths = fixed(np.array(lengths, np.uint32))
        self.kernel = pack_lists(lists, lengths)
        self.df = np.array([len(postings) for postings in lists], np.uint32)
        self.cf = np.array([sum(tf for _, tf in postings) for postings in lists], np.uint64)
        ids = sorted(id for id, _ in documents)
        self.id_rank = fixed(np.array([ids.index(id) for id, _ in documents], np.uint32))
        self._lists = lists

    def id(self, doc: int) -> str:
        return self.documents[doc][0]

    def term(self, word: str) -> int:
        return self.words.index(word) if word in self.words else -1

    def postings(self, term: int):
        docs, tfs = np.array(self._lists[term], np.uint32).reshape(-1, 2).T
        return np.ascontiguousarray(docs), np.ascontiguousarray(tfs)


@dataclass(eq=False)
class Deleted:
    """What is left of a segment."""

    live: np.ndarray
    df: np.ndarray
    cf: np.ndarray
    documents: int
    total_length: int


def part(segment: MemorySegment, live: Sequence[int] | None = None) -> LiveSegment:
    """Take a segment, and 1 for each document that is not deleted."""
    if live is None:
        return LiveSegment(segment)
    left = MemorySegment(
        [
            pair if kept else ("", Counter())
            for pair, kept in zip(segment.documents, live, strict=True)
        ]
    )
    df = [left.df[left.term(word)] if left.term(word) >= 0 else 0 for word in segment.words]
    cf = [left.cf[left.term(word)] if left.term(word) >= 0 else 0 for word in segment.words]
    mask = np.array(live, np.uint8)
    deleted = Deleted(mask, np.array(df), np.array(cf), int(mask.sum()), left.total_length)
    return LiveSegment(segment, deleted)


def snapshot(parts: Sequence[LiveSegment]) -> Snapshot:
    return Snapshot(1, parts)


def ranked(parts, query, score, *, allowed=None) -> list[tuple[float, str]]:
    """Score every live document on its own.

    Args:
        parts: the segments.
        query: boosts of the terms.
        score: called with the collection, the terms of the document and the query.
        allowed: a mask for each segment, or None.
    """
    live = [
        (id, terms)
        for here in parts
        for doc, (id, terms) in enumerate(here.segment.documents)
        if here.live is None or here.live[doc]
    ]
    collection = [terms for _, terms in live]
    keep = {
        id
        for number, here in enumerate(parts)
        for doc, (id, _) in enumerate(here.segment.documents)
        if allowed is None or allowed[number] is None or allowed[number][doc]
    }
    known = {word: boost for word, boost in query.items() if any(t[word] for t in collection)}
    found = [
        (score(collection, terms, known), id)
        for id, terms in live
        if id in keep and any(terms[word] for word in known)
    ]
    return sorted(found, key=lambda hit: (-hit[0], hit[1]))


# the papers' equations, one document at a time


def bm25(variant, k1, b, delta=0.0):
    def part(tf, norm):
        if variant == "bm25l":
            return (k1 + 1) * (tf / norm + delta) / (k1 + tf / norm + delta)
        value = tf / (tf + k1 * norm)
        return value if variant in ("lucene", "robertson") else (k1 + 1) * value + delta

    def score(collection, terms, query):
        n, average = len(collection), sum(t.total() for t in collection) / len(collection)
        norm = 1 - b + b * terms.total() / average
        total = 0.0
        for word, boost in query.items():
            df = sum(word in t for t in collection)
            idf = {
                "lucene": math.log(1 + (n - df + 0.5) / (df + 0.5)),
                "robertson": math.log(max(1, (n - df + 0.5) / (df + 0.5))),
                "atire": math.log(n / df),
                "bm25l": math.log((n + 1) / (df + 0.5)),
                "bm25+": math.log((n + 1) / df),
            }[variant]
            total += boost * idf * part(terms[word], norm)
        return total

    return score


def cosine(collection, terms, query):
    n = len(collection)
    idf = {w: 1 + math.log((1 + n) / (1 + sum(w in t for t in collection))) for w in query}
    asked = {word: boost * idf[word] for word, boost in query.items()}
    weights = {word: 1 + math.log(tf) for word, tf in terms.items()}
    norm = math.hypot(*weights.values()) * (math.hypot(*asked.values()) or 1.0)
    return sum(asked[word] * weights.get(word, 0.0) for word in asked) / norm


def dirichlet(mu):
    def score(collection, terms, query):
        total, length, value = sum(t.total() for t in collection), terms.total(), 0.0
        for word, boost in query.items():
            p = sum(t[word] for t in collection) / total
            one = math.log(1 + terms[word] / (mu * p)) + math.log(mu / (mu + length))
            value += boost * max(0.0, one) if terms[word] else 0.0
        return value

    return score
