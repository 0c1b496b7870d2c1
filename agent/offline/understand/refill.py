"""A bare answer or correction ("two oh two", "six connectors", "Friday at ten") put into a tool's arguments."""

import re
from collections.abc import Mapping
from typing import Any

from agent.offline.understand import numbers, parts
from agent.offline.understand.needs import call_or_ask
from agent.offline.understand.outcome import Ask, Understood
from agent.offline.understand.patterns import Pattern, compiled
from agent.offline.understand.slots import Context, appointment, read_slots
from agent.offline.understand.words import Heard
from agent.offline.vocabulary import Vocabulary

_TRUCK = (
    "[it's | it is | i'm | i am] [in | on | with | from | off] [the] [truck | unit | number | van] [number] <truck>",
)
_ORDER = (
    "[it's | it is | i mean] [for | on | the] [the] [work order | job | order | ticket | "
    "number] [number] <number> [please]",
)
_PART = ("[it's | it is | use | used | the | i used | i need | i want | of] <part>",)
_AMOUNT = (
    "[it's | it was | it is | only | about | just | use | used | i used] <quantity> [feet | foot | units | "
    "pieces | of them]",
    "[it's | it was | only | just | use | used | i used] <quantity> <part>",
)
_FRAGMENTS: Mapping[str, tuple[Pattern, ...]] = {
    "clock_in": compiled(_TRUCK),
    "take_part": compiled((*_AMOUNT, "[from | off] (truck | unit) <truck>", "[from | off] [truck] <truck>", *_PART)),
    "use_part": compiled((*_AMOUNT, "[on | for] (work order | job) [number] <number>", *_PART)),
    "request_restock": compiled((*_AMOUNT, *_PART)),
    "who_has": compiled(_PART),
    "check_stock": compiled(("[on] (truck | unit) <truck>", *_PART)),
}
_BY_SLOT: Mapping[str, tuple[Pattern, ...]] = {
    "truck": compiled(_TRUCK),
    "from_truck": compiled(_TRUCK),
    "number": compiled(_ORDER),
    "part": compiled(_PART),
    "quantity": compiled(_AMOUNT),
}
_LEAD = re.compile(
    r"(?:(?:please|ok|so|and|that would be|that is|let us say|say|make it|make that|i said|i mean|i meant) )+"
)


def refilled(
    tool: str, arguments: Mapping[str, Any], heard: Heard, vocabulary: Vocabulary, slot: str | None = None
) -> Understood | Ask | None:
    """The call with the slots of the fragment replaced; an earlier confirmation no longer counts.

    `slot` is the argument that was asked for: only it and its companions are read then. None when the words are no
    such fragment.
    """
    lead = _LEAD.match(heard.text)
    heard = heard.part(len(lead[0].split())) if lead else heard
    if not heard.words:
        return None
    kept = {key: value for key, value in arguments.items() if key != "confirmed"}
    if tool in ("book_follow_up", "my_jobs"):
        read = appointment(heard)
        return call_or_ask(tool, kept | read) if read and (tool == "book_follow_up" or set(read) == {"day"}) else None
    text = parts.join_names(heard.text, vocabulary)
    context = Context(heard, vocabulary)
    patterns = _BY_SLOT.get(slot, ()) if slot else _FRAGMENTS.get(tool, _BY_SLOT["number"])
    for pattern in patterns:
        found = pattern.fit(text)
        read = read_slots("take_part" if slot == "from_truck" else tool, found, context) if found else None
        if read:
            return call_or_ask(tool, kept | read)
    return None


def order_number(heard: Heard) -> int | None:
    """A work order number said by itself."""
    for pattern in _BY_SLOT["number"]:
        found = pattern.fit(heard.text)
        if found:
            return next(iter(numbers.naming(found.slots["number"])), None)
    return None
