"""The offline rules as the mind of a stand-in model: a chat request in, a tool call or a sentence out.

A cloud model has nothing but its request. So has this: what a "yes" means is read from the messages, where the last
tool call and its question stand, and what it asked itself is remembered by the words of the question.
"""

from __future__ import annotations

import json
import re
from typing import Any

from agent.offline.understand import Ask, Outcome, Repeat, Understood, understand
from agent.offline.understand.reception import at_reception
from agent.offline.vocabulary import Vocabulary
from agent.speech import speech
from agent.turns import NOTHING, Expectation
from fieldline.lab.providers import Answer, text_of

Json = dict[str, Any]
#: What an open question of a tool is about, by words of the question: the argument, and the kind of answer.
SLOTS: tuple[tuple[str, str, str], ...] = (
    ("summary", "summary", "free_text"),
    ("which part", "part", "choice"),
    ("which one", "part", "choice"),
    ("which job", "number", "choice"),
    ("which work order", "number", "choice"),
    ("which truck", "truck", "digits"),
    ("how many", "quantity", "digits"),
    ("which day", "day", "free_text"),
)


class RuleMind:
    """Answers as `RuleLLM` does, from the request alone; `fieldline.lab.providers` calls it for every request."""

    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        self.vocabulary = vocabulary or Vocabulary()
        self._asked: dict[str, Expectation] = {}
        self._say = speech("en").say

    async def __call__(self, messages: list[Json], tools: list[Json]) -> Answer:
        """What the model answers to a request's `messages` and `tools`."""
        schemas = {tool["function"]["name"]: tool["function"].get("parameters", {}) for tool in tools}
        said_at = max((n for n, message in enumerate(messages) if message["role"] == "user"), default=None)
        if said_at is None:
            return Answer(self._say("not_understood", {"count": 0}))
        outcome = self._read(messages, said_at, schemas)
        ordered = (outcome, *outcome.then) if isinstance(outcome, Understood) else ()
        results = [text_of(message) for message in messages[said_at + 1 :] if message["role"] == "tool"]
        if results and not self._goes_on(results, ordered):
            return Answer(" ".join(results))
        if results:
            return _call(ordered[len(results)])
        return self._answer(outcome, messages[:said_at], schemas)

    def _read(self, messages: list[Json], said_at: int, schemas: dict[str, Json]) -> Outcome:
        read = at_reception if "take_message" in schemas else understand
        return read(text_of(messages[said_at]), self.vocabulary, self._expected(messages[:said_at], schemas))

    def _goes_on(self, results: list[str], ordered: tuple[Understood, ...]) -> bool:
        return len(results) < len(ordered) and not results[-1].rstrip().endswith("?")

    def _answer(self, outcome: Outcome, before: list[Json], schemas: dict[str, Json]) -> Answer:
        match outcome:
            case Understood(tool) if tool in schemas:
                return _call(outcome)
            case Understood():
                return _call(Understood("identify")) if "identify" in schemas else Answer(self._say("verify_first"))
            case Ask(sentence, expectation):
                self._asked[_plain(sentence)] = expectation
                return Answer(sentence)
            case Repeat():
                return Answer(_last_sentence(before) or self._say("nothing_to_repeat"))
        return Answer(self._say("not_understood", {"count": 0}))

    def _expected(self, before: list[Json], schemas: dict[str, Json]) -> Expectation:
        """What was asked just before, by this mind or by the last tool."""
        question = _last_sentence(before)
        if (own := self._asked.get(_plain(question))) is not None:
            return own
        call = next((m["tool_calls"][-1]["function"] for m in reversed(before) if m.get("tool_calls")), None)
        if call is None or call["name"] not in schemas:
            return NOTHING
        asked = json.loads(call["arguments"] or "{}")
        has = schemas[call["name"]].get("properties", {})
        words = question.lower().rsplit(". ", 1)[-1]
        for cue, slot, kind in SLOTS:
            if cue in words and slot in has:
                kept = {name: value for name, value in asked.items() if name != slot}
                options = self._options(words)
                return Expectation(kind, call["name"], kept, slot, options)  # pyright: ignore[reportArgumentType]
        if not question.rstrip().endswith("?"):
            return NOTHING
        if "confirmed" in has:
            return Expectation("yes_no", call["name"], {**asked, "confirmed": True})
        if call["name"] == "read_notifications":
            return Expectation("yes_no", "mark_notifications_read")
        return NOTHING

    def _options(self, question: str) -> tuple[str, ...]:
        """What "which one: this or that?" offers, by the names that the company has for it."""
        named = re.split(r", (?:or )?| or ", question.partition(":")[2].strip(" ?"))
        known = {_letters(name): name for name in (*self.vocabulary.parts, *self.vocabulary.people)}
        return tuple(known.get(_letters(name), name) for name in named if name)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _call(outcome: Understood) -> Answer:
    return Answer(calls=((outcome.tool, dict(outcome.arguments)),))


def _last_sentence(messages: list[Json]) -> str:
    spoken = (text_of(message) for message in reversed(messages) if message["role"] == "assistant")
    return next((text for text in spoken if text), "")


def _plain(text: str) -> str:
    return " ".join(text.split())
