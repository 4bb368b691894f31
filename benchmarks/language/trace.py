"""Who took the time of a step: a torch.profiler trace, by the part of the network.

A trace (Chrome's format) holds operators, each with the thread and the time that it began; those of
the backward pass carry the sequence number of the operator whose gradient they compute; kernels of
a GPU carry the number of the operator that launched them.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["PARTS", "Shares", "read_trace"]

PARTS = ("recurrent", "output", "optimiser", "rest")
_OPERATORS = {  # that compute a part, with all that they call
    "aten::lstm": "recurrent",
    "aten::gru": "recurrent",
    "aten::rnn_tanh": "recurrent",
    "_Steps": "recurrent",  # of seqkit.nn.mogrifier
    "_LinearCrossEntropy": "output",  # of seqkit.nn.softmax
}
_BACKWARD = "autograd::engine::evaluate_function"
_ON_GPU = {"kernel", "gpu_memcpy", "gpu_memset"}


@dataclass(frozen=True)
class Shares:
    """What a trace says, in seconds over all of its steps."""

    by_part: Mapping[str, float]
    """Of operators on the CPU, or of kernels where the trace has any."""
    rest: Mapping[str, float]
    """The part `rest` by operator."""
    busy: float
    """In which at least one operator, or kernel, was running."""


def read_trace(path: Path) -> Shares:
    """Sum up a trace, of the GPU where it has kernels, else of the CPU.

    Raises:
        SystemExit: no recurrent layer or output layer is found in it.
    """
    events = [e for e in json.loads(path.read_bytes())["traceEvents"] if e.get("ph") == "X"]
    operators = [e for e in events if e["cat"] in ("cpu_op", "user_annotation")]
    parts, own = _parts(sorted(operators, key=lambda e: (e["ts"], -e["dur"])))
    kernels = [e for e in events if e["cat"] in _ON_GPU]
    by_part, rest = dict.fromkeys(PARTS, 0.0), Counter[str]()
    for name, number, seconds in _pieces(kernels or operators, own, {*parts}):
        launched = parts.get(number, ("rest", name))
        by_part[launched[0]] += seconds
        if launched[0] == "rest":
            rest[launched[1]] += seconds
    if not by_part["recurrent"] or not by_part["output"]:
        raise SystemExit(f"{path.name}: no recurrent layer, or no output layer, is in the trace")
    return Shares(by_part, dict(rest.most_common()), _covered(kernels or operators))


def _parts(
    operators: Sequence[Mapping[str, Any]],
) -> tuple[dict[int, tuple[str, str]], dict[int, float]]:
    """Walk operators in the order of their begin.

    Returns:
        By the number of each operator: the part it belongs to and its name; and its own time in
        microseconds, without that of the operators that it called.
    """
    parts: dict[int, tuple[str, str]] = {}
    own: dict[int, float] = {}
    by_sequence: dict[int, str] = {}  # part of the forward operator, by the number of its gradient
    stacks: dict[Any, list[tuple[float, int]]] = defaultdict(list)  # of each thread: end, number
    for event in operators:
        name, number, stack = event["name"], event["args"]["External id"], stacks[event["tid"]]
        while stack and stack[-1][0] <= event["ts"]:
            stack.pop()
        caller = stack[-1][1] if stack else None
        part = parts[caller][0] if caller is not None else "rest"
        sequence = event["args"].get("Sequence number")
        if name in _OPERATORS:
            part = _OPERATORS[name]
        elif name.startswith("Optimizer.step"):
            part = "optimiser"
        elif name.startswith(_BACKWARD):
            part = by_sequence.get(sequence, "rest")
        elif caller is not None and parts[caller][1].startswith(_BACKWARD):
            sequence = None  # its own number is that of the forward operator
        if sequence is not None and not name.startswith(_BACKWARD):
            by_sequence[sequence] = part  # the last to begin is the one that is differentiated
        parts[number], own[number] = (part, name), event["dur"]
        if caller is not None:
            own[caller] -= event["dur"]
        stack.append((event["ts"] + event["dur"], number))
    return parts, own


def _pieces(
    events: Iterable[Mapping[str, Any]], own: Mapping[int, float], known: set[int]
) -> Iterable[tuple[str, int, float]]:
    """Yield name, number of the operator, and seconds."""
    for event in events:
        number = event["args"].get("External id", -1)
        duration = event["dur"] if event["cat"] in _ON_GPU else own[number]
        yield event["name"], number if number in known else -1, duration / 1e6


def _covered(events: Iterable[Mapping[str, Any]]) -> float:
    """Measure the union of intervals, in seconds."""
    covered, reached = 0.0, float("-inf")
    for start, end in sorted((e["ts"], e["ts"] + e["dur"]) for e in events):
        covered += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return covered / 1e6
