"""Kill writers at work, and look at the index after each; `test_killed_writer.py` runs this.

A script of its own: it forks, which must not happen beside threads.
"""

import builtins
import io
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

from small_index import check, document, filled

from seqkit.search.index import SearchIndex

NUMBERED = {str(n): document(str(n), f"heat of number n{n}") for n in range(1000)}
STEPS = {
    os: ["replace", "fsync", "unlink", "open", "mkdir"],
    io: ["open"],
    builtins: ["open"],
}


def select(*ids):
    return {str(id): NUMBERED[str(id)] for id in ids}


def change(folder):
    """Three commits: documents added, deleted and replaced; all merged."""
    with SearchIndex.open(folder).writer() as writer:
        writer.add(select(3, 4).values())
        writer.delete(["0"])
        writer.commit()
        writer.update([document("1", "other words")])
        writer.merge()


BEFORE = select(0, 1, 2)
MIDDLE = select(1, 2, 3, 4)
AFTER = {**select(2, 3, 4), "1": document("1", "other words")}


def child(work):
    """Run `work` in a process of its own; returns its number."""
    number = os.fork()
    if number == 0:
        try:
            work()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return number


def die_at(step):
    """Make this process die without a word, at a step of its work with files."""
    count = 0

    def counted(call):
        def wrapped(*args, **options):
            nonlocal count
            count += 1
            if count > step:
                os._exit(9)
            return call(*args, **options)

        return wrapped

    for module, names in STEPS.items():
        for name in names:
            setattr(module, name, counted(getattr(module, name)))


def kill_at_each_step(folder):
    """Kill at each operation on files in turn, until the work is done."""
    filled(folder / "original", BEFORE.values())
    seen, cleaned = set(), 0
    for step in range(1000):
        here = folder / str(step)
        shutil.copytree(folder / "original", here)

        def work(here=here, step=step):
            die_at(step)
            change(here)

        _, status = os.waitpid(child(work), 0)
        seen.add(look(here, [BEFORE, MIDDLE, AFTER]))
        if files_of(SearchIndex.open(here)) != {path.name for path in here.iterdir()}:
            with SearchIndex.open(here).writer() as writer:  # which removes what is left
                writer.add(select(7).values())
            index = SearchIndex.open(here)
            assert "7" in index
            index.verify()
            assert {path.name for path in here.iterdir()} == files_of(index)
            cleaned += 1
        if os.waitstatus_to_exitcode(status) == 0:
            break
        assert os.waitstatus_to_exitcode(status) == 9
    assert seen == {0, 1, 2} and cleaned > 10
    return step


def files_of(index):
    """Name all files that belong to an index."""
    files = {"bundle.json", "manifest.json", "write.lock"}
    return files.union(*(part.entry.files for part in index.segments))


def kill_at_random(folder, times):
    """Kill -9 while one commit follows another."""
    rng = random.Random(5)
    here = folder / "random"
    filled(here, select(0).values())

    def work():
        with SearchIndex.open(here).writer() as writer:
            last = int(max(SearchIndex.open(here), key=int))
            for n in range(last + 1, 1000):
                writer.add(select(n).values())
                writer.delete([str(n - 5)] if n >= 5 else [])
                writer.commit()

    possible = [select(*range(max(0, n - 4), n + 1)) for n in range(1000)]
    latest = 0
    for _ in range(times):
        number = child(work)
        time.sleep(rng.uniform(0.0, 0.15))
        os.kill(number, signal.SIGKILL)
        os.waitpid(number, 0)
        now = look(here, possible)
        assert now >= latest
        latest = now
    return latest


def look(folder, possible):
    """Return which of the possible collections the index holds, whole."""
    index = SearchIndex.open(folder)
    assert not index.damaged
    index.verify()
    number = possible.index({one.id: one for one in index.documents()})
    check(index, possible[number])
    return number


if __name__ == "__main__":
    root = Path(sys.argv[1])
    change(filled(root / "warm", BEFORE.values()).folder)  # compile before anything is forked
    print(kill_at_each_step(root), kill_at_random(root, 12))
