"""The language model that an app imports: generate, score, encode."""

import itertools
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from seqkit import bundle
from seqkit.config import from_dict, to_dict
from seqkit.data import text_lines
from seqkit.decode import Generation, Sampling, TextStream, generate_texts, stream_text
from seqkit.errors import BundleError, ConfigError
from seqkit.files import json_bytes
from seqkit.metrics import bits_per, perplexity
from seqkit.models.lm_scoring import exactly, full_float32, score_lines, score_stream
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig
from seqkit.nn.devices import pick_device
from seqkit.nn.state import State, select
from seqkit.text import TextPipeline, Vocab

__all__ = ["LanguageModel", "Score", "TokenScore"]


@dataclass(frozen=True)
class Score:
    """How likely a model finds a text; scores of several texts add up."""

    log_prob: float
    """Natural logarithm of its probability, line ends included."""
    tokens: int
    """Line ends (EOS) included."""
    unknown: int
    """Of them, not in the vocabulary: their probability is that of any unknown word."""
    characters: int
    """Code points of the text as the model predicts it, `TextPipeline.predicted`: normalised, and
    where the tokens are words, with single spaces. One for each line end is included."""
    bytes: int
    """Of UTF-8, of the same text, one for each line end included."""

    @property
    def perplexity(self) -> float:
        """Geometric mean of 1 / p over the tokens; comparable between equal vocabularies only."""
        return perplexity(-self.log_prob, self.tokens)

    @property
    def bits_per_character(self) -> float:
        """Comparable between all models that predict the same text and know all tokens of it.

        A model of small letters predicts another text than one that has capitals to tell, and one
        of words another than one of characters where spacing carries meaning.
        """
        return bits_per(-self.log_prob, self.characters)

    @property
    def bits_per_byte(self) -> float:
        """Comparable as bits per character are."""
        return bits_per(-self.log_prob, self.bytes)

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.log_prob + other.log_prob,
            self.tokens + other.tokens,
            self.unknown + other.unknown,
            self.characters + other.characters,
            self.bytes + other.bytes,
        )


class TokenScore(NamedTuple):
    """A token of a text, a line break for the end of a line, and its log-probability in nats."""

    token: str
    log_prob: float


