"""What an utterance means as an answer to what the line has just asked."""

import re

from agent.offline.understand.commands import command
from agent.offline.understand.needs import READS, call_or_ask
from agent.offline.understand.outcome import Ask, NotUnderstood, Outcome, Understood
from agent.offline.understand.parts import name_words
from agent.offline.understand.refill import order_number, refilled
from agent.offline.understand.slots import dictated
from agent.offline.understand.words import Heard, one_of, wordset
from agent.offline.vocabulary import Vocabulary
from agent.speech import speech
from agent.turns import Expectation

_YES = one_of(
    "yes, yeah, yep, yup, yea, uh huh, mhm, sure, sure thing, you bet, that works, correct, right, ok, absolutely, "
    "definitely, affirmative, exactly, go ahead, do it, do that, please do, go for it, confirm, confirmed, you got it, "
    "sounds good, that is right, that is correct, that is fine, that is it, that is all right, all right, fine, "
    "of course, perfect, it is, i am sure, i do"
)
_AND_YES = one_of("please, sir, maam, thanks, thank you, anyway, good")
YES_ANSWER = re.compile(rf"(?:please )?{_YES} (?:(?:{_YES}|{_AND_YES}) )*")
_NO = one_of(
    "no, nope, nah, negative, wrong, stop, cancel, cancel that, cancel it, do not, do not do that, "
    "do not do it, not yet, "
    "not now, not right, not correct, not really, that is wrong, that is not right, that is not correct, "
    "that is not it, "
    "that is incorrect, incorrect, never mind, nevermind, forget it, forget that, forget about it, leave it, hang on, "
    "hold on, wait, do not bother, nothing, none, neither, neither of them, it is not, i do not, skip it, not that, "
    "not that one, not this one, i have changed my mind, i changed my mind"
)
_AND_NO = one_of("thanks, thank you, please, sorry")
NO_ANSWER = re.compile(rf"{_NO} (?:(?:{_NO}|{_AND_NO}) )*")
_NO_FIRST = re.compile(f"{_NO} ")
CANCEL = re.compile(
    "(?:no )?"
    + one_of(
        "never mind, nevermind, cancel, forget it, forget that, forget about it, leave it, stop, skip it, "
        "do not bother, i have changed my mind, i changed my mind, nothing"
    )
    + r"\b.*"
)
_DICTATED = frozenset({"note", "summary", "reason"})
POSITIONS = {
    **{"first": 0, "one": 0, "former": 0, "second": 1, "two": 1, "third": 2, "three": 2, "fourth": 3, "four": 3},
    **{"last": -1, "latter": -1},
}
POSITION = re.compile(
    rf"(?:{one_of('it is, the, number, option, i mean, i want, use')} )*(?P<which>{'|'.join(POSITIONS)}) "
    r"(?:(?:one|option|job|part|please) )*"
)
_CHOICE_FILLING = wordset(
    "the a an one ones of it is i mean want please that use used take job part at work order for yes"
)
_QUESTION = re.compile(
    one_of(
        "what, who, whom, whose, where, when, why, how, which, can, could, would, will, should, do, does, did, "
        "is, are, am"
    )
    + " (?:you|i|we|is|are|do|does|did|the|that|it|was|am) "
)
_SUMMARY_LEAD = re.compile(
    r"(?:(?:ok|so|and) )*(?:(?:the |my )?(?:summary|note) (?:is|would be|should be)(?: that)?|"
    r"(?:please )?(?:write|put|say)(?: down)?(?: that)?) "
)


def answer(heard: Heard, vocabulary: Vocabulary, expectation: Expectation) -> Outcome | None:
    """The outcome of an answer; None when the words are no answer, and may be a command of their own."""
    if expectation.kind == "yes_no":
        return _yes_or_no(heard, vocabulary, expectation)
    if expectation.tool is None or expectation.slot is None:
        return None
    if expectation.slot in _DICTATED:
        return _dictation(heard, vocabulary, expectation)
    if CANCEL.fullmatch(heard.text) or NO_ANSWER.fullmatch(heard.text):
        return cancelled()
    if expectation.kind == "choice" and expectation.options:
        return _choice(heard, vocabulary, expectation)
    return refilled(expectation.tool, expectation.arguments, _bare(heard), vocabulary, expectation.slot)


