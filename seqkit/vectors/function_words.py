"""The function words of English: so frequent in every text that they are no topic."""

__all__ = ["ENGLISH_FUNCTION_WORDS"]

_PRONOUNS = """
    i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his
    himself she her hers herself it its itself they them their theirs themselves one oneself who
    whom whose which what that this these those someone somebody something anyone anybody anything
    everyone everybody everything nobody nothing none each other another such same whoever whatever
    thou thee thy thine ye
"""
_VERBS = """
    am is are was were be been being do does did done doing have has had having can could may might
    must shall should will would ought let get gets got gotten go goes going went gone come comes
    came say says said saying make makes made
    art hast hath doth didst shalt wilt
"""
_CONTRACTED = """
    i'm i've i'd i'll you're you've you'd you'll he's he'd he'll she's she'd she'll it's it'd it'll
    we're we've we'd we'll they're they've they'd they'll that's there's here's what's who's let's
    isn't aren't wasn't weren't don't doesn't didn't haven't hasn't hadn't can't cannot couldn't
    mustn't shan't shouldn't won't wouldn't ain't
"""
_SMALL = """
    a an the and or nor but if then else than because while although though unless until since
    whether as so yet however therefore thus
    of at by for with without within about against between among into onto through throughout during
    before after above below to from up down upon in out on off over under across along around
    behind beside besides beyond near toward towards per via
    not no yes only own too very just also even still again ever never always often already almost
    quite rather much many more most few fewer less least some any all both either neither every
    several enough here there where when why how now once whence wherever whenever hence
    well back away indeed perhaps like
    two three first
"""

ENGLISH_FUNCTION_WORDS = frozenset(f"{_PRONOUNS} {_VERBS} {_CONTRACTED} {_SMALL}".split())
"""Pronouns, auxiliaries, articles, conjunctions, prepositions and the most frequent adverbs, in
lower case, their older forms and the contracted ones too."""
