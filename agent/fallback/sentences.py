"""Where a stream of words has complete sentences, without waiting for the next one."""

from __future__ import annotations

import re

#: A full stop after one of these ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|ave|rd|no|inc|ltd|co|vs|approx)|\b[a-z](?:\.[a-z])*)\.$", re.IGNORECASE
)
_END = re.compile(r"[.!?…]+[\"')\]]*\s")


def complete(text: str) -> tuple[str, str]:
    """The sentences that are complete, and the rest. An end is one only when white space has come after it."""
    end = 0
    for found in _END.finditer(text):
        if not _ABBREVIATION.search(text[: found.end()].rstrip()):
            end = found.end()
    return text[:end], text[end:]


def first_sentence(text: str) -> tuple[str, str]:
    """The first sentence with the space after it, and the rest; a text without an end is one sentence."""
    for found in _END.finditer(text):
        if not _ABBREVIATION.search(text[: found.end()].rstrip()):
            return text[: found.end()], text[found.end() :]
    return text, ""
