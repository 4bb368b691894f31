"""What counts as a URL or an e-mail address, for the normaliser and the word tokeniser alike.

Both patterns are bounded so that no text, however long or strange, takes more than linear time.
"""

import re

__all__ = ["EMAIL", "LINK", "URL", "may_hold_link"]

# RFC 3986 but for parentheses: ASCII, so that a URL ends where Chinese begins.
_IN_URL = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'*+,;=%]"
_LAST = r"[A-Za-z0-9/_~=&#%+$\-]"  # not the full stop or quote of the sentence around it

URL = (
    rf"(?<![A-Za-z0-9])(?:(?i:https?|ftp)://|(?:www|Www|WWW)\.(?=[A-Za-z0-9]))"
    rf"(?:{_IN_URL}*+\({_IN_URL}*+\))*+{_IN_URL}*(?:{_LAST}|(?<=\)))"  # pairs of parentheses only
)
EMAIL = (
    r"(?<![A-Za-z0-9])[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}+"
    r"@(?:[A-Za-z0-9][A-Za-z0-9\-]{0,62}\.){1,10}[A-Za-z]{2,63}"
)
LINK = re.compile(f"{URL}|{EMAIL}")


def may_hold_link(text: str) -> bool:
    """Say whether `LINK` could match in `text`: false is certain, and takes a microsecond."""
    return "@" in text or "://" in text or "ww." in text or "WW." in text
