"""A language model with more words: for fine-tuning on other text."""

from collections.abc import Iterable

import torch

from seqkit.errors import ConfigError
from seqkit.models.language_model import LanguageModel
from seqkit.models.recurrent_lm import RecurrentLm
from seqkit.nn.embedding import GivenRows
from seqkit.text import TextPipeline, Vocab

__all__ = ["extend_vocabulary"]


@torch.no_grad()
def extend_vocabulary(
    model: LanguageModel,
    texts: Iterable[str],
    *,
    min_count: int = 1,
    max_vocab: int | None = None,
) -> LanguageModel:
    """Return a copy of a model that also knows the words of some texts.

    The ids of its own words stay. A new word begins as their mean, embedding and bias: no text of
    known words becomes much less likely by it.

    Args:
        model: stays as it is.
        texts: tokenised as the model does it.
        min_count: leave out words seen fewer times.
        max_vocab: no more words than this in all; those that the model has are kept in any case.

    Raises:
        ConfigError: new words for an adaptive softmax, whose clusters are fixed by frequency.
    """
    old, config = model.pipeline.vocab, model.network.config
    counted = Vocab.build(
        model.pipeline.tokenizer.many(map(model.pipeline.normalizer, texts)), min_count=min_count
    )
    words = [word for word in counted.words if word not in old]
    if max_vocab is not None:
        words = words[: max(0, max_vocab - len(old.words))]
    if words and config.output == "adaptive":
        raise ConfigError(
            f"{len(words):,} words of the text are new to a model with an adaptive softmax, whose "
            "clusters cannot grow: raise --text.min-count until none is, or train anew"
        )
    vocab = Vocab([*old.words, *words])
    pipeline = TextPipeline(model.pipeline.normalizer, model.pipeline.tokenizer, vocab)
    given = GivenRows.stand_in(len(vocab), model.network.projected_from)
    network = RecurrentLm(config, vocabulary=len(vocab), given=given).to(model.device)
    weights = model.network.state_dict()
    for name, grown in network.state_dict().items():
        known = weights[name]
        if known.shape != grown.shape:
            mean = known[len(Vocab.SPECIALS) :].mean(0, keepdim=True)
            more = len(grown) - len(known)
            weights[name] = torch.cat([known, mean.expand(more, *mean.shape[1:])])
    network.load_state_dict(weights)
    return LanguageModel(network, pipeline, sentences=model.sentences, device=model.device)
