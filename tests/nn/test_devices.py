"""Devices and precisions by name."""

import pytest
import torch

from seqkit.errors import ConfigError
from seqkit.nn.devices import autocast, pick_device


def test_devices_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pick_device("cpu") == torch.device("cpu")
    with pytest.raises(ConfigError, match="did you mean 'cuda'"):
        pick_device("cudda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert pick_device("auto") == torch.device("cpu")
    with pytest.raises(ConfigError, match="finds no GPU here; use --device cpu"):
        pick_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert pick_device("auto") == pick_device("cuda") == torch.device("cuda")
    assert pick_device("cpu") == torch.device("cpu")


def test_precisions_by_name() -> None:
    cpu = torch.device("cpu")
    x = torch.randn(2, 2)
    with autocast(cpu, "fp32"):
        assert (x @ x).dtype == torch.float32
    with autocast(cpu, "bf16"):
        assert (x @ x).dtype == torch.bfloat16
    with pytest.raises(ConfigError, match="fp16 is for GPUs"):
        autocast(cpu, "fp16")
    with pytest.raises(ConfigError, match="did you mean 'bf16'"):
        autocast(cpu, "bf61")
