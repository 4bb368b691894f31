"""From next-token probabilities to texts: greedy, sampling and beam over one `Stepper` protocol."""

from seqkit.decode.beam import Hypothesis, beam_search, check_beam
from seqkit.decode.complete import Completion, complete_text
from seqkit.decode.continuation import Generation
from seqkit.decode.filters import RepetitionPenalty, forbid, nucleus, top_k
from seqkit.decode.generate import Drawn, generate
from seqkit.decode.pieces import StopStrings, TextPieces
from seqkit.decode.sampling import Sampling, choose, random_streams
from seqkit.decode.stepper import AttendingStepper, Stepper
from seqkit.decode.text import TextStream, generate_texts, stream_text

__all__ = [
    "AttendingStepper",
    "Completion",
    "Drawn",
    "Generation",
    "Hypothesis",
    "RepetitionPenalty",
    "Sampling",
    "Stepper",
    "StopStrings",
    "TextPieces",
    "TextStream",
    "beam_search",
    "check_beam",
    "choose",
    "complete_text",
    "forbid",
    "generate",
    "generate_texts",
    "nucleus",
    "random_streams",
    "stream_text",
    "top_k",
]
