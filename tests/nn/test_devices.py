"""Devices and precisions by name."""

import pytest
import torch

from seqkit.errors import ConfigError
from seqkit.nn.devices import autocast, pick_device, set_tf32, warn_if_slow


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


def test_tf32_is_switched_for_products_and_recurrences() -> None:
    products = torch.backends.cuda.matmul, torch.backends.cudnn.rnn
    before = [kind.fp32_precision for kind in products]
    try:
        for allowed, name in [(True, "tf32"), (False, "ieee"), (True, "tf32")]:
            set_tf32(allowed)
            assert [kind.fp32_precision for kind in products] == [name, name]
    finally:
        for kind, precision in zip(products, before, strict=True):
            kind.fp32_precision = precision


@pytest.mark.parametrize("fast", [True, False])
def test_a_slow_precision_is_warned_of(
    fast: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: fast)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: fast)
    for kind, advice in [("cpu", "--precision fp32"), ("cuda", "--precision fp16")]:
        caplog.clear()
        warn_if_slow(torch.device(kind), "fp32")
        warn_if_slow(torch.device(kind), "bf16")
        assert [advice in message for message in caplog.messages] == ([] if fast else [True])
