"""The ending of an utterance: whether the words so far are a whole turn.

What the line has asked comes first, then how English ends, then whether the words already are a whole request for
one of the line's tools (the offline rules know), and whether that request is a dictation, which people pause in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

from agent.offline.understand import understand
from agent.offline.understand.answers import NO_ANSWER, YES_ANSWER, answer
from agent.offline.understand.numbers import NUMBER
from agent.offline.understand.outcome import Ask, NotUnderstood, Outcome, Understood
from agent.offline.understand.reception import at_reception
from agent.offline.understand.words import hear
from agent.offline.vocabulary import Vocabulary
from agent.turns import digits
from agent.turns.endings import ends_open, hesitates, words_of
from agent.turns.expecting import NOTHING, Expectation


class Ending(StrEnum):
    """How an utterance stands."""

    DONE = "done"  # a whole answer or request: nothing to wait for
    LIKELY = "likely"  # the words do not decide; most such utterances are over
    DICTATED = "dictated"  # a text that the caller composes while he speaks
    OPEN = "open"  # the sentence cannot end here


#: Tools whose argument is the caller's own text: argument by tool.
_DICTATIONS = {
    "add_note": "note",
    "complete_job": "summary",
    "take_message": "text",
    "request_callback": "reason",
    "book_follow_up": "reason",
}
_DICTATED_SLOTS = frozenset({"note", "summary", "text", "reason"})
_DIGITS: dict[str, Callable[[str], digits.Digits]] = {
    "number": digits.order_digits,
    "phone": digits.phone_digits,
    "quantity": digits.amount_digits,
}
#: Before the number itself.
_NAMES_A_NUMBER = frozenset({"truck", "unit", "number", "order", "job", "ticket", "badge"})
_NAMED_NUMBER = re.compile(rf"\b(?P<name>truck|unit|van|work order) (?:number )?{NUMBER}$")
#: With fewer words a dictation has hardly begun; a message is a sentence ("tell the office I will be late").
_SHORT_DICTATION, _SHORT_MESSAGE = 4, 8
_MESSAGES = frozenset({"take_message", "request_callback"})
#: Digits in a row at the end, asked for or not, that are neither a truck, an order nor a telephone number.
_BETWEEN_GROUPS = frozenset({5, 6, 8, 9})


def judge(text: str, expectation: Expectation = NOTHING, vocabulary: Vocabulary | None = None) -> Ending:
    """How an utterance that began as an answer to `expectation` stands. Pure, a millisecond or two."""
    vocabulary = vocabulary or Vocabulary()
    if not words_of(text):
        return Ending.DONE
    if hesitates(text):
        return Ending.OPEN
    if (asked := _answer(text, expectation, vocabulary)) is not None:
        return asked
    if ends_open(text):
        return Ending.OPEN
    if len(digits.digits_at_end(text)) in _BETWEEN_GROUPS or _named_number_is_short(text, vocabulary):
        return Ending.OPEN
    return _request(text, expectation, vocabulary)


def _named_number_is_short(text: str, vocabulary: Vocabulary) -> bool:
    """Whether the words end with the first digits of a truck's or an order's number ("it's truck two")."""
    named = _NAMED_NUMBER.search(hear(text).text)
    if named is None or not digits.digits_at_end(text):
        return False
    if named["name"] in ("truck", "unit", "van"):
        return digits.truck_digits(text, vocabulary.truck_numbers()) == "short"
    return digits.order_digits(text) == "short"


def _answer(text: str, expectation: Expectation, vocabulary: Vocabulary) -> Ending | None:
    """The ending as an answer to what was asked; None when it is none, or says nothing about the end."""
    heard = hear(text)
    match expectation.kind:
        case "yes_no":
            whole = YES_ANSWER.fullmatch(heard.text) or NO_ANSWER.fullmatch(heard.text)
            return Ending.DONE if whole else None
        case "choice":
            chosen = answer(heard, vocabulary, expectation)
            return Ending.DONE if chosen is not None and not ends_open(text) else None
        case "digits":
            return _number(text, expectation, vocabulary)
    if expectation.slot in _DICTATED_SLOTS:
        if NO_ANSWER.fullmatch(heard.text) or YES_ANSWER.fullmatch(heard.text):
            return Ending.LIKELY
        return Ending.OPEN if ends_open(text) else Ending.DICTATED
    return None


def _number(text: str, expectation: Expectation, vocabulary: Vocabulary) -> Ending | None:
    if expectation.slot in ("truck", "from_truck"):
        found = digits.truck_digits(text, vocabulary.truck_numbers())
    else:
        found = _DIGITS.get(expectation.slot or "", digits.amount_digits)(text)
    if found == "none":
        return Ending.OPEN if words_of(text)[-1] in _NAMES_A_NUMBER else None
    if digits.last_word_goes_on(text):
        return Ending.OPEN
    return {"short": Ending.OPEN, "extendable": Ending.LIKELY, "whole": Ending.DONE}.get(found)


def _request(text: str, expectation: Expectation, vocabulary: Vocabulary) -> Ending:
    """The ending of a request: whole, with a slot missing, or nothing that the rules know."""
    outcome = understand(text, vocabulary, expectation)
    if isinstance(outcome, NotUnderstood):
        outcome = at_reception(text, vocabulary, expectation)
    last = _last(outcome)
    if isinstance(last, NotUnderstood):
        return Ending.LIKELY
    if isinstance(last, Ask):
        # A slot is missing: "clock me in" may be all, or the truck is still to come; "I used three" is never all.
        if last.expectation.slot == "part" and digits.digits_at_end(text):
            return Ending.OPEN
        return Ending.LIKELY if last.expectation.slot else Ending.DONE
    if isinstance(last, Understood) and last.arguments.get(_DICTATIONS.get(last.tool, "")):
        words = len(str(last.arguments[_DICTATIONS[last.tool]]).split())
        message = last.tool in _MESSAGES or last.arguments.get("alert_office")
        short = words < (_SHORT_MESSAGE if message else _SHORT_DICTATION)
        return Ending.LIKELY if short else Ending.DICTATED
    return _with_number(text, last, vocabulary) if isinstance(last, Understood) else Ending.DONE


def _last(outcome: Outcome) -> Outcome:
    return outcome.then[-1] if isinstance(outcome, Understood) and outcome.then else outcome


def _with_number(text: str, request: Understood, vocabulary: Vocabulary) -> Ending:
    """A whole request that ends with a number: the number may still grow ("truck two" … "oh one")."""
    if not digits.digits_at_end(text):
        return Ending.DONE
    if digits.last_word_goes_on(text):
        return Ending.OPEN
    if "truck" in request.arguments or "from_truck" in request.arguments:
        found = digits.truck_digits(text, vocabulary.truck_numbers())
    else:
        found = digits.order_digits(text)
    return {"short": Ending.OPEN, "extendable": Ending.LIKELY}.get(found, Ending.DONE)
