"""A translation in the making: the decoder of a network, token by token, as a `Stepper`."""

from typing import NamedTuple

import torch

from seqkit.errors import ConfigError
from seqkit.models.lm_scoring import full_float32
from seqkit.models.seq2seq import DecoderState, Memory, Seq2Seq

__all__ = ["Seq2SeqStepper", "SourceState"]


class SourceState(NamedTuple):
    """N sequences that attend to B sources: row n to source n // each."""

    memory: Memory
    each: int
    """Sequences of each source, which stand together: N = B * each."""
    decoder: DecoderState
    attended: torch.Tensor | None
    """(N, S) float32, the weights of all steps added up; None where they are not asked for."""


class Seq2SeqStepper:
    """Steps through the decoder of a network, for the sources that it has read.

    It is a `seqkit.decode.AttendingStepper`. The hypotheses of a source share its memory: what the
    encoder gave is copied neither from step to step nor for each of them.
    """

    def __init__(self, network: Seq2Seq, memory: Memory, *, coverage: bool = False) -> None:
        """Take what the encoder gave for B sources.

        Args:
            network: in evaluation mode.
            memory: as `network.encode` returns it.
            coverage: add up what is attended to, for `coverage`.

        Raises:
            ConfigError: coverage of a network that does not attend.
        """
        if coverage and not network.attends:
            raise ConfigError(
                f"coverage_penalty: a model with attention {network.config.attention!r} covers no "
                "positions of the source: leave it out, or train one with attention"
            )
        self.network, self.memory = network, memory
        self.vocabulary = network.target_vocabulary
        self._coverage = coverage

    @torch.inference_mode()
    def start(self, count: int) -> SourceState:
        """Return the state of the B sources, each with one empty sequence.

        Raises:
            ConfigError: a count other than B.
        """
        sources = len(self.memory.keep)
        if count != sources:
            raise ConfigError(f"{count} sequences for {sources} sources: start one for each")
        with full_float32(self.memory.keep.device):
            decoder = self.network.start(self.memory)
        attended = torch.zeros_like(self.memory.keep, dtype=torch.float32)
        return SourceState(self.memory, 1, decoder, attended if self._coverage else None)

    def read(self, state: SourceState, ids: torch.Tensor) -> tuple[torch.Tensor, SourceState]:
        """Read ids (N, T) int64; returns log-probabilities (N, V) of what follows, and state."""
        for tokens in ids.unbind(1):
            log_probs, state = self.step(state, tokens)
        return log_probs, state

    @torch.inference_mode()
    def step(self, state: SourceState, tokens: torch.Tensor) -> tuple[torch.Tensor, SourceState]:
        """Read one id of each sequence, (N,) int64; returns the same as `read`."""
        device = state.memory.keep.device
        with full_float32(device):
            hidden, weights, decoder = self.network.step(
                state.memory, state.decoder, tokens.to(device)
            )
            log_probs = self.network.output.log_probs(hidden)
        attended = state.attended
        if attended is not None:
            attended = attended + weights
        return log_probs, state._replace(decoder=decoder, attended=attended)

    @torch.inference_mode()
    def select(self, state: SourceState, rows: torch.Tensor) -> SourceState:
        """Take the given sequences (N',) int64, with those of their sources that are left.

        Fastest where each source keeps as many as every other, and these stand together.
        """
        rows = rows.to(state.memory.keep.device)
        attended = state.attended
        if attended is not None:
            attended = attended.index_select(0, rows)
        memory, each = _select_sources(state.memory, rows // state.each)
        return SourceState(memory, each, state.decoder.select(rows), attended)

    def coverage(self, state: SourceState) -> torch.Tensor:
        """Say how much of its source each sequence has left out, (N,) float32, 0 at best.

        See `seqkit.decode.AttendingStepper`; a position that was never attended to counts as the
        least positive float32.
        """
        keep = state.memory.keep.repeat_interleave(state.each, 0)
        least = torch.finfo(torch.float32).tiny
        return state.attended.clamp(least, 1).log().masked_fill(~keep, 0).sum(1)


def _select_sources(memory: Memory, owners: torch.Tensor) -> tuple[Memory, int]:
    """Select what sequences attend to, by the sources (N',) that own them.

    Returns:
        The memory, and how many sequences in a row share each of its sources: all the same number,
        1 where their numbers differ.
    """
    sources, counts = owners.unique_consecutive(return_counts=True)
    if not len(counts) or bool((counts != counts[0]).any()):
        return memory.select(owners), 1
    each = int(counts[0])
    everything = torch.arange(len(memory.keep), device=owners.device)
    if torch.equal(sources, everything):
        return memory, each
    return memory.select(sources), each
