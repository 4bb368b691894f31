"""Where a model runs, and in which precision."""

import contextlib
import logging
from typing import Literal, get_args

import torch

from seqkit.errors import ConfigError, choices

__all__ = [
    "DEVICES",
    "PRECISIONS",
    "Device",
    "Precision",
    "autocast",
    "float32_on_cpu",
    "pick_device",
    "set_tf32",
    "warn_if_slow",
]

logger = logging.getLogger(__name__)

Device = Literal["auto", "cpu", "cuda"]
DEVICES: tuple[str, ...] = get_args(Device)
Precision = Literal["fp32", "bf16", "fp16"]
PRECISIONS: tuple[str, ...] = get_args(Precision)


def pick_device(name: str) -> torch.device:
    """Turn `auto`, `cpu` or `cuda` into a device; `auto` takes the GPU where there is one.

    Raises:
        ConfigError: an unknown name, or `cuda` on a machine where torch finds none.
    """
    if name not in DEVICES:
        raise ConfigError(choices("device", name, DEVICES))
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        built = f"CUDA {torch.version.cuda}" if torch.version.cuda else "no CUDA"
        raise ConfigError(
            f"device cuda: torch {torch.__version__} (built with {built}) finds no GPU here; use "
            "--device cpu, or install a CUDA build of torch and check the driver with nvidia-smi"
        )
    return torch.device("cuda" if available and name != "cpu" else "cpu")


def autocast(
    device: torch.device, precision: Precision
) -> contextlib.AbstractContextManager[object]:
    """Open the autocast region for `precision` on `device`; fp32 opens none.

    Raises:
        ConfigError: fp16 on the CPU, where it is neither fast nor safe.
    """
    if precision not in PRECISIONS:
        raise ConfigError(choices("precision", precision, PRECISIONS))
    if precision == "fp32":
        return contextlib.nullcontext()
    if precision == "fp16" and device.type == "cpu":
        raise ConfigError("precision fp16 is for GPUs: use fp32 or bf16 on the CPU")
    return torch.autocast(
        device.type, dtype=torch.bfloat16 if precision == "bf16" else torch.float16
    )


def float32_on_cpu(device: torch.device) -> contextlib.AbstractContextManager[object]:
    """Keep recurrences out of autocast on the CPU, where bf16 makes their small products slower."""
    if device.type == "cpu":
        return torch.autocast("cpu", enabled=False)
    return contextlib.nullcontext()


def set_tf32(allowed: bool) -> None:
    """Let float32 products on GPUs run in TF32, or keep them from it; the CPU has none."""
    for products in (torch.backends.cuda.matmul, torch.backends.cudnn.rnn):
        products.fp32_precision = "tf32" if allowed else "ieee"


def warn_if_slow(device: torch.device, precision: Precision) -> None:
    """Warn where this machine computes the precision slower than it could another."""
    if device.type == "cpu" and precision == "bf16" and not torch.cpu._is_avx512_bf16_supported():
        logger.warning("this CPU has no bf16 instructions: --precision fp32 is faster here")
    if device.type == "cuda" and precision == "bf16" and not torch.cuda.is_bf16_supported(False):
        logger.warning("this GPU only emulates bf16: --precision fp16 is faster here")
