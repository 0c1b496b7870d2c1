"""The table of what can be understood, in the order of trial, and how slots become a tool's arguments."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from agent.offline.phrases import PHRASES
from agent.offline.understand import days, numbers, parts
from agent.offline.understand.outcome import Ask, Outcome, Understood
from agent.offline.understand.patterns import Found, Pattern, compiled
from agent.offline.understand.wordings import EVERYDAY
from agent.offline.understand.words import Heard, one_of, wordset
from agent.offline.vocabulary import Vocabulary
from agent.speech import speech
from agent.turns import Expectation

READS = wordset(
    "my_status my_jobs next_job job_details read_notifications check_stock who_has customer_history read_last_entry"
)
"""Tools that change nothing; a question may call these, and only these."""

# Needed arguments, in the order in which they are asked for: argument, question, kind of answer.
NEEDS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "clock_in": (("truck", "ask_truck", "digits"),),
    "add_note": (("note", "ask_note", "free_text"),),
    "complete_job": (("summary", "ask_summary", "free_text"),),
    "who_has": (("part", "ask_part", "anything"),),
    "use_part": (("part", "ask_part", "anything"), ("quantity", "ask_quantity", "digits")),
    "take_part": (
        ("part", "ask_part", "anything"),
        ("quantity", "ask_quantity", "digits"),
        ("from_truck", "ask_from_truck", "digits"),
    ),
    "request_restock": (("part", "ask_part", "anything"),),
    "book_follow_up": (("day", "ask_day", "anything"),),
}
_OFFICE = re.compile(r"\b(?:office|dispatch|dispatcher|boss) ")
_AND_TELL = re.compile(
    r"(?:and )?(?:please )?(?:tell|alert|notify|inform|let) (?:the )?(?:office|dispatch|dispatcher|boss) "
    r"(?:know )?(?:about (?:it|that|this) )?(?:please )?$"
)
_DONE = re.compile(
    "^(?:and )?(?:(?:i|we|have|just|all|also|then) )*(?:[a-z]{2,}ed|"
    + one_of(
        "ran, put, did, found, fixed, set, hung, cut, got, made, took, reset, rebuilt, built, swept, left, "
        "gave, went, new"
    )
    + ") "
)


@dataclass(frozen=True)
class Context:
    """What slots are read against."""

    heard: Heard
    vocabulary: Vocabulary


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


def truck_number(words: str, vocabulary: Vocabulary) -> int | None:
    """The truck that the words name; of several readings the one that exists."""
    readings = numbers.naming(words)
    known = vocabulary.truck_numbers()
    return next((number for number in readings if number in known), readings[0] if readings else None)


def call_or_ask(tool: str, arguments: Mapping[str, Any]) -> Understood | Ask:
    """The call, or the question for the first argument that it still needs."""
    for argument, question, kind in NEEDS.get(tool, ()):
        if arguments.get(argument) is None:
            expectation = Expectation(kind=kind, tool=tool, arguments=dict(arguments), slot=argument)  # type: ignore[arg-type]
            return Ask(speech("en").say(question), expectation)
    return Understood(tool, dict(arguments))


def read_slots(tool: str, found: Found, context: Context) -> dict[str, Any] | None:
    """The arguments in the slots of a fit; None when one of them is not what it claims to be."""
    arguments: dict[str, Any] = {}
    for slot, words in found.slots.items():
        if slot == "part":
            part = parts.part_heard(parts.without_package(words))
            if part is None:
                return None
            if part:
                arguments["part"] = part
            continue
        value = _value(slot, words, context)
        if value is None:
            return None
        arguments["from_truck" if tool == "take_part" and slot == "truck" else slot] = value
    if "quantity" in arguments and parts.packaged(found.slots.get("part", "")):
        del arguments["quantity"]
    return arguments


def _value(slot: str, words: str, context: Context) -> Any:
    match slot:
        case "truck":
            return truck_number(words, context.vocabulary)
        case "number":
            return next(iter(numbers.naming(words)), None)
        case "quantity":
            return numbers.counting(words)
        case "day":
            return days.day(words)
        case "time":
            return days.time(words)
        case "kind":
            return "note" if words.startswith("note") else "part"
    return words.strip()


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
    return call_or_ask("add_note", {key: value for key, value in arguments.items() if value is not None})


def dictated(heard: Heard, start: int) -> tuple[str, bool]:
    """Dictated text from a word on, as it was said, and whether it ends by asking to tell the office."""
    tail = heard.part(start).text
    alert = _AND_TELL.search(tail)
    end = start + len(tail[: alert.start()].split()) if alert else None
    return heard.verbatim(start, end), alert is not None


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


_WHEN = (
    ("unclear", re.compile(rf"(?:(?:for|on) )*(?P<it>{days.DAY_OF_NO_MONTH})")),
    ("day", re.compile(rf"(?:(?:for|on|at|this|by) )*(?:the )?(?P<it>{days.DAY})")),
    ("time", re.compile(rf"(?:(?:at|for|around|about) )*(?P<it>{days.TIME})")),
    (
        "number",
        re.compile(rf"(?:for|on|to) (?:the )?(?:work order|job|order|ticket) (?:number )?(?P<it>{numbers.NUMBER})"),
    ),
    ("here", re.compile(r"(?P<it>(?:for|with|at|on) (?:this|the) (?:customer|job|work order|site) |here )")),
    ("reason", re.compile(r"(?:to|because|since|as|about|for) (?P<it>.+)")),
)


def appointment(heard: Heard, start: int = 0) -> dict[str, Any] | None:
    """Day, time, work order and reason of a visit, in any order; None when something else is said."""
    read: dict[str, Any] = {}
    while start < len(heard.words):
        rest = heard.part(start).text
        for slot, pattern in _WHEN:
            match = pattern.match(rest) if slot not in read else None
            if match:
                break
        else:
            return None
        if slot == "unclear" and "day" in read:
            return None
        if slot == "reason":
            read["reason"] = heard.verbatim(start + len(rest[: match.start("it")].split()))
            break
        value = _value(slot, match["it"], Context(heard, Vocabulary()))
        if value is None:
            return None
        read[slot] = value
        start += len(match[0].split())
    return {slot: value for slot, value in read.items() if slot not in ("here", "unclear")}


def _confirm(sentence: str, tool: str) -> Callable[[Intent, Found, Context], Outcome | None]:
    def build(intent: Intent, found: Found, context: Context) -> Outcome | None:
        arguments = read_slots(tool, found, context)
        return None if arguments is None else ask_first(tool, arguments, sentence)

    return build


def ask_first(tool: str, arguments: Mapping[str, Any], sentence: str = "confirm_do_it") -> Ask:
    """A yes-or-no question before something that was not quite asked for."""
    text = speech("en").say(sentence, arguments)
    return Ask(text, Expectation(kind="yes_no", tool=tool, arguments=dict(arguments)))


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
}


@cache
def intents() -> tuple[Intent, ...]:
    """Every intent, in the order of trial; dictation and messages first, since their words occur elsewhere too."""
    order = [*EVERYDAY, *(tool for tool in PHRASES if tool not in EVERYDAY)]
    return tuple(
        Intent(name, compiled((*EVERYDAY.get(name, ()), *PHRASES.get(name, ()))), _BUILD.get(name, _plain))
        for name in order
    )
