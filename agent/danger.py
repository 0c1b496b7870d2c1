"""Danger in a caller's words, found by rule: before any model, on every line, with nothing to wait for.

What is missed may cost a life, and what is seen where nothing is wakes somebody at night: the same words ("smoke",
"gas", "shock") are daily business here. So a pattern (`agent/danger_words.py`) must tell of something that happens now,
in a clause that neither denies it, nor supposes it, nor says that it is over.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from agent import danger_words as words
from agent.offline.understand.words import hear

#: A caller says what is wrong early or late, but a message of twenty minutes is not searched to its end on every turn.
MOST_WORDS = 400


@dataclass(frozen=True)
class Danger:
    """`kind` is one of `danger_words.KINDS`; `language` is the one in which it was said."""

    kind: str
    language: str
    #: Whether it was said inside a dictation, which then is kept as well.
    dictated: bool = False


@dataclass(frozen=True)
class _Reading:
    """One language's lists, compiled."""

    language: str
    kinds: tuple[tuple[str, re.Pattern[str]], ...]
    everyday: re.Pattern[str]
    supposed: re.Pattern[str]
    over: re.Pattern[str]
    still: re.Pattern[str]
    denied: re.Pattern[str]
    dictation: re.Pattern[str]


_ACUTE = re.compile(words.ACUTE)
_IS = re.compile(r"(\w)['’]s\b")
_CLAUSE = re.compile(r"[.,;:!?¡¿]+(?:\s|$)|\s(?:but|pero)\s", re.IGNORECASE)


def danger(text: str, *, technician: bool = False, dictating: bool = False) -> Danger | None:
    """The danger that somebody tells of, or None.

    A technician's notes are full of leaks and burnt wires: of what one dictates (`dictating`: the line has asked for
    the text) only what cannot wait counts.
    """
    short = " ".join(text.split()[:MOST_WORDS])
    whole = _plain(short)
    for reading in _readings():
        noted = technician and (dictating or bool(reading.dictation.search(whole)))
        if noted and not _ACUTE.search(whole):
            continue
        for clause in (*_CLAUSE.split(short), short):
            kind = _kind(_plain(clause), reading)
            if kind is not None:
                return Danger(kind, reading.language, noted)
    return None


def _kind(clause: str, reading: _Reading) -> str | None:
    everyday = reading.everyday.sub("thing", clause)
    over = bool(reading.over.search(clause)) and not reading.still.search(clause)
    for kind, pattern in reading.kinds:
        # A device's name is taken out where it stands for daily business; an alarm that goes off is told by its name.
        for match in pattern.finditer(clause if kind == "carbon_monoxide" else everyday):
            before = match.string[: match.start()]
            if not (over or reading.supposed.search(before) or reading.denied.search(before)):
                return kind
    return None


def _plain(text: str) -> str:
    # "The building's burning": who owns what is of no interest here.
    opened = _IS.sub(r"\1 is", text)
    bare = unicodedata.normalize("NFD", " ".join(hear(opened).words))
    plain = "".join(char for char in bare if not unicodedata.combining(char))
    return f"{plain} " if plain else ""


@cache
def _readings() -> tuple[_Reading, ...]:
    return (
        _reading(
            "en",
            words.ENGLISH,
            words.ENGLISH_EVERYDAY,
            words.ENGLISH_SUPPOSED,
            words.ENGLISH_OVER,
            words.ENGLISH_STILL,
            words.ENGLISH_NOT,
            words.ENGLISH_DICTATION,
        ),
        _reading(
            "es",
            words.SPANISH,
            words.SPANISH_EVERYDAY,
            words.SPANISH_SUPPOSED,
            words.SPANISH_OVER,
            words.SPANISH_STILL,
            words.SPANISH_NOT,
            words.SPANISH_DICTATION,
        ),
    )


def _reading(language: str, kinds: Mapping[str, tuple[str, ...]], everyday: tuple[str, ...], *others: str) -> _Reading:
    assert tuple(kinds) == words.KINDS
    return _Reading(
        language,
        tuple((kind, re.compile(rf"\b(?:{'|'.join(patterns)})\b|(?!)")) for kind, patterns in kinds.items()),
        re.compile(rf"\b(?:{'|'.join(everyday)})\b"),
        *(re.compile(other) for other in others),
    )
