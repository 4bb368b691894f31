"""Freed memory is kept by the process: a block that is asked for again has its pages still."""

import subprocess
import sys

import pytest

COUNT = """
import resource, torch
from seqkit.nn.memory import keep_freed_memory
keep_freed_memory()
for step in range(13):
    if step == 3:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    blocks = [torch.ones(1 << 21) for _ in range(4)]  # of 8 MB
    del blocks
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator alone is told")
def test_no_page_is_asked_for_twice():
    """Without it, 10 steps of 8,192 pages come anew, for the greater part."""
    done = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, check=True)
    assert int(done.stdout) < 1_000