class LanguageModel:
    """Generates and scores text; a saved one is loaded with `seqkit.load(folder)`.

    It is a `seqkit.decode.Stepper`: (state, token) -> (log-probabilities, state).
    """

    def __init__(
        self,
        network: RecurrentLm,
        pipeline: TextPipeline,
        *,
        sentences: bool = False,
        device: torch.device | None = None,
    ) -> None:
        """Wrap a trained network.

        Args:
            network: its ids are those of the pipeline.
            pipeline: text to ids.
            sentences: it was trained on lines that each begin anew, from BOS; otherwise on running
                text, in which EOS is the line break.
            device: where it runs; None leaves the network where it is.

        Raises:
            ConfigError: a network whose vocabulary has another size than that of the pipeline.
        """
        if network.vocabulary != len(pipeline.vocab):
            raise ConfigError(
                f"a network of {network.vocabulary} ids with a vocabulary of {len(pipeline.vocab)}:"
                " they are not of the same model"
            )
        self.device = device or network.embedding.weight.device
        self.network = network.to(self.device).eval()
        self.pipeline, self.sentences = pipeline, sentences

    @property
    def vocabulary(self) -> int:
        """V, the number of ids."""
        return self.network.vocabulary

    @property
    def first(self) -> int:
        """The id that precedes every text: EOS in running text, BOS before a sentence."""
        return Vocab.BOS if self.sentences else Vocab.EOS

    # the Stepper

    def start(self, count: int) -> State:
        """Make the state of `count` empty sequences."""
        return self.network.start(count)

    @torch.inference_mode()
    def read(self, state: State, ids: torch.Tensor) -> tuple[torch.Tensor, State]:
        """Read ids (B, T) int64; returns log-probabilities (B, V) of what follows, and state."""
        with full_float32(self.device):
            hidden, state = self.network(ids.to(self.device), state)
            return self.network.output.log_probs(hidden.top[:, -1]), state

    def step(self, state: State, tokens: torch.Tensor) -> tuple[torch.Tensor, State]:
        """Read one id of each sequence, (B,) int64."""
        return self.read(state, tokens[:, None])

    def select(self, state: State, rows: torch.Tensor) -> State:
        """Take the given sequences (B',) int64 of a state."""
        return select(state, rows)

    # generation

    def generate(
        self,
        prompt: str = "",
        *,
        max_tokens: int = 100,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        repetition_penalty: float = 1.0,
        beam: int | None = None,
        stop: Sequence[str] = (),
        seed: int = 0,
    ) -> str:
        """Continue a text; returns the continuation alone.

        Args:
            prompt: of any length; none begins a text.
            max_tokens: at most so many tokens.
            temperature: divides the logits; 0 takes the likeliest token (greedy).
            top_k: draw from the k likeliest.
            top_p: draw from the fewest likeliest whose probabilities reach p (nucleus).
            repetition_penalty: above 1 makes tokens that were there less likely.
            beam: search the likeliest text with so many hypotheses, instead of drawing.
            stop: end before the first of these strings.
            seed: the same seed, the same text.

        Raises:
            ConfigError: an option out of range, or one that a beam would ignore.
        """
        generations = self.generate_many(
            [prompt],
            max_tokens=max_tokens,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            repetition_penalty=repetition_penalty,
            beam=beam,
            stop=stop,
            seed=seed,
        )
        return generations[0].text

    def generate_many(
        self,
        prompts: Iterable[str],
        *,
        num: int = 1,
        max_tokens: int = 100,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        repetition_penalty: float = 1.0,
        beam: int | None = None,
        stop: Sequence[str] = (),
        seed: int = 0,
    ) -> list[Generation]:
        """Continue texts together, `num` times each, with the same results as one by one.

        The options are those of `generate`. With a beam, `num` of the best are returned.
        """
        return generate_texts(
            self,
            self.pipeline,
            prompts if isinstance(prompts, str) else list(prompts),  # a str is refused there
            num=num,
            max_tokens=max_tokens,
            sampling=Sampling(
                temperature=temperature,
                top_k=top_k,
                top_p=top_p,
                repetition_penalty=repetition_penalty,
            ),
            beam=beam,
            stop=stop,
            seed=seed,
            first=self.first,
            line_end=not self.sentences,
        )

    def stream(
        self,
        prompt: str = "",
        *,
        max_tokens: int = 100,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        repetition_penalty: float = 1.0,
        stop: Sequence[str] = (),
        seed: int = 0,
    ) -> TextStream:
        """Continue a text, yielding it piece by piece; joined they are `generate`'s text.

        The iterator's `tokens` says how many were drawn until then.
        """
        return stream_text(
            self,
            self.pipeline,
            prompt,
            max_tokens=max_tokens,
            sampling=Sampling(
                temperature=temperature,
                top_k=top_k,
                top_p=top_p,
                repetition_penalty=repetition_penalty,
            ),
            stop=stop,
            seed=seed,
            first=self.first,
            line_end=not self.sentences,
        )

    # scoring

    def score(self, text: str) -> Score:
        """Say how likely a text is: its lines, each with its end."""
        return self.score_many([text])[0]

    def score_many(self, texts: Iterable[str]) -> list[Score]:
        """Score texts, each for itself, in order; the same as one by one.

        Raises:
            ConfigError: one that is no str.
        """
        texts = list(texts)
        for text in texts:
            if not isinstance(text, str):
                raise ConfigError(f"a text is a str, got {type(text).__name__} {text!r:.40}")
        lines = [line for text in texts for line in text_lines(text)]
        found = iter(self.line_log_probs(lines, runs=[len(text_lines(text)) for text in texts]))
        return [
            sum(
                (self.line_score(line, next(found)) for line in text_lines(text)),
                Score(0.0, 0, 0, 0, 0),
            )
            for text in texts
        ]

    def line_score(self, line: str, log_probs: npt.NDArray[np.float64]) -> Score:
        """Sum up one line's log-probabilities, of its tokens and its end."""
        unknown = self.pipeline.encode(line).count(Vocab.UNK)
        text = self.pipeline.predicted(line)
        length = len(text.encode("utf-8", "surrogatepass"))
        return Score(float(log_probs.sum()), len(log_probs), unknown, len(text) + 1, length + 1)

    def token_scores(self, text: str) -> list[TokenScore]:
        """Return each token of a text with its log-probability, line ends as line breaks."""
        lines = text_lines(text)
        scored = []
        for line, log_probs in zip(
            lines, self.line_log_probs(lines, runs=[len(lines)]), strict=True
        ):
            tokens = [*self.pipeline.tokens(line), "\n"]
            scored += [TokenScore(*pair) for pair in zip(tokens, log_probs.tolist(), strict=True)]
        return scored

    def line_log_probs(
        self, lines: Sequence[str], *, runs: Sequence[int] | None = None
    ) -> list[npt.NDArray[np.float64]]:
        """Return the log-probabilities of each line's tokens and of its end.

        Args:
            lines: without their line breaks.
            runs: how many lines belong together, one number for each text: the state crosses the
                lines of a text, never those of two. None takes all as one text. A model of
                sentences takes every line for itself.
        """
        ids = [[*line_ids, Vocab.EOS] for line_ids in self.pipeline.encode_many(lines)]
        if self.sentences:
            bare = [line[:-1] for line in ids]
            return score_lines(self.network, bare, bos=Vocab.BOS, eos=Vocab.EOS)
        runs = [len(ids)] if runs is None else runs
        whole, at = [], 0
        for count in runs:
            whole.append([token for line in ids[at : at + count] for token in line])
            at += count
        if len(whole) == 1:
            tokens = np.array(whole[0], np.int64)
            joined = score_stream(self.network, tokens, first=self.first)[0]
        else:
            bare = [text[:-1] for text in whole]  # each ends with the EOS of its last line
            parts = score_lines(self.network, bare, bos=self.first, eos=Vocab.EOS)
            joined = np.concatenate(parts) if parts else np.zeros(0)
        return np.split(joined, np.cumsum([len(line) for line in ids])[:-1])

    # as an encoder

    @torch.inference_mode()
    def encode(self, text: str, *, layer: int = -1) -> npt.NDArray[np.float32]:
        """Return the hidden states after each token of a text, (T, H) float32.

        Args:
            text: its lines. In a running text EOS is the token between two of them; a model of
                sentences begins each anew, and T counts their tokens alone.
            layer: which layer's, counted from 0; -1 is the last.

        Raises:
            ConfigError: a layer that the network does not have.
        """
        depth = len(self.network.layers)
        if not -depth <= layer < depth:
            raise ConfigError(f"layer {layer}: this model has the layers 0 to {depth - 1}")
        lines = [[self.first, *ids] for ids in self.pipeline.encode_many(text_lines(text))]
        if not self.sentences:  # the EOS after a line is the `first` of the next
            lines = [list(itertools.chain.from_iterable(lines))]
        encoded = []
        with exactly(self.network):
            for ids in lines:
                hidden, _ = self.network(torch.tensor([ids], device=self.device), self.start(1))
                encoded.append(hidden.layers[layer][0, 1:].float())
        return torch.cat(encoded).cpu().numpy()

    # saving

    def save(
        self,
        folder: str | os.PathLike[str],
        *,
        provenance: Mapping[str, Any] | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the model as a bundle; see `seqkit.bundle.write`."""
        head = {"config": to_dict(self.network.config), "sentences": self.sentences}
        weights = self.network.state_dict()
        if self.network.config.tied:
            weights.pop("output.weight")  # the embeddings, once
        tensors = {name: value.detach().cpu().contiguous() for name, value in weights.items()}
        files = {
            "model.json": json_bytes(head),
            "weights.safetensors": save(tensors),
            **self.pipeline.to_files(),
        }
        bundle.write(
            folder, kind="LanguageModel", files=files, provenance=provenance, metrics=metrics
        )

    @classmethod
    def from_bundle(cls, saved: bundle.Bundle, *, device: str = "cpu") -> "LanguageModel":
        """Restore a model from a checked bundle, onto `cpu`, `cuda` or `auto`.

        Raises:
            BundleError: the files of the bundle do not fit together: another vocabulary, say.
            ConfigError: a device that is not here.
        """
        place = pick_device(device)
        files = saved.files()
        try:
            head = json.loads(files["model.json"])
            config = from_dict(RecurrentLmConfig, head["config"], where="model.json")
            pipeline = TextPipeline.from_files(files)
            weights = load(files["weights.safetensors"])
            if config.tied:
                weights["output.weight"] = weights["embedding.weight"]  # written once
            with torch.device("meta"):  # no random weights: loading must not move the generators
                network = RecurrentLm(config, vocabulary=len(pipeline.vocab))
            network.to_empty(device="cpu").load_state_dict(weights)
            network.tie()
            sentences = bool(head["sentences"])
        except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
            reason = " ".join(str(error).split())
            raise BundleError(
                f"{saved.folder}: its files do not fit together ({reason:.200}): train anew, or "
                "upgrade seqkit"
            ) from error
        return cls(network, pipeline, sentences=sentences, device=place)
