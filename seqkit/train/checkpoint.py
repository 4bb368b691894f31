"""Training state in one safetensors file: tensors as tensors, the rest as JSON in its header."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from seqkit.errors import DataError
from seqkit.files import write_bytes

__all__ = ["load_state", "save_state"]


def save_state(path: str | os.PathLike[str], state: Mapping[str, Any]) -> None:
    """Write a nested state (dicts, lists, tensors, plain values) atomically."""
    tensors: dict[str, torch.Tensor] = {}
    header = json.dumps(_strip(state, tensors))  # infinities as Infinity: only we read it
    write_bytes(path, save(tensors, metadata={"state": header}))


def load_state(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read what `save_state` wrote; tensors are on the CPU.

    Raises:
        DataError: the file is damaged.
    """
    try:
        with safe_open(str(path), framework="pt") as handle:
            header = json.loads(handle.metadata()["state"])
            return _restore(header, handle)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{Path(path)}: not a readable checkpoint ({error}): delete it and train anew"
        ) from None


def _strip(value: Any, tensors: dict[str, torch.Tensor]) -> Any:
    """Move the tensors of a nested value into `tensors` and leave their names."""
    if isinstance(value, torch.Tensor):
        name, plain = str(len(tensors)), value.detach().cpu().contiguous()
        home = plain.untyped_storage().data_ptr()
        shared = any(home == other.untyped_storage().data_ptr() for other in tensors.values())
        tensors[name] = plain.clone() if shared else plain  # safetensors refuses shared memory
        return {"tensor": name}
    if isinstance(value, Mapping):
        pairs = [[key, _strip(item, tensors)] for key, item in value.items()]
        return {"dict": pairs}  # as pairs: optimisers use integers as keys
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_strip(item, tensors) for item in value]}
    return {"value": value}


def _restore(node: dict[str, Any], handle: Any) -> Any:
    ((kind, content),) = node.items()
    if kind == "tensor":
        return handle.get_tensor(content)
    if kind == "dict":
        return {key: _restore(item, handle) for key, item in content}
    if kind in ("list", "tuple"):
        return {"list": list, "tuple": tuple}[kind](_restore(item, handle) for item in content)
    return content
