"""The shares of train that missing splits take, as every recipe's data options give them."""

from collections.abc import Mapping

from seqkit.errors import ConfigError

__all__ = ["check_shares"]


def check_shares(shares: Mapping[str, float]) -> None:
    """Check what is to be cut from train, by the name of the split.

    Raises:
        ConfigError: a share out of range, or nothing is left to train on.
    """
    for name, share in shares.items():
        if not 0 < share < 1:
            raise ConfigError(f"--data.{name}-share {share}: a share lies between 0 and 1")
    if sum(shares.values()) >= 1:
        raise ConfigError("--data.valid-share and --data.test-share leave nothing to train on")
