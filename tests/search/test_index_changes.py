"""After any changes an index is as one that was made anew: statistics, documents and scores."""

import itertools
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from small_index import CONFIG, WORDS, check, document, filled

from seqkit.errors import DataError
from seqkit.search import buffer, tiers
from seqkit.search.index import SearchIndex

IDS = st.sampled_from([f"d{n}" for n in range(12)])
TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
QUERIES = ["heat", "heat transfer jet", "wing flow wing", '"heat transfer"', "jet -engine", "f*"]


class Changes(RuleBasedStateMachine):
    """What a writer does, in any order, beside a dict that does the same."""

    def __init__(self):
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(tiers, "WIDTH", 3)
        self.patch.setattr(buffer, "_DOCUMENTS", 3)  # analysed together
        # four of them, and the memory is full
        self.patch.setattr(buffer.Buffer, "size", property(lambda self: len(self._built) << 18))
        self.folder = Path(tempfile.mkdtemp())
        self.fresh = (self.folder / f"fresh{n}" for n in itertools.count())
        self.index = SearchIndex.create(self.folder / "index", CONFIG)
        self.reader = SearchIndex.open(self.folder / "index")
        self.committed, self.current, self.seen = {}, {}, {}
        self.writer = None

    def teardown(self):
        if self.writer:
            self.leave(fails=True)
        self.patch.undo()
        shutil.rmtree(self.folder)

    @precondition(lambda self: self.writer is None)
    @rule()
    def enter(self):
        self.writer = self.index.writer(memory=1 << 20)
        self.writer.__enter__()

    @precondition(lambda self: self.writer)
    @rule(id=IDS, text=TEXTS, title=TEXTS)
    def add(self, id, text, title):
        one = document(id, text, title=title, words=str(len(text.split())))
        if id in self.current:
            with pytest.raises(DataError, match="there already"):
                self.writer.add([one])
        else:
            self.writer.add([one])
            self.current[id] = one

    @precondition(lambda self: self.writer)
    @rule(ids=st.lists(IDS, min_size=1, max_size=5), text=TEXTS)
    def update(self, ids, text):
        documents = [document(id, f"{text} {n}") for n, id in enumerate(ids)]
        first = {one.id: one for one in reversed(documents)}
        if len(first) == len(documents):
            self.writer.update(documents)
            self.current |= first
            return
        with pytest.raises(DataError, match="two documents with the id"):
            self.writer.update(documents)
        for one in documents:  # up to the refused one
            if first[one.id] is not one:
                break
            self.current[one.id] = one

    @precondition(lambda self: self.writer)
    @rule(id=IDS)
    def delete(self, id):
        if id in self.current:
            self.writer.delete([id])
            del self.current[id]
        else:
            self.writer.delete([id], missing_ok=True)
            with pytest.raises(DataError, match="to delete"):
                self.writer.delete([id])

    @precondition(lambda self: self.writer)
    @rule(merge=st.booleans())
    def commit(self, merge):
        if merge:
            self.writer.merge()
        else:
            self.writer.commit()
        self.done()
        assert not merge or len(self.index.segments) == (len(self.current) > 0)

    @precondition(lambda self: self.writer)
    @rule(fails=st.booleans())
    def leave(self, fails):
        error = KeyError() if fails else None
        self.writer.__exit__(error and KeyError, error, None)
        self.writer = None
        if fails:
            self.current = dict(self.committed)
        else:
            self.done()

    @rule()
    def refresh(self):
        changed = self.seen != self.committed
        assert self.reader.refresh() or not changed
        self.seen = dict(self.committed)
        check(self.reader, self.seen)

    @rule()
    def open(self):
        check(SearchIndex.open(self.index.folder), self.committed)

    @invariant()
    def nobody_sees_what_is_not_committed(self):
        assert {*self.index} == self.committed.keys()
        assert {*self.reader} == self.seen.keys()

    def done(self):
        """What was committed is all there, and scores as in an index of the same documents."""
        self.committed = dict(self.current)
        check(self.index, self.committed)
        self.index.verify()
        fresh = filled(next(self.fresh), reversed(self.committed.values()))
        for query in QUERIES:
            assert hits(self.index, query) == hits(fresh, query)


def hits(index, query):
    results = index.search(query, k=20)
    for hit in results:
        assert index.explain(query, hit.id).score == hit.score
    return results.total, [(hit.id, hit.score, hit.fields) for hit in results]


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=12, stateful_step_count=30)
