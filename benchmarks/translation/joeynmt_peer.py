"""JoeyNMT 2.3 as it is: its own loop in training, its own `predict` in decoding."""

import importlib.util
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqkit.models.seq2seq import Seq2Seq

__all__ = ["MODULES", "Peer", "lacking", "left_out", "reach", "train"]

MODULES = ("joeynmt", "subword_nmt", "importlib_metadata", "tensorboard", "sacrebleu", "yaml")
"""What it takes, and what it imports beside what seqkit has."""


def reach(place: str | None) -> None:
    """Make a folder of modules reachable, after all that is installed."""
    if place and place not in sys.path:
        sys.path.append(place)


def lacking() -> list[str]:
    """Name the modules that are not there."""
    return [name for name in MODULES if importlib.util.find_spec(name) is None]


def left_out() -> list[str]:
    """Say that JoeyNMT is not there."""
    absent = lacking()
    return (
        [f"JoeyNMT is left out, and with it every ratio: not installed: {', '.join(absent)}."]
        if absent
        else []
    )


def train(config: dict[str, Any], place: str | None, *, at_step: Callable[[int], None]) -> int:
    """Train as `python -m joeynmt train` does; `at_step` is called whenever it logs.

    Args:
        config: what its YAML file holds.
        place: the folder that JoeyNMT is in, where it is not installed.
        at_step: is told the number of updates so far.

    Returns:
        The target tokens that it has read, ends included.
    """
    reach(place)
    from joeynmt.config import parse_global_args, set_validation_args
    from joeynmt.prediction import prepare
    from joeynmt.training import TrainManager

    class Clocked(TrainManager):
        def _log_scores(self, *values: Any) -> None:
            super()._log_scores(*values)
            at_step(self.stats.steps)

    logging.disable(logging.INFO)
    args = parse_global_args(config, rank=0, mode="train")
    model, train_data, dev_data, _ = prepare(args, rank=0, mode="train")
    trainer = Clocked(
        rank=0,
        model=model,
        model_dir=args.model_dir,
        device=args.device,
        n_gpu=args.n_gpu,
        num_workers=args.num_workers,
        autocast=args.autocast,
        seed=args.seed,
        train_args=args.train,
        dev_args=set_validation_args(args.test),
    )
    trainer.train_and_validate(train_data, dev_data)
    return trainer.stats.total_tokens


class Peer:
    """JoeyNMT with the weights of a network of seqkit's: the same function."""

    def __init__(self, config: dict[str, Any], place: str | None, network: "Seq2Seq") -> None:
        """Build it and copy the weights.

        Args:
            config: what its YAML file holds, of the same words.
            place: the folder that JoeyNMT is in, where it is not installed.
            network: without biases where JoeyNMT has none; its last source id is JoeyNMT's end.
        """
        reach(place)
        from joeynmt.config import parse_global_args
        from joeynmt.data import build_tokenizer
        from joeynmt.model import build_model
        from joeynmt.vocabulary import build_vocab

        logging.disable(logging.INFO)
        self.args = parse_global_args(config, rank=0, mode="train")
        self._tokenizer = build_tokenizer(self.args.data)
        words = build_vocab(self.args.data)
        for language, known in zip(self._tokenizer, words, strict=True):
            self._tokenizer[language].set_vocab(known)
        self._encoders = {
            language: known.sentences_to_ids
            for language, known in zip(self._tokenizer, words, strict=True)
        }
        self.model = build_model(self.args.model, *words)
        self.model.loss_function = ("crossentropy", 0.0)
        self.model.load_state_dict(_weights(network))
        self.model.eval()

    def open(self, path: Path) -> Any:
        """Read the file `path.en`, and `path.de` where there is one."""
        from joeynmt.datasets import build_dataset

        return build_dataset(
            "plain",
            str(path),
            *self._tokenizer,
            split="test",
            tokenizer=self._tokenizer,
            sequence_encoder=self._encoders,
            has_prompt=dict.fromkeys(self._tokenizer, False),
        )

    def translate(self, path: Path, *, beam: int, alpha: float) -> list[str]:
        """Translate the lines of `path.en`, in its batches of 64."""
        from joeynmt.prediction import predict

        found = predict(
            self.model,
            self.open(path),
            device=self.args.device,
            n_gpu=0,
            args=self.args.test._replace(beam_size=beam, beam_alpha=alpha),
            autocast=self.args.autocast,
        )
        return found[2]

    def log_prob(self, path: Path) -> float:
        """Return the log-probability of `path.de` given `path.en`, all lines together."""
        import torch

        data, total = self.open(path), 0.0
        with torch.inference_mode():
            for batch in data.make_iter(self.args.test.batch_size):
                batch.sort_by_src_length()
                total -= self.model(return_type="loss", **vars(batch))[0].item()
        return total


def _weights(network: "Seq2Seq") -> Mapping[str, Any]:
    """Name the weights as JoeyNMT does, its ids <unk>, <pad>, <s>, </s> first, then the words."""
    import torch

    own = network.state_dict()
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    cells: Sequence[tuple[str, str, Any]] = [
        ("encoder.rnn", "_l0", network.encoder.layers[0][0]),
        ("encoder.rnn", "_l0_reverse", network.encoder.layers[0][1]),
        ("decoder.rnn", "_l0", network.decoder[0]),
    ]
    recurrent = {
        f"{module}.{name}{ending}": part.detach()
        for module, ending, layer in cells
        for name, part in zip(names, layer.parts(), strict=True)
    }
    source, target = own["source_embedding.weight"], own["target_embedding.weight"]
    ours = [3, 0, 1, 2]  # UNK, PAD, BOS, EOS
    ended = [3, 0, 1, len(source) - 1]
    context, top = own["combine.weight"].split(
        [2 * network.config.encoder_hidden, network.config.decoder_hidden], dim=1
    )
    return {
        **recurrent,
        "src_embed.lut.weight": torch.cat([source[ended], source[4:-1]]),
        "trg_embed.lut.weight": torch.cat([target[ours], target[4:]]),
        "decoder.output_layer.weight": torch.cat(
            [own["output.weight"][ours], own["output.weight"][4:]]
        ),
        "decoder.att_vector_layer.weight": torch.cat([top, context], dim=1),
        "decoder.att_vector_layer.bias": own["combine.bias"],
        "decoder.bridge_layer.weight": own["bridge.0.weight"],
        "decoder.bridge_layer.bias": own["bridge.0.bias"],
        "decoder.attention.key_layer.weight": own["attention.key.weight"],
        "decoder.attention.query_layer.weight": own["attention.query.weight"],
        "decoder.attention.energy_layer.weight": own["attention.energy"][None],
    }
