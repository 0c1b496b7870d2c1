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
from agent.offline.language_model import arpa, vocabulary_of
from agent.offline.phrase_syntax import Node
from agent.offline.pronounce import spoken_words
from agent.offline.reception_phrases import FOR_WHOM, PHONE_NUMBER
from agent.offline.speech_model import ingredients, training_sentences
from agent.offline.understand.wordings.office import HOLD_ANSWER, OFFICE_ANSWER
from agent.offline.vocabulary import Vocabulary
from agent.turns import Expectation

KEPT = 4  # vocabularies per process; a worker's process serves one call, tests a few

_ANSWERS = {
    "yes_no": "<yes-no>",
    "digits": "<spoken-number> | <quantity> <part> | never mind | cancel",
}
_SLOTS = {
    "part": "[the | a | some] <part> | <quantity> <part> | never mind | cancel",
    "day": "[on | for] <day> [morning | afternoon] [at <time>] | [in the] (morning | afternoon) | at <time> | "
    "<position> | "
    "never mind | cancel",
    "heard_name": "[my name is | the name is | this is | it's | it is | it's under | under] <customer> | never mind",
    "time": "[at] <time> | never mind | cancel",
    "office_answer": OFFICE_ANSWER,
    "hold_answer": HOLD_ANSWER,
    "number": "[work order | job | number] <number> | never mind | cancel",
}
#: What is asked of somebody who leaves word: other numbers than a technician's.
_WORD_LEFT = {"number": PHONE_NUMBER, "for_person": FOR_WHOM}
_LEAVES_WORD: Mapping[str, Mapping[str, str]] = {"take_message": _WORD_LEFT, "request_callback": _WORD_LEFT}


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
    left = _LEAVES_WORD.get(expectation.tool or "", {}).get(expectation.slot or "")
    if left is not None:
        return left
    if expectation.kind == "choice":
        named = [" ".join(spoken_words(option)) for option in expectation.options]
        return " | ".join(["<position>", "<number>", "<part>", *(f"[the] {name}" for name in named if name)])
    return _ANSWERS.get(expectation.kind) or _SLOTS.get(expectation.slot or "")


class Worlds:
    """The worlds of one decoder. Language models are kept under `cache`, named by a hash of what they are made of."""

    def __init__(self, decoder: Decoder, cache: Path) -> None:
        self._decoder = decoder
        self._cache = cache
        self._worlds: OrderedDict[Vocabulary, World] = OrderedDict()
        self._lock = Lock()

    def of(self, vocabulary: Vocabulary) -> World:
        """The searches of a vocabulary. Blocking: at once, under 0.15 s with its model in the cache, else 0.5 s."""
        with self._lock:
            if vocabulary not in self._worlds:
                self._worlds[vocabulary] = self._build(vocabulary)
            self._worlds.move_to_end(vocabulary)
            while len(self._worlds) > KEPT:
                _, old = self._worlds.popitem(last=False)
                for search in old.added:
                    self._decoder.forget(search)
            return self._worlds[vocabulary]

    def _build(self, vocabulary: Vocabulary) -> World:
        key = hashlib.sha256(f"{vocabulary!r}{ingredients()}".encode()).hexdigest()[:16]
        table = grammar.rules(vocabulary)
        world = World(key, table, Automaton(grammar.command_tree(table), table, grammar.UNLIKELY))
        model = self._model(key, table)
        self._decoder.add_words(vocabulary_of(model))
        self._decoder.add_model(world.model, model)
        self._decoder.add_grammar(world.commands, world.language)
        world.added += [world.model, world.commands]
        return world

    def _model(self, key: str, table: Mapping[str, Node]) -> Path:
        file = self._cache / f"{key}.arpa"
        if not file.exists():
            self._cache.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(dir=self._cache, suffix=".part")
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                out.write(arpa(training_sentences(table)))
            Path(part).replace(file)  # whole or not at all: calls of other processes look for it too
        return file
