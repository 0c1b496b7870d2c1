"""The training text of the language model: general trade talk, everyday talk, and examples drawn from the phrases."""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from random import Random

from agent.offline.grammar import FREE, LISTENED_FOR, commands
from agent.offline.phrase_syntax import Choice, Node, Word, draw, parse
from agent.offline.understand.wordings import EVERYDAY
from agent.offline.understand.wordings.customer import WORDINGS as CUSTOMERS

TRADE, EVERYDAY_TALK = "trade.txt", "everyday.txt"
DRAWS_PER_LINE = 12
DRAWS_PER_PHRASE = 12
DRAWS_PER_WORDING = 6
_LOOSE_SLOTS = {
    "when": "[on | for] <day> [at <time>] [because <free>]",
    "reason": "[the | my | our | a] (camera | alarm | gate | door | recorder | system) "
    "(is broken | is not working | repair | check | installation | has no picture)",
    "visit": "today | tomorrow | <weekday>",
    "kind": "note | notes | part | parts | quantity | material",
}
_CONTRACTIONS = (
    *(("i am", "i'm"), ("i have", "i've"), ("i will", "i'll"), ("i would", "i'd"), ("we are", "we're")),
    *(("do not", "don't"), ("what is", "what's"), ("who is", "who's"), ("where is", "where's")),
    *(("that is", "that's"), ("who has", "who's")),
)
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


@cache
def ingredients() -> str:
    """A hash of everything but the vocabulary that the model is made of."""
    texts = [
        files("agent.offline").joinpath("data", name).read_text(encoding="utf-8") for name in (TRADE, EVERYDAY_TALK)
    ]
    recipe = (
        texts,
        LISTENED_FOR,
        EVERYDAY,
        CUSTOMERS,
        DRAWS_PER_LINE,
        DRAWS_PER_PHRASE,
        DRAWS_PER_WORDING,
        _LOOSE_SLOTS,
        _CONTRACTIONS,
    )
    return hashlib.sha256(repr(recipe).encode()).hexdigest()


def training_sentences(table: Mapping[str, Node]) -> Iterator[list[str]]:
    """Drawn sentences, always the same ones for the same phrases and rules."""
    chance = Random(20)  # noqa: S311  (examples, not secrets)
    names = {"name": Choice(tuple(Word(name) for name in _NAMES))}
    trade, trade_rules = lines(TRADE)
    everyday, everyday_rules = lines(EVERYDAY_TALK)
    for sentences, rules in ((trade, trade_rules), (everyday, {**everyday_rules, **names})):
        for sentence in sentences:
            for _ in range(DRAWS_PER_LINE):
                yield draw(sentence, rules, chance)
    filled = {**trade_rules, **{name: parse(side) for name, side in _LOOSE_SLOTS.items()}, **table}
    filled |= {FREE: Choice(trade), "done": Choice(trade)}
    for phrase in commands(LISTENED_FOR):
        for _ in range(DRAWS_PER_PHRASE):
            yield draw(phrase, filled, chance)
    for phrase in (*commands(EVERYDAY), *commands(CUSTOMERS)):
        for _ in range(DRAWS_PER_WORDING):
            yield _contracted(draw(phrase, filled, chance), chance)


def _contracted(words: list[str], chance: Random) -> list[str]:
    """ "i am here" said as "i'm here", two times in three: the wordings are written without contractions."""
    text = " ".join(words)
    for full, short in _CONTRACTIONS:
        if full in text and chance.random() < 0.67:
            text = text.replace(full, short)
    return text.split()
