"""What a company's callers can say: the searches of one vocabulary, built once and kept by its hash."""

import hashlib
import os
import tempfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from agent.offline import grammar
from agent.offline.decoder import Decoder
from agent.offline.finite import Automaton
from agent.offline.language_model import arpa
from agent.offline.phrase_syntax import Node
from agent.offline.phrases import PHRASES
from agent.offline.pronounce import spoken_words
from agent.offline.speech_model import training_sentences
from agent.offline.vocabulary import Vocabulary
from agent.turns import Expectation

KEPT = 4  # vocabularies per process; a worker's process serves one call, tests a few

_ANSWERS = {
    "yes_no": "<yes-no> | [no] [make it] (<quantity> [<part>] | truck <truck>)",
    "digits": "<spoken-number> | <quantity> <part> | never mind | cancel",
}
_SLOTS = {
    "part": "[the | a | some] <part> | <quantity> <part> | never mind | cancel",
    "day": "[on | for] <day> [at <time>] | never mind | cancel",
    "time": "[at] <time> | never mind | cancel",
    "number": "[work order | job | number] <number> | never mind | cancel",
}


@dataclass
class World:
    """The names of one vocabulary's searches inside a decoder."""

    key: str
    table: Mapping[str, Node]
    language: Automaton
    added: list[str] = field(default_factory=list)

    @property
    def model(self) -> str:
        """The n-gram search."""
        return f"model-{self.key}"

    @property
    def commands(self) -> str:
        """The command grammar's search."""
        return f"commands-{self.key}"

    def answers(self, decoder: Decoder, expectation: Expectation) -> str | None:
        """The search for an expected answer, added when it is first wanted; None where anything may be said."""
        side = _answer_side(expectation)
        if side is None:
            return None
        name = f"answer-{hashlib.sha256(side.encode()).hexdigest()[:8]}-{self.key}"
        if not decoder.knows(name):
            decoder.add_grammar(name, Automaton(grammar.answer_tree(side), self.table))
            self.added.append(name)
        return name


def _answer_side(expectation: Expectation) -> str | None:
    if expectation.kind == "choice":
        named = [" ".join(spoken_words(option)) for option in expectation.options]
        return " | ".join(["<position>", "<number>", "<part>", *(f"[the] {name}" for name in named if name)])
    return _ANSWERS.get(expectation.kind) or _SLOTS.get(expectation.slot or "")


class Worlds:
    """The worlds of one decoder."""

    def __init__(self, decoder: Decoder, cache: Path | None = None) -> None:
        self._decoder = decoder
        self._cache = cache
        self._worlds: OrderedDict[str, World] = OrderedDict()
        self._lock = Lock()

    def of(self, vocabulary: Vocabulary) -> World:
        """The searches of a vocabulary. Blocking; the first time for a vocabulary takes a few 100 ms."""
        key = hashlib.sha256(repr((vocabulary, PHRASES)).encode()).hexdigest()[:16]
        with self._lock:
            if key in self._worlds:
                self._worlds.move_to_end(key)
                return self._worlds[key]
            world = self._build(key, vocabulary)
            self._worlds[key] = world
            while len(self._worlds) > KEPT:
                _, old = self._worlds.popitem(last=False)
                for search in old.added:
                    self._decoder.forget(search)
            return world

    def _build(self, key: str, vocabulary: Vocabulary) -> World:
        table = grammar.rules(vocabulary)
        commands = Automaton(grammar.command_tree(table), table, grammar.UNLIKELY)
        world = World(key, table, commands)
        sentences = list(training_sentences(table))
        self._decoder.add_words({word for sentence in sentences for word in sentence})
        handle, path = tempfile.mkstemp(suffix=".arpa")
        os.close(handle)
        file = Path(path)
        file.write_text(arpa(sentences))
        self._decoder.add_model(world.model, file)
        file.unlink()
        self._decoder.add_grammar(world.commands, commands)
        world.added += [world.model, world.commands]
        return world
