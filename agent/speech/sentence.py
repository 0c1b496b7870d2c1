"""What a sentence is, in every language: facts and the company's time zone in, words for the ear out."""

from collections.abc import Callable, Mapping
from typing import Any

Facts = Mapping[str, Any]
Sentence = Callable[[Facts, str], str]
"""`(facts, tz)`: facts as a line function returns them; `tz` an IANA zone, the company's."""


def join(*sentences: str) -> str:
    """The sentences that are not empty, in one breath each."""
    return " ".join(sentence for sentence in sentences if sentence)


def fixed(text: str) -> Sentence:
    """A sentence that no fact changes."""
    return lambda facts, tz: text
