"""Phrases compiled to regular expressions over normal words, each followed by one space."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count

from agent.offline.phrase_syntax import Choice, Node, Sequence, Slot, Word, parse
from agent.offline.understand.days import DAY, TIME
from agent.offline.understand.numbers import NUMBER, QUANTITY
from agent.offline.understand.words import hear

_SLOTS = {
    "truck": NUMBER,
    "number": NUMBER,
    "quantity": rf"{QUANTITY}",
    "part": r"(?:[a-z0-9_.]+ ){1,8}?",
    "person": r"(?:[a-z]+ ){1,3}?",
    "customer": r"(?:[a-z0-9]+ ){1,5}?",
    "day": rf"(?:the )?{DAY}",
    "time": TIME,
    "kind": r"(?:notes?|parts?|quantity|usage|stock|material|inventory|(?:[a-z_]+ )?connectors?|cameras?|cables?) ",
    "free": r".+",
    "done": r".+",
    "when": r".+",
    "visit": rf"(?:the )?{DAY}",
    "reason": r".+",
}


@dataclass(frozen=True)
class Found:
    """One phrase that fits the whole utterance, with the words of its slots and where they start."""

    slots: Mapping[str, str]
    starts: Mapping[str, int]
    """Index of the first normal word of a slot."""
    frame: str
    """The words outside dictated text."""


@dataclass(frozen=True)
class Pattern:
    """A compiled phrase."""

    phrase: str
    regex: re.Pattern[str]

    def fit(self, text: str) -> Found | None:
        """The slots, when the phrase is the whole `text`."""
        match = self.regex.fullmatch(text)
        if not match:
            return None
        slots, starts, frame_end = {}, {}, len(text)
        for group, words in match.groupdict().items():
            if words is None:
                continue
            name = group.rsplit("_", 1)[0]
            slots[name] = words
            starts[name] = len(re.findall(r"[ _]", text[: match.start(group)]))
            if name in ("free", "done"):
                frame_end = match.start(group)
        return Found(slots, starts, text[:frame_end])


def compiled(phrases: Iterable[str]) -> tuple[Pattern, ...]:
    """The patterns of some phrases, in their order."""
    return tuple(Pattern(phrase, re.compile(_regex(parse(phrase), count()))) for phrase in phrases)


def _regex(node: Node, numbers: "count[int]") -> str:
    match node:
        case Word(text):
            return "".join(f"{re.escape(word)} " for word in hear(text).words)
        case Slot(name):
            return f"(?P<{name}_{next(numbers)}>{_SLOTS[name]})"
        case Sequence(parts):
            return "".join(_regex(part, numbers) for part in parts)
        case Choice(options):
            filled = [_regex(option, numbers) for option in options if option != Sequence(())]
            return f"(?:{'|'.join(filled)}){'?' if len(filled) < len(options) else ''}"
