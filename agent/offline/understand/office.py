"""Small rules: what somebody who is rung answers, whether that is a machine, and what a caller on hold wants."""

import re
from typing import Literal

from agent.offline.understand.words import hear, one_of

OfficeAnswer = Literal["accepted", "declined", "message"]
HoldAnswer = Literal["message", "cancel", "wait"]

_LEAD = (
    "(?:(?:"
    + one_of("hi, hello, um, uh, oh, ok, well, yes, yeah, no, sorry, please, can you, could you, just")
    + ") )*"
)
_THEM = "(?:him|her|them|it|the call|the caller|this|that|mister [a-z]+|miss [a-z]+)"
_END = "(?: (?:please|thanks|thank you|now|over|on|then|to me|sure))* "
_ASK_FOR = rf"(?:take|get|have {_THEM} leave|(?:ask|tell) {_THEM} (?:for|to leave)) "
_MESSAGE = re.compile(rf"{_LEAD}(?:{_ASK_FOR})?(?:a |the )?message.*|{_LEAD}three ")
_NO = one_of(
    "no, nope, nah, not now, not right now, not today, not at the moment, decline, two, busy, cannot, can not, can t, "
    "i cannot, i can not, i can t, i could not, i am busy, i do not want, i am in a meeting, i am not available"
)
_DECLINED = re.compile(rf"{_LEAD}(?:{_NO}|tell {_THEM} (?:i am|to call|that i)) .*|{_LEAD}{_NO} ")
_YES = (
    "(?:"
    + one_of("yes, yeah, yep, yup, sure, ok, of course, absolutely, go ahead, one, i am free, let us talk, i can talk")
    + rf"|i will take {_THEM}|i have got {_THEM}|(?:put|send|patch|pass|bring) {_THEM}(?: on)?"
    r"(?: (?:through|over|on|in))?|connect (?:us|me|him|her|them))"
)
_ACCEPTED = re.compile(rf"{_LEAD}(?:{_YES} )*{_YES}{_END}")
_MACHINE = re.compile(
    r"\b(?:leave (?:me |us )?(?:a |your )|(?:after|at) the (?:tone|beep)|voice ?mail|mail ?box|answering machine|"
    r"not available|can ?(?:not|t) (?:come to|take|answer) |you have reached|record your message|unavailable)"
)
_WAIT = re.compile(
    r"(?:(?:ok|yes|sure|no) )*(?:i will (?:wait|hold)|keep (?:waiting|trying)|go on|wait|hold on|ok|take your time) "
)
_CANCEL = re.compile(
    r"(?:(?:ok|no|oh|well|please) )*(?:never ?mind|cancel|stop|forget it|forget about it|i do not want to wait.*|"
    r"no more|that is enough|i will call (?:back|later|again)) "
)
_LEAVE = re.compile(r"\bmessages? ")


def office_answer(text: str) -> OfficeAnswer | None:
    """What somebody says who was asked whether they take a call; None when it is neither yes nor no."""
    said = hear(text).text
    if _MESSAGE.fullmatch(said):
        return "message"
    if _MACHINE.search(said):
        return None
    if _DECLINED.fullmatch(said):
        return "declined"
    return "accepted" if _ACCEPTED.fullmatch(said) else None


def is_machine(text: str) -> bool:
    """Whether these are the words of a voicemail's greeting."""
    said = hear(text).text
    return _MACHINE.search(said) is not None and office_answer(text) is None


def hold_answer(text: str) -> HoldAnswer | None:
    """What a caller on hold wants: leave a message, no longer wait, or wait on; None for anything else."""
    said = hear(text).text
    if _CANCEL.fullmatch(said):
        return "cancel"
    if _WAIT.fullmatch(said):
        return "wait"
    return "message" if _LEAVE.search(said) else None
