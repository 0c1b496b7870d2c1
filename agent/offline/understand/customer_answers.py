"""What a customer's words mean as an answer to what the line has just asked about a visit or an account."""

import re
from collections.abc import Callable
from typing import Any

from agent.offline.understand import days
from agent.offline.understand.answers import CANCEL, NO_ANSWER, POSITION, POSITIONS, YES_ANSWER, cancelled
from agent.offline.understand.needs import call_or_ask
from agent.offline.understand.numbers import NUMBER_WORD, naming
from agent.offline.understand.outcome import Ask, Outcome, Understood
from agent.offline.understand.reception import spoken_digits
from agent.offline.understand.visit_times import proposal
from agent.offline.understand.words import Heard, one_of, wordset
from agent.speech import speech
from agent.turns import Expectation

TOOLS = wordset("book_visit move_visit cancel_visit visit_note register_customer confirm_customer")
Elsewhere = Callable[[Heard], Outcome | None]

_POLITE = "(?:(?:yes|yeah|ok|oh|great|perfect|fine|and|please|thanks|thank you|for me|then|sounds good) )*"
_YES_TOO = one_of(
    "that works, works, that works for me, works for me, that is good, that is great, that would be great, that "
    "would be "
    "fine, sounds great, sounds good, let us do that, that suits me, lovely, great, perfect"
)
#: What is a yes to one question is a no to another: "cancel it".
_SAYS_IT = {
    "book_visit": one_of("book it, book that, i will take it, we will take it, i will take that, please book"),
    "move_visit": one_of("move it, move that, change it, do that"),
    "cancel_visit": one_of("cancel it, cancel that, please cancel, cancel the visit, cancel the appointment, cancel"),
}
_NAME = one_of(
    "my name is, the name is, this is, it is, i am, we are, it is under, it should be under, under, the account "
    "is under, call "
    "me, yes, sure, ok, well, the name on the account is, that would be, name is, no it is, hi"
)
_LEADS = {
    "heard_name": _NAME,
    "name": _NAME,
    "address": one_of(
        "the address is, my address is, our address is, it is, we are at, i am at, i live at, we live at, that "
        "is, at, that would "
        "be, yes, sure, ok"
    ),
    "reason": one_of(
        "it is for, it is about, it is because, because, for, that, well, it is to, the reason is, i need, we "
        "need, i want, to have, "
        "about"
    ),
    "note": one_of(
        "tell him that, tell him to, tell him, tell them that, tell them, that, please tell him, say that, just, to"
    ),
}
_STREET = re.compile(
    rf"(?:\d+|{NUMBER_WORD})(?: {NUMBER_WORD}| \d+)* (?:\w+ ){{1,4}}?"
    r"(?:street|road|drive|avenue|way|lane|boulevard|court|place|highway|square|parkway) |\d+ \w+ "
)
_ASKED_FOR = {"heard_name": "not_confirmed", "name": "ask_customer_name", "address": "ask_customer_address"}
_NO_REASON = re.compile(
    r"(?:no reason|no particular reason|none|i would rather not say|that is private|does not matter|no) "
)
_QUESTION = re.compile(r"(?:why|what|who|how|when|where|which) (?:do|does|did|is|are|would|should|can|will) ")


def answered(heard: Heard, expectation: Expectation, elsewhere: Elsewhere) -> Outcome | None:
    """The outcome of an answer; None when the words are no answer, and may be a wish of their own."""
    tool, slot = expectation.tool or "", expectation.slot
    if tool not in TOOLS:
        return None
    if expectation.kind == "yes_no":
        return _yes_or_no(heard, expectation)
    if slot == "reason" and tool == "cancel_visit" and _NO_REASON.fullmatch(heard.text):
        return call_or_ask(tool, {**expectation.arguments, "reason": "no reason"})
    if CANCEL.fullmatch(heard.text) or (NO_ANSWER.fullmatch(heard.text) and slot != "visit"):
        # "Cancel" ends the question, "cancel my appointment" is a wish.
        return elsewhere(heard) or cancelled()
    match slot:
        case "day":
            return _other_time(heard, expectation)
        case "visit":
            return _which(heard, expectation)
        case "number":
            digits = spoken_digits(heard.text)
            return call_or_ask(tool, {**expectation.arguments, "number": digits}) if digits else None
        case None:
            return None
    return _dictated(heard, expectation, slot, elsewhere)


def _yes_or_no(heard: Heard, expectation: Expectation) -> Outcome | None:
    tool, kept = expectation.tool or "", dict(expectation.arguments)
    if _agreed(heard, tool):
        return call_or_ask(tool, kept)
    confirmed = kept.pop("confirmed", False)
    if NO_ANSWER.fullmatch(heard.text):
        return _declined(heard, tool, kept) if confirmed else Ask(speech("en").say("anything_else"))
    if confirmed and tool in ("book_visit", "move_visit") and (read := proposal(heard)) is not None:
        return call_or_ask(tool, _instead(kept, read))
    if CANCEL.fullmatch(heard.text):
        return cancelled()
    return cancelled() if confirmed and NO_ANSWER.match(f"{heard.words[0]} ") else None


