"""What a customer may say about visits; everything else is what reception understands of anybody.

Booking, moving and cancelling are read back before they are done, so these patterns may be looser than those of a
technician, whose words write at once.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from agent.offline.understand import days
from agent.offline.understand.customer_answers import answered
from agent.offline.understand.needs import ask_first, call_or_ask
from agent.offline.understand.outcome import Ask, NotUnderstood, Outcome, Repeat, Understood
from agent.offline.understand.patterns import Found, Pattern, compiled
from agent.offline.understand.reception import MAX_WORDS, TOOLS, at_reception, request, word_left
from agent.offline.understand.small_talk import small_talk, speaks_secret
from agent.offline.understand.visit_times import proposal, wish
from agent.offline.understand.wordings.customer import WORDINGS
from agent.offline.understand.words import Heard, hear, one_of
from agent.offline.vocabulary import Vocabulary
from agent.speech import speech
from agent.turns import NOTHING, Expectation

_START = re.compile(
    one_of(
        "hi, hello, hey, hi there, good morning, good afternoon, good evening, yes, yeah, ok, so, and, well, "
        "please, then, no, "
        "actually, sorry, listen, i would like to, i would like, i want to, i want, i need to, i need you to, i "
        "have to, we need "
        "to, we want to, we have to, we would like to, can i, could i, may i, can we, could we, can you, could "
        "you, would you, "
        "will you, let me, let us, just, is it possible to, would it be possible to, i am just checking, i am "
        "checking, i was "
        "wondering, i am wondering, i am calling to, i am calling about, i am calling to find out, i would like "
        "to know, i want "
        "to know, do you know, tell me, can you tell me, could you tell me, can you check, i just want to, i just "
        "wanted to, "
        "any idea, do you have any idea, find out, check, to, is it possible, you, when you say"
    )
    + " "
)
_END = re.compile(
    rf" {one_of('please, thanks, thank you, for me, if possible, if you can, if that is possible, then')}(?= $)"
)
_FAULT = re.compile(
    r"(?:(?:i have|we have|there is|it looks like|i think|hi|hello) )?"
    r"(?:my|our|the|one of (?:my|our|the)|a|two of (?:my|our|the)) (?:\w+ ){1,6}?"
    r"(?:is|are|was|were|has|have|had|keeps?|does|do|did|will|can|stopped|stopped?|went|got|quit|shows?) .*"
)
_BROKEN = re.compile(
    r"\b(?:broken|broke|not working|not work|stopped|no picture|no "
    r"power|dead|down|offline|beeping|beeps|failed|failing|stuck|"
    r"not recording|not turn|not open|not close|not lock|error|damaged|fell|flickering|blurry|black|out of order|"
    r"crashed|leaking|loose|cut|quit|no signal|no longer|went off|going off|dark|frozen) "
)
_DONE = re.compile(
    r"(?:have|get) (?P<it>.+ (?:installed|fixed|repaired|replaced|checked|serviced|mounted|moved|looked at|removed|"
    r"upgraded|inspected|cleaned|maintained)) "
)
_TROUBLE = re.compile(
    r"(?P<it>(?:(?:i|we) (?:have|have got|got|am having|are having)|there is) "
    r"(?:a |an |some |any )?(?:big |small |new )?(?:problems?|issues?|fault|trouble) (?:with|at|in|on) .+)"
)
_SURE = re.compile(r"(?:make sure|see to it) (?:that )?(?P<it>(?:he|she|they|the technician) .+)")
_ADVICE = re.compile(r"(?P<it>(?:he|she|they|the technician) (?:should|has to|have to|needs to|must|can) (?!be ).+)")
_OF_ANYBODY = frozenset({"identify", "say_goodbye", "clock_in", "clock_out"})
_HELP = re.compile(r"(?:help|help me|what can (?:you|i) (?:do|say|ask)(?: here| for me)?|what are my options) ")


def at_customer(text: str, vocabulary: Vocabulary, expectation: Expectation = NOTHING) -> Outcome:
    """What a caller on the customer's line asks for. Pure: no clock, no state, no network."""
    heard = hear(text)
    if not heard.words or len(heard.words) > MAX_WORDS:
        return NotUnderstood()
    dictated = expectation.kind == "free_text" and expectation.slot is not None
    if _HELP.fullmatch(heard.text) and not dictated:
        return Ask(speech("en").say("customer_help"))
    if expectation.tool in TOOLS and (dictated or visit_request(heard) is None):
        return at_reception(text, vocabulary, expectation)
    talk = small_talk(heard, expectation)
    if talk is not None and (not dictated or speaks_secret(heard) or isinstance(talk, Repeat)):
        return talk
    if expectation.tool is not None:
        outcome = answered(heard, expectation, _elsewhere)
        if outcome is not None:
            return outcome
    return visit_request(heard) or _reception(text, vocabulary)


