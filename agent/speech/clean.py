"""Text that somebody typed or dictated, made safe to speak: no markup, no line breaks, no endless reading."""

import re
import unicodedata

_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,200}>")
_LINK = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_MARKUP = re.compile(r"[*_#`~|<>{}\[\]\\^=]+")
_LINE_BREAK = re.compile(r"\s*[\r\n]+\s*")
_RULE = re.compile(r"(?:^|\s)[-–—•]+(?=\s)")
SPOKEN_LIMIT = 240
"""Characters of stored text spoken at one time: about fifteen seconds of speech."""


#: What a briefing may hold, the fullest first: characters of the name and of the subject, and whether the job is named
#: beside a subject (2), where there is none (1), or not at all (0).
BRIEFINGS = ((40, 60, 2), (40, 60, 1), (40, 40, 1), (24, 24, 1), (0, 24, 1), (0, 0, 0))


def briefly(text: object, limit: int) -> str:
    """`text` cut at a word's end, with nothing said about the rest: for ears that have little time."""
    words = clean(text, limit, cut="")
    return words.rstrip(" .,;:") if limit else ""


def clean(text: object, limit: int = SPOKEN_LIMIT, *, cut: str = "and so on", link: str = "a link") -> str:
    """`text` as one line of plain words, cut at a word's end after `limit` characters.

    `cut` and `link` are said instead of the rest and of an address of the web. Never ends with a full stop, so that
    the sentence around it decides its own ending.
    """
    words = unicodedata.normalize("NFKC", str(text or ""))
    words = _TAG.sub(" ", words)
    words = _LINK.sub(link, words)
    words = _LINE_BREAK.sub(". ", words)
    words = "".join(" " if unicodedata.category(char).startswith("C") else char for char in words)
    words = _RULE.sub(" ", _MARKUP.sub(" ", words))
    words = re.sub(r"\s+([.,;:!?])", r"\1", re.sub(r"\s+", " ", words))
    words = re.sub(r"([.,;:!?])(?:\s*[.,;:])+", r"\1", words).strip(" .,;:")
    if len(words) <= limit:
        return words
    return words[:limit].rsplit(" ", 1)[0].rstrip(" .,;:") + f", {cut}"
