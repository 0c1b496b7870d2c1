"""The words of a slot as an argument: trucks, orders, quantities, parts, dictated text, and when a visit is to be."""

import re
from dataclasses import dataclass
from typing import Any

from agent.offline.understand import days, numbers, parts
from agent.offline.understand.patterns import Found
from agent.offline.understand.words import Heard
from agent.offline.vocabulary import Vocabulary

_AND_TELL = re.compile(
    r"(?:and )?(?:please )?(?:tell|alert|notify|inform|let) (?:the )?(?:office|dispatch|dispatcher|boss) "
    r"(?:know )?(?:about (?:it|that|this) )?(?:please )?$"
)
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


@dataclass(frozen=True)
class Context:
    """What slots are read against."""

    heard: Heard
    vocabulary: Vocabulary


def truck_number(words: str, vocabulary: Vocabulary) -> int | None:
    """The truck that the words name; of several readings the one that exists."""
    readings = numbers.naming(words)
    known = vocabulary.truck_numbers()
    return next((number for number in readings if number in known), readings[0] if readings else None)


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


def dictated(heard: Heard, start: int) -> tuple[str, bool]:
    """Dictated text from a word on, as it was said, and whether it ends by asking to tell the office."""
    tail = heard.part(start).text
    alert = _AND_TELL.search(tail)
    end = start + len(tail[: alert.start()].split()) if alert else None
    return heard.verbatim(start, end), alert is not None


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
