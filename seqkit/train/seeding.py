"""One seed for every generator that training draws from, and their states for a checkpoint."""

from typing import Any

import torch

__all__ = ["generator_states", "restore_generators", "seed_generators"]


def seed_generators(seed: int) -> None:
    """Seed torch's generators, on the CPU and on every GPU."""
    torch.manual_seed(seed)


def generator_states() -> dict[str, Any]:
    """Return the states of torch's generators."""
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return {"cpu": torch.get_rng_state(), "cuda": cuda}


def restore_generators(states: dict[str, Any]) -> None:
    """Set torch's generators to saved states; GPUs that are missing now are passed over."""
    torch.set_rng_state(states["cpu"])
    if torch.cuda.is_available():
        for index, state in enumerate(states["cuda"][: torch.cuda.device_count()]):
            torch.cuda.set_rng_state(state, index)
