"""The table of what can be understood, in the order of trial, and what each fit means."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from agent.offline.phrases import PHRASES
from agent.offline.understand import numbers
from agent.offline.understand.connect import connection
from agent.offline.understand.needs import ask_first, call_or_ask
from agent.offline.understand.outcome import Ask, Outcome
from agent.offline.understand.patterns import Found, Pattern, compiled
from agent.offline.understand.slots import Context, appointment, dictated, read_slots
from agent.offline.understand.wordings import EVERYDAY
from agent.offline.understand.words import one_of
from agent.speech import speech
from agent.turns import Expectation

_OFFICE = re.compile(r"\b(?:office|dispatch|dispatcher|boss) ")
# Ears take "nope, that's everything" for "note that everything".
_MAY_BE_A_GOODBYE = re.compile(r"^\S+$|\b(?:bye|goodbye)\W*$", re.IGNORECASE)
_DONE = re.compile(
    "^(?:and )?(?:(?:i|we|have|just|all|also|then) )*(?:[a-z]{2,}ed|"
    + one_of(
        "ran, put, did, found, fixed, set, hung, cut, got, made, took, reset, rebuilt, built, swept, left, "
        "gave, went, new"
    )
    + ") "
)


@dataclass(frozen=True)
class Intent:
    """A tool, or a way of speaking that leads to one, with its phrases and what to make of a fit."""

    name: str
    patterns: tuple[Pattern, ...]
    build: Callable[["Intent", Found, Context], Outcome | None]

    def read(self, text: str, context: Context) -> Outcome | None:
        """What the utterance means as this intent, or None."""
        for pattern in self.patterns:
            found = pattern.fit(text)
            outcome = self.build(self, found, context) if found else None
            if outcome is not None:
                return outcome
        return None


def _plain(intent: Intent, found: Found, context: Context) -> Outcome | None:
    arguments = read_slots(intent.name, found, context)
    if arguments is None or not _known_person(arguments.pop("person", None), context):
        return None
    if intent.name == "my_jobs":
        arguments.setdefault("day", "today")
    return call_or_ask(intent.name, arguments)


def _known_person(heard: str | None, context: Context) -> bool:
    names = {word for name in context.vocabulary.people for word in name.lower().split()}
    return heard is None or set(heard.split()) <= names


def _note(intent: Intent, found: Found, context: Context) -> Outcome | None:
    arguments = _numbered(found)
    if arguments is None:
        return None
    if _OFFICE.search(found.frame):
        arguments["alert_office"] = True
    if "free" in found.slots:
        note, alert = dictated(context.heard, found.starts["free"])
        arguments |= {"note": note or None} | ({"alert_office": True} if alert else {})
    given = {key: value for key, value in arguments.items() if value is not None}
    if _MAY_BE_A_GOODBYE.search(str(given.get("note", "some words"))):
        return ask_first("add_note", given, "confirm_note")
    return call_or_ask("add_note", given)


def _numbered(found: Found) -> dict[str, Any] | None:
    if "number" not in found.slots:
        return {}
    readings = numbers.naming(found.slots["number"])
    return {"number": readings[0]} if readings else None


def _complete(intent: Intent, found: Found, context: Context) -> Outcome | None:
    arguments = _numbered(found)
    if arguments is None:
        return None
    if "done" in found.slots and not _DONE.match(found.slots["done"]):
        return None
    start = found.starts.get("free", found.starts.get("done"))
    if start is not None:
        arguments["summary"] = context.heard.verbatim(start)
    return call_or_ask("complete_job", arguments)


def _follow_up(intent: Intent, found: Found, context: Context) -> Outcome | None:
    arguments = read_slots("book_follow_up", found, context)
    if arguments is None:
        return None
    if "when" in arguments:
        del arguments["when"]
        read = appointment(context.heard, found.starts["when"])
        if read is None:
            return None
        arguments |= read
    return call_or_ask("book_follow_up", arguments)


def _confirm(sentence: str, tool: str) -> Callable[[Intent, Found, Context], Outcome | None]:
    def build(intent: Intent, found: Found, context: Context) -> Outcome | None:
        arguments = read_slots(tool, found, context)
        return None if arguments is None else ask_first(tool, arguments, sentence)

    return build


def _to_customer(intent: Intent, found: Found, context: Context) -> Outcome | None:
    heard = found.slots["customer"].strip().removeprefix("the ")
    known = any(heard in name.lower() for name in context.vocabulary.customers)
    return Ask(speech("en").say("ask_number"), Expectation("digits", "start_travel", {}, "number")) if known else None


_BUILD: Mapping[str, Callable[[Intent, Found, Context], Outcome | None]] = {
    "add_note": _note,
    "complete_job": _complete,
    "book_follow_up": _follow_up,
    "low_on": _confirm("confirm_restock", "request_restock"),
    "off_work": _confirm("confirm_clock_out", "clock_out"),
    "to_customer": _to_customer,
    "transfer_call": lambda _, __, context: connection(context.heard),
}


@cache
def intents() -> tuple[Intent, ...]:
    """Every intent, in the order of trial; dictation and messages first, since their words occur elsewhere too."""
    order = [*EVERYDAY, *(tool for tool in PHRASES if tool not in EVERYDAY)]
    return tuple(
        Intent(name, compiled((*EVERYDAY.get(name, ()), *PHRASES.get(name, ()))), _BUILD.get(name, _plain))
        for name in order
    )
