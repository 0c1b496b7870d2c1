"""The small phrase language of phrases.py and data/*.txt: words, ``[optional]``, ``(a | b)`` and ``<slot>``.

It is a subset of JSGF right-hand sides, so the same text is compiled into the command grammar and, by drawing
examples from it, counted for the language model.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

_TOKEN = re.compile(r"\s*([\[\]()|]|<[\w-]+>|[^\s\[\]()|<>]+)")


@dataclass(frozen=True)
class Word:
    """One spoken word."""

    text: str


@dataclass(frozen=True)
class Slot:
    """A place filled by a rule of that name."""

    name: str


@dataclass(frozen=True)
class Sequence:
    """Parts said one after the other."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Choice:
    """One of several; an empty sequence among them makes it optional."""

    options: tuple["Node", ...]


Node = Word | Slot | Sequence | Choice


def parse(text: str) -> Node:
    """The tree of one right-hand side. Raises ValueError where brackets do not match or nonsense stands."""
    tokens = _tokens(text)
    node, rest = _alternatives(tokens, 0)
    if rest != len(tokens):
        raise ValueError(f"unexpected {tokens[rest]!r} in phrase {text!r}")
    return node


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"cannot read phrase {text!r} at {text[at:]!r}")
        tokens.append(match[1])
        at = match.end()
    return tokens


def _alternatives(tokens: list[str], at: int) -> tuple[Node, int]:
    options: list[Node] = []
    while True:
        parts: list[Node] = []
        while at < len(tokens) and tokens[at] not in {"|", ")", "]"}:
            part, at = _part(tokens, at)
            parts.append(part)
        options.append(parts[0] if len(parts) == 1 else Sequence(tuple(parts)))
        if at == len(tokens) or tokens[at] != "|":
            return (options[0] if len(options) == 1 else Choice(tuple(options))), at
        at += 1


def _part(tokens: list[str], at: int) -> tuple[Node, int]:
    first = tokens[at]
    if first in {"(", "["}:
        node, end = _alternatives(tokens, at + 1)
        if end == len(tokens) or tokens[end] != {"(": ")", "[": "]"}[first]:
            raise ValueError(f"{first!r} is not closed in {' '.join(tokens)!r}")
        return (Choice((node, Sequence(()))) if first == "[" else node), end + 1
    if first.startswith("<"):
        return Slot(first[1:-1]), at + 1
    return Word(first.lower()), at + 1


def slots(node: Node) -> Iterator[str]:
    """Every slot that stands in the tree."""
    match node:
        case Slot(name):
            yield name
        case Sequence(inner) | Choice(inner):
            for part in inner:
                yield from slots(part)


def draw(node: Node, rules: Mapping[str, Node], chance: Random) -> list[str]:
    """The words of one random example. Raises KeyError for a slot without a rule."""
    match node:
        case Word(text):
            return [text]
        case Slot(name):
            return draw(rules[name], rules, chance)
        case Sequence(parts):
            return [word for part in parts for word in draw(part, rules, chance)]
        case Choice(options):
            return draw(chance.choice(options), rules, chance)