def _reception(text: str, vocabulary: Vocabulary) -> Outcome:
    """What reception makes of it; of a technician's commands only those that no customer says by accident."""
    outcome = at_reception(text, vocabulary)
    tool = outcome.tool if isinstance(outcome, Understood) else getattr(outcome, "expectation", NOTHING).tool
    known = tool is None or tool in TOOLS | _OF_ANYBODY
    return outcome if known else NotUnderstood()


def at_front_desk(text: str, vocabulary: Vocabulary, expectation: Expectation = NOTHING) -> Outcome:
    """What a stranger says at reception: who asks about a visit is served by the customer's line."""
    heard = hear(text)
    if expectation.tool not in TOOLS and word_left(heard) is None and visit_request(heard) is not None:
        return Understood("visits")
    return at_reception(text, vocabulary, expectation)


def visit_request(heard: Heard) -> Outcome | None:
    """What the words ask about a visit by themselves; None when they ask nothing of the kind."""
    if not heard.words or len(heard.words) > MAX_WORDS:
        return None
    while end := _END.search(heard.text):
        heard = _cut(heard, 0, len(heard.text[: end.start()].split()))
    if _FAULT.fullmatch(heard.text) and _BROKEN.search(heard.text):
        trimmed = re.match(r"(?:(?:hi|hello|i think|it looks like) )+", heard.text)
        return _fault(heard.part(len(trimmed[0].split())) if trimmed else heard)
    if advice := _ADVICE.fullmatch(heard.text):
        note = heard.verbatim(len(heard.text[: advice.start("it")].split()))
        return ask_first("visit_note", {"note": note}, "confirm_visit_note")
    while heard.words:
        if sure := _SURE.fullmatch(heard.text):
            return Understood("visit_note", {"note": heard.verbatim(len(heard.text[: sure.start("it")].split()))})
        if done := _DONE.fullmatch(heard.text) or _TROUBLE.fullmatch(heard.text):
            return Understood("book_visit", {"reason": heard.verbatim(len(heard.text[: done.start("it")].split()))})
        outcome = _fit(heard)
        if outcome is not None:
            return outcome
        start = _START.match(heard.text)
        if not start:
            return None
        heard = heard.part(len(start[0].split()))
    return None


def _fault(heard: Heard) -> Outcome | None:
    known = _fit(heard)
    return known if known is not None else Understood("book_visit", {"reason": heard.verbatim(0)})


@cache
def _patterns() -> tuple[tuple[str, tuple[Pattern, ...]], ...]:
    return tuple((tool, compiled(said)) for tool, said in WORDINGS.items())


def _fit(heard: Heard) -> Outcome | None:
    for tool, patterns in _patterns():
        for pattern in patterns:
            found = pattern.fit(heard.text)
            outcome = _build(tool, found, heard) if found else None
            if outcome is not None:
                return outcome
    return None


def _build(tool: str, found: Found, heard: Heard) -> Outcome | None:
    arguments: dict[str, Any] = {}
    for slot in ("when", "reason", "free"):
        if slot not in found.starts:
            continue
        start = found.starts[slot]
        read = _read(tool, slot, _cut(heard, start, start + len(found.slots[slot].split())))
        if read is None:
            return None
        arguments |= read
    if "visit" in found.slots:
        arguments["visit"] = days.day(found.slots["visit"])
    if tool in ("my_visits", "last_visit"):
        return Understood(tool)
    if tool == "move_visit" and not ({"day", "time"} & set(arguments)):
        kept = {key: value for key, value in arguments.items() if key == "visit"}
        return Ask(speech("en").say("ask_new_day"), Expectation("free_text", tool, kept, "day"))
    return call_or_ask(tool, arguments)


def _cut(heard: Heard, start: int, end: int) -> Heard:
    """Some of the words, and of the original no more than these: what follows is no part of a dictated text."""
    part = heard.part(start, end)
    return Heard(part.words, part.origin, part.original[: part.origin[-1] + 1] if part.origin else ())


def _read(tool: str, slot: str, rest: Heard) -> Mapping[str, Any] | None:
    """The arguments in a slot of free words; None when they are not what the tool wants there."""
    if slot == "free":
        named = {"visit_note": "note", "cancel_visit": "reason"}
        return {named[tool]: rest.verbatim(0)} if tool in named else {}
    read = wish(rest) if slot == "when" else None
    if slot == "when":
        if read is not None and tool in ("move_visit", "free_slots"):
            read.pop("reason", None)
        return read
    tail = proposal(rest)
    if tail is not None:
        return tail
    return {"reason": rest.verbatim(0)} if len(rest.words) <= 30 else None


def _elsewhere(heard: Heard) -> Outcome | None:
    """Something else that the caller may say instead of an answer: another visit, a person, a message, goodbye."""
    other = visit_request(heard) or request(heard)
    if isinstance(other, Understood) and other.tool == "find_person":
        return None
    return other
