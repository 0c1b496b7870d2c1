"""What a model writes for the eye, taken out of what is spoken: asterisks, headings, links, little pictures.

livekit's own filter waits with the last word of every piece for the next one. Ours takes each piece as it is: they are
whole clauses.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, AsyncIterator

_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_LINE_START = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|[-+*>][ \t]+)", re.MULTILINE)
#: Not the ones between figures ("5 * 3") or inside a word ("a_b").
_EMPHASIS = re.compile(r"[*`~]+(?=[^\s*`~])|(?<=[^\s*`~])[*`~]+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)")
_PICTURES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]")


def spoken(text: str) -> str:
    """The words of a piece of an answer."""
    return _PICTURES.sub("", _EMPHASIS.sub("", _LINE_START.sub("", _LINK.sub(r"\1", text))))


async def without_markup(text: AsyncIterable[str]) -> AsyncIterator[str]:
    """Each piece as it comes, without its markup."""
    async for piece in text:
        yield spoken(piece)