def _agreed(heard: Heard, tool: str) -> bool:
    own = _SAYS_IT.get(tool)
    said = f"(?:{_YES_TOO}|{own})" if own else _YES_TOO
    return bool(YES_ANSWER.fullmatch(heard.text) or re.fullmatch(f"{_POLITE}{said} {_POLITE}", heard.text))


def _declined(heard: Heard, tool: str, kept: dict[str, Any]) -> Outcome:
    """A no to a proposed time asks for a better one; a no to anything else leaves it."""
    if tool in ("book_visit", "move_visit") and heard.words[0] in ("no", "nope", "nah") and len(heard.words) <= 3:
        other = {key: value for key, value in kept.items() if key not in ("day", "time")}
        return Ask(speech("en").say("ask_other_time"), Expectation("anything", tool, other, "day"))
    if tool == "register_customer":
        return Ask(speech("en").say("ask_customer_name"), Expectation("free_text", tool, {}, "name"))
    return cancelled()


def _instead(kept: dict[str, Any], read: dict[str, Any]) -> dict[str, Any]:
    """Another day takes the old time with it; another time stays on its day."""
    if "day" in read:
        kept.pop("time", None)
    return kept | read


def _other_time(heard: Heard, expectation: Expectation) -> Outcome | None:
    tool, kept = expectation.tool or "", dict(expectation.arguments)
    offered = [option.split(" ", 1) for option in expectation.options]
    position = POSITION.fullmatch(heard.text)
    if offered and position and -1 <= POSITIONS[position["which"]] < len(offered):
        day, time = offered[POSITIONS[position["which"]]]
        return call_or_ask(tool, kept | {"day": day, "time": time})
    if offered and _agreed(heard, tool):
        return call_or_ask(tool, kept | {"day": offered[0][0], "time": offered[0][1]})
    read = proposal(heard)
    if read is None:
        return None
    if "day" not in read:
        read |= _offered_at(read.get("time"), offered)
    return call_or_ask(tool, kept | read)


def _offered_at(time: str | None, offered: list[list[str]]) -> dict[str, Any]:
    """ "At noon", "in the afternoon": of the offered times, the first that fits."""
    for day, at in offered:
        if at == time or (time == "morning" and at < "12:00") or (time == "afternoon" and at >= "12:00"):
            return {"day": day, "time": at}
    return {}


def _which(heard: Heard, expectation: Expectation) -> Outcome | None:
    tool, kept = expectation.tool or "", dict(expectation.arguments)
    position = POSITION.fullmatch(heard.text)
    if position and -1 <= POSITIONS[position["which"]] < len(expectation.options):
        return call_or_ask(tool, kept | {"visit": expectation.options[POSITIONS[position["which"]]]})
    bare = re.sub(r"^(?:(?:the|one|on|for|visit|that|it|is) )+|(?:(?:one|visit|appointment|please) )+$", "", heard.text)
    bare = re.sub(r" (?:at .*|one|please|visit) $", " ", bare)
    named = days.day(bare)
    number = next(iter(naming(bare)), None)
    if named or (number and number > 31):
        return call_or_ask(tool, kept | {"visit": named or str(number)})
    return cancelled() if NO_ANSWER.fullmatch(heard.text) else None


def _dictated(heard: Heard, expectation: Expectation, slot: str, elsewhere: Elsewhere) -> Outcome | None:
    """Names, addresses, reasons and notes are taken as they are said, unless the caller goes on to something else."""
    tool = expectation.tool or ""
    other = elsewhere(heard) if slot not in ("note", "address") else None
    if other is not None and (slot != "reason" or _meant(other) != tool):
        return other
    if slot in _ASKED_FOR and YES_ANSWER.fullmatch(heard.text):
        return Ask(speech("en").say(_ASKED_FOR[slot]), expectation)
    if _QUESTION.match(heard.text) and slot in ("name", "heard_name", "address"):
        return None
    lead = re.match(rf"(?:{_LEADS.get(slot, _NAME)} )+", heard.text)
    start = len(lead[0].split()) if lead and len(lead[0].split()) < len(heard.words) else 0
    said = heard.verbatim(start)
    if slot == "heard_name" and _STREET.match(heard.part(start).text):
        return call_or_ask(tool, {"heard_address": said})
    return call_or_ask(tool, {**expectation.arguments, slot: said or None})


def _meant(outcome: Outcome) -> str | None:
    return outcome.tool if isinstance(outcome, Understood) else getattr(outcome, "expectation", Expectation()).tool
