"""Where a stream of words has complete sentences, without waiting for the next one."""

from __future__ import annotations

import re

#: A full stop after one of these ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|ave|rd|no|inc|ltd|co|vs|approx)|\b[a-z](?:\.[a-z])*)\.$", re.IGNORECASE
)
_END = re.compile(r"[.!?…]+[\"')\]]*\s")
#: The same where the text stops so far: after a letter, for "3." may become "3.5".
_LAST = re.compile(r"[^\W\d_][.!?…]+[\"')\]]*$")
#: The first words of an answer that a voice may begin with: two at least, up to where a reader breathes.
_OPENING = re.compile(r"\s*\w\S*(?:\s+[^\s,;:.!?…]+)+[,;:]\s")


def complete(text: str) -> tuple[str, str]:
    """The sentences that are complete, and the rest.

    An end inside is one when white space comes after it; at the end of the text so far, when a word comes before it.
    """
    end = 0
    for found in _END.finditer(text):
        if _ends(text[: found.end()].rstrip()):
            end = found.end()
    if _LAST.search(text) and _ends(text):
        end = len(text)
    return text[:end], text[end:]


def begun(text: str) -> tuple[str, str]:
    """The same for an answer of which nothing has been spoken: its first clause will do ("All right, …")."""
    ready, rest = complete(text)
    if not ready and (found := _OPENING.match(text)):
        return text[: found.end()], text[found.end() :]
    return ready, rest


def first_sentence(text: str) -> tuple[str, str]:
    """The first sentence with the space after it, and the rest; a text without an end is one sentence."""
    for found in _END.finditer(text):
        if _ends(text[: found.end()].rstrip()):
            return text[: found.end()], text[found.end() :]
    return text, ""


def without(opening: str, sentence: str) -> str:
    """A sentence without the words that it begins with, where they have been spoken; else as it is."""
    said, words = opening.split(), sentence.split()
    if not said or [word.lower() for word in words[: len(said)]] != said:
        return sentence
    return " ".join(words[len(said) :]) + sentence[len(sentence.rstrip()) :]


def _ends(text: str) -> bool:
    return not _ABBREVIATION.search(text)
