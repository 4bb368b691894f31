"""A language model for a command, or several of them as one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tyro.conf import UseAppendAction

from seqkit.commands.loading import LANGUAGE_MODELS, load_model
from seqkit.commands.reading import ReadingOptions
from seqkit.commands.refusal import refuse_unused
from seqkit.errors import ConfigError

if TYPE_CHECKING:
    from seqkit.language import AnyLanguageModel

__all__ = ["MixingOptions", "check_mixing", "load_language_model", "shares_of"]


@dataclass(frozen=True, kw_only=True)
class MixingOptions(ReadingOptions):
    """Which other models have a say, and how much."""

    interpolate: UseAppendAction[tuple[str, ...]] = ()
    """Mix the probabilities with those of this model, of the same vocabulary and tokeniser; may be
    given several times."""
    weight: UseAppendAction[tuple[float, ...]] = ()
    """--interpolate: the other model's share; one for each of several. The same for all if it is
    not given."""


def check_mixing(options: MixingOptions) -> None:
    """Refuse weights that go with no model."""
    if not options.interpolate:
        refuse_unused(options, "weight", "without --interpolate")
    elif options.weight and len(options.weight) != len(options.interpolate):
        raise ConfigError(
            f"--weight: {len(options.weight)} of them for {len(options.interpolate)} models of "
            "--interpolate: give one for each"
        )
    elif not (all(weight >= 0 for weight in options.weight) and sum(options.weight) <= 1):
        shown = ", ".join(f"{weight:g}" for weight in options.weight)
        raise ConfigError(f"--weight {shown}: 0 or more each, and no more than 1 in all")


def load_language_model(folder: str, options: MixingOptions, *, device: str) -> "AnyLanguageModel":
    """Load a language model of any kind, alone or mixed with others.

    Raises:
        BundleError: one of them is no language model.
        ConfigError: models that do not read text alike, or a device that cannot be.
    """
    if not options.interpolate:
        model: AnyLanguageModel = load_model(LANGUAGE_MODELS, folder, device)
        return model
    from seqkit.models.interpolation import Interpolation  # here: torch comes with them
    from seqkit.nn.devices import pick_device

    if pick_device(device).type != "cpu":
        device = "auto"  # beside a network there, n-grams run on the CPU
    folders = [folder, *options.interpolate]
    models = [load_model(LANGUAGE_MODELS, each, device) for each in folders]
    weights = [1 - sum(options.weight), *options.weight] if options.weight else None
    return Interpolation(models, weights)


def shares_of(
    model: "AnyLanguageModel", folder: str, options: MixingOptions
) -> list[dict[str, Any]]:
    """Return the name and the weight of each model of a mixture, nothing of a single model."""
    names = [folder, *options.interpolate]
    weights = getattr(model, "weights", ())
    return [{"model": name, "weight": weight} for name, weight in zip(names, weights, strict=False)]
