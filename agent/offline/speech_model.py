"""The training text of the language model: general trade talk, everyday talk, and examples drawn from the phrases."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from random import Random

from agent.offline.grammar import FREE, commands
from agent.offline.phrase_syntax import Choice, Node, Word, draw, parse

DRAWS_PER_LINE = 24
DRAWS_PER_PHRASE = 12
_NAMES = ("john", "maria", "steve", "lisa", "tom", "karen")


@cache
def lines(name: str) -> tuple[tuple[Node, ...], Mapping[str, Node]]:
    """Sentences and slot rules of one data file."""
    sentences: list[Node] = []
    rules: dict[str, Node] = {}
    for line in files("agent.offline").joinpath("data", name).read_text(encoding="utf-8").splitlines():
        if line.startswith("@"):
            slot, _, side = line[1:].partition("=")
            rules[slot.strip()] = parse(side)
        elif line.strip() and not line.startswith("#"):
            sentences.append(parse(line))
    return tuple(sentences), rules


def training_sentences(phrases: Mapping[str, tuple[str, ...]], table: Mapping[str, Node]) -> Iterator[list[str]]:
    """Drawn sentences, always the same ones for the same phrases and rules."""
    chance = Random(20)  # noqa: S311  (examples, not secrets)
    names = {"name": Choice(tuple(Word(name) for name in _NAMES))}
    trade, trade_rules = lines("trade.txt")
    everyday, everyday_rules = lines("everyday.txt")
    for sentences, rules in ((trade, trade_rules), (everyday, {**everyday_rules, **names})):
        for sentence in sentences:
            for _ in range(DRAWS_PER_LINE):
                yield draw(sentence, rules, chance)
    filled = {**trade_rules, **table, FREE: Choice(trade)}
    for phrase in commands(phrases):
        for _ in range(DRAWS_PER_PHRASE):
            yield draw(phrase, filled, chance)
