"""Slots found anywhere in an utterance that fits no phrase: a known part, what stands before it, a truck, a day."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from agent.offline.understand import parts
from agent.offline.understand.days import DAY, TIME, day, time
from agent.offline.understand.numbers import NUMBER, QUANTITY, counting, naming
from agent.offline.understand.slots import dictated, truck_number
from agent.offline.understand.words import Heard
from agent.offline.vocabulary import Vocabulary

_TRUCK = re.compile(rf"\b(?:truck|unit|van) (?:number )?(?P<it>{NUMBER})")
_ORDER = re.compile(rf"\b(?:work order|job|ticket|order) (?:number )?(?P<it>{NUMBER})")
DICTATING = re.compile(r"\b(?:note|notes|record|mention|write down|writing) (?:that )?")


def _part_span(text: str, vocabulary: Vocabulary) -> tuple[int, int] | None:
    """Where the longest run of words stands that is (the beginning of) a known part's name."""
    known = [parts.name_words(name) for name in (*vocabulary.parts, *vocabulary.aliases)]
    tokens = text.split()
    for length in range(min(4, len(tokens)), 0, -1):
        for start in range(len(tokens) - length + 1):
            words = " ".join(tokens[start : start + length])
            if parts.part_heard(f"{words} ") and _names_part(parts.name_words(words.replace("_", " ")), known):
                return start, start + length
    return None


def _names_part(words: frozenset[str], known: list[frozenset[str]]) -> bool:
    return bool(words) and any(words <= name for name in known)


def _part(text: str, heard: Heard, vocabulary: Vocabulary) -> str | None:
    span = _part_span(text, vocabulary)
    return parts.split_names(" ".join(text.split()[slice(*span)])) if span else None


def _quantity(text: str, heard: Heard, vocabulary: Vocabulary) -> float | int | None:
    span = _part_span(text, vocabulary)
    before = "".join(f"{word} " for word in text.split()[: span[0]]) if span else ""
    match = re.search(rf"(?:^|(?<= ))(?P<it>{QUANTITY})(?:(?:feet|foot|units|pieces) (?:of )?)?$", before)
    return counting(match["it"]) if match else None


def _number(text: str, heard: Heard, vocabulary: Vocabulary) -> int | None:
    match = _ORDER.search(text)
    return next(iter(naming(match["it"])), None) if match else None


def _truck(text: str, heard: Heard, vocabulary: Vocabulary) -> int | None:
    match = _TRUCK.search(text)
    return truck_number(match["it"], vocabulary) if match else None


def _note(text: str, heard: Heard, vocabulary: Vocabulary) -> str | None:
    match = DICTATING.search(heard.text)
    said = dictated(heard, len(heard.text[: match.end()].split()))[0] if match else ""
    return said if len(said.split()) >= 3 else None


def _searched(pattern: str, read: Callable[[str], str | None]) -> Callable[[str, Heard, Vocabulary], str | None]:
    compiled = re.compile(rf"(?:^|(?<= )){pattern}")

    def find(text: str, heard: Heard, vocabulary: Vocabulary) -> str | None:
        match = compiled.search(text)
        return read(match[0]) if match else None

    return find


FIND: Mapping[str, Callable[[str, Heard, Vocabulary], Any]] = {
    "part": _part,
    "quantity": _quantity,
    "number": _number,
    "truck": _truck,
    "note": _note,
    "day": _searched(f"(?:{DAY})", day),
    "time": _searched(f"at {TIME}", lambda words: time(words.removeprefix("at "))),
}
