"""A corpus larger than the memory that the process may have.

The limit is on the data of the process (RLIMIT_DATA: its heap and every private mapping that can be
written to), set once all is imported. The maps of the shards are no such mappings: their pages are
the system's, which drops them when it needs the room.
"""

import subprocess
import sys
from pathlib import Path

import pytest

MEGABYTE = 1 << 20

LIMITED = """
import resource, sys, numpy
from seqkit.batching import Lines, Streams, TokenShards, write_shards
from seqkit.data import TextDataConfig, audit_text, load_text
from seqkit.text import TextConfig, Vocab, build_pipeline

def limit(megabytes):
    has = next(l for l in open("/proc/self/status") if l.startswith("VmData")).split()[1]
    most = (int(has) << 10) + (megabytes << 20)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))

def walk(tokens, size):
    streams = Streams(tokens, batch=20, first=Vocab.EOS, least=size)
    seen = total = 0
    for window in streams.windows(size, vary=True, seed=1, epoch=0):
        inputs, targets = streams.window(*window)
        seen += targets.numel()
        total += int(targets.sum())
    assert seen + streams.dropped == len(tokens)
    return total + int(tokens[seen:].sum())

numpy.random.default_rng(1).normal(0, 1, 9)
numpy.concatenate([numpy.zeros(1)]).tobytes()
"""

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc and RLIMIT_DATA")


def run(code: str, *args: object) -> str:
    command = [sys.executable, "-c", LIMITED + code, *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_linux
def test_the_limit_is_one():
    with pytest.raises(AssertionError, match="MemoryError"):
        run("limit(32)\nnumpy.zeros(40 << 20, numpy.uint8)")


@needs_linux
def test_96_megabytes_of_tokens_in_32(tmp_path):
    code = """
line = list(range(4, 1027)) + [Vocab.EOS]
limit(32)
count = 48 * 1024
tokens = write_shards(sys.argv[1], (line for _ in range(count)), vocabulary=50_000)
assert len(tokens) == count * len(line)
assert walk(tokens, 500) == count * sum(line)
lines = Lines(tokens)
assert len(lines) == count and (lines.lengths == 1023).all()
assert lines[-1].tolist() == line[:-1]
tokens.verify()
"""
    run(code, tmp_path)
    sizes = [path.stat().st_size for path in Path(tmp_path).glob("*.bin")]
    assert sum(sizes) == 96 * MEGABYTE and max(sizes) == 32 * MEGABYTE


@pytest.mark.slow
@needs_linux
def test_400_megabytes_of_text_in_128(tmp_path):
    """From a text file to windows: cut, counted, encoded, audited, walked."""
    block = "".join(f"{'so it goes on and on ' * 9}{number % 9973}\n" for number in range(50_000))
    with open(tmp_path / "corpus.txt", "w") as handle:
        for _ in range(400 * MEGABYTE // len(block) + 1):
            handle.write(block)
    assert (tmp_path / "corpus.txt").stat().st_size >= 400 * MEGABYTE
    code = """
config = TextDataConfig(train=sys.argv[1] + "/corpus.txt")
limit(128)
splits = load_text(config, seed=1)
pipeline = build_pipeline(TextConfig(tokenizer="whitespace"), splits.train)
for name, split in splits.named().items():
    ended = (ids + [Vocab.EOS] for ids in pipeline.encode_many(split))
    tokens = write_shards(f"{sys.argv[1]}/{name}", ended, vocabulary=len(pipeline.vocab))
    assert len(tokens) == 56 * len(split)
    walk(tokens, 70)
    assert len(Lines(tokens)) == len(split)
audit = audit_text(splits.named())
assert audit.leaks[0].share == 1.0
print(sum(split.characters for split in splits.named().values()))
"""
    assert int(run(code, tmp_path)) == (tmp_path / "corpus.txt").stat().st_size