def cancelled() -> Ask:
    """Nothing is done, and nothing is expected any more."""
    return Ask(speech("en").say("cancelled"))


def _bare(heard: Heard) -> Heard:
    """Without a leading "no" or "sorry", which here only corrects."""
    lead = re.match(r"(?:(?:no|sorry|ok|wait) )+", heard.text)
    return heard.part(len(lead[0].split())) if lead else heard


def _yes_or_no(heard: Heard, vocabulary: Vocabulary, expectation: Expectation) -> Outcome | None:
    text = heard.text
    if YES_ANSWER.fullmatch(text):
        if expectation.tool is None:
            return Ask(speech("en").say("hello"))
        return call_or_ask(expectation.tool, expectation.arguments)
    if NO_ANSWER.fullmatch(text):
        return cancelled() if expectation.tool else Ask(speech("en").say("anything_else"))
    bare = _bare(heard)
    if expectation.tool and bare.words:
        corrected = refilled(expectation.tool, expectation.arguments, bare, vocabulary)
        if corrected is not None:
            return corrected
    if bare.words == heard.words and _NO_FIRST.match(text) is None:
        return None
    other = command(bare, vocabulary) if bare.words else NotUnderstood()
    return cancelled() if isinstance(other, NotUnderstood) and _NO_FIRST.match(text) else other


def _choice(heard: Heard, vocabulary: Vocabulary, expectation: Expectation) -> Outcome | None:
    options = expectation.options
    chosen: str | None = None
    position = POSITION.fullmatch(heard.text)
    named = [option for option in options if _names(heard, option, options)]
    if len(named) == 1:
        chosen = named[0]
    elif position and -1 <= POSITIONS[position["which"]] < len(options):
        chosen = options[POSITIONS[position["which"]]]
    elif expectation.slot == "number" and (number := order_number(heard)) is not None:
        chosen = str(number)
    if chosen is None:
        return None
    value: object = int("".join(filter(str.isdigit, chosen))) if expectation.slot == "number" else chosen
    return call_or_ask(expectation.tool or "", {**expectation.arguments, expectation.slot or "": value})


def _names(heard: Heard, option: str, options: tuple[str, ...]) -> bool:
    """Whether the words tell this option from the others: all of them are in it, and not all in another."""
    said = name_words(" ".join(word for word in heard.words if word not in _CHOICE_FILLING))
    if not said:
        return False
    fitting = [other for other in options if said <= name_words(other)]
    exact = [other for other in fitting if said == name_words(other)]
    return (exact or fitting) == [option]


def _dictation(heard: Heard, vocabulary: Vocabulary, expectation: Expectation) -> Outcome | None:
    text = heard.text
    if CANCEL.fullmatch(text) or NO_ANSWER.fullmatch(text):
        return cancelled()
    other = command(heard, vocabulary)
    if isinstance(other, Understood) and (other.tool in READS or other.tool in (expectation.tool, "say_goodbye")):
        return other
    if _QUESTION.match(text) or (len(heard.words) < 2 and text.strip() in ("yes", "no", "ok", "yeah")):
        return NotUnderstood()
    if isinstance(other, Understood | Ask) and _is_bare_order(other):
        return NotUnderstood()
    lead = _SUMMARY_LEAD.match(text)
    start = len(lead[0].split()) if lead else 0
    arguments = dict(expectation.arguments)
    if expectation.tool == "add_note":
        said, alert = dictated(heard, start)
        arguments |= {"alert_office": True} if alert else {}
    else:
        said = heard.verbatim(start)
    return call_or_ask(expectation.tool or "", {**arguments, expectation.slot or "": said or None})


def _is_bare_order(outcome: Understood | Ask) -> bool:
    """An order to the line that nobody dictates: clocking and taking back."""
    tool = outcome.tool if isinstance(outcome, Understood) else outcome.expectation.tool
    return tool in ("clock_in", "clock_out", "undo_last_entry", "mark_notifications_read")
