"""A whole utterance as a command: politeness taken off, corrections applied, two commands in one breath."""

import re

from agent.offline.understand import parts
from agent.offline.understand.cues import pointed
from agent.offline.understand.intents import intents
from agent.offline.understand.needs import READS, ask_first
from agent.offline.understand.outcome import Ask, NotUnderstood, Outcome, Understood
from agent.offline.understand.refill import refilled
from agent.offline.understand.slots import Context
from agent.offline.understand.words import Heard, one_of
from agent.offline.vocabulary import Vocabulary

_POLITE_START = re.compile(
    one_of(
        "hey there, hey, yo, hi there, hi, hello, oops, whoops, nope, well, ok, all right, alright, so, and, "
        "then, oh, yeah, "
        "yes, sure, right, great, cool, good morning, good afternoon, good evening, morning, please, just, "
        "now, listen, "
        "actually, quick question, it is time to, time to, i am ready to, tell me, remind me, do you know, "
        "i want to know, "
        "i would like to know, can you, could you, would you, will you, i would like to, i would like you to, "
        "i want to, "
        "i want you to, i need to, i need you to, let us, let me, go ahead and, you can, help me, try to"
    )
    + " "
)
_POLITE_END = re.compile(
    rf" {one_of('please, thanks, thank you, for me, will you, would you, if you can, if you could, ok')}(?= $)"
)
_LOOSE_END = re.compile(r" (?:right now|now|over there|then|again|once more|a second time|today)(?= $)")
_ONCE_MORE = ("again", "once more", "a second time")
ADDITIVE = frozenset({"use_part", "take_part", "request_restock", "book_follow_up"})
"""Tools whose repetition within two minutes is taken for a stutter, unless the caller says "again"."""
_MAY_I = re.compile(r"(?:(?:can|may|could) i|may i please) (?:please )?(?:get to )?")
_CORRECTION = re.compile(
    r"(?:\b"
    + one_of(
        "no no, no wait, no sorry, no make that, no make it, no i mean, no i meant, no i said, no, sorry i mean, "
        "sorry i meant, sorry, i mean, i meant, make that, make it, correction, wait no, wait, rather, scratch that, "
        "or actually, actually"
    )
    + " )+"
)
_AND = re.compile(r"\b(?:and then|then|and also|also|and) ")
MAX_CORRECTIONS = 3
"""Corrections in one utterance; who changes his mind more often is asked to say it again."""
MAX_COMMAND_WORDS = 40
"""Longer talk is dictation at best: no second command or correction is looked for in it."""
_SENTENCE_NAMES = {"clock_in": "confirm_clock_in", "clock_out": "confirm_clock_out", "take_part": "confirm_take_part"}


def command(heard: Heard, vocabulary: Vocabulary) -> Outcome:
    """What the words order, by themselves; a correction replaces what it corrects."""
    plain = single(heard, vocabulary)
    if isinstance(plain, NotUnderstood) and (end := _LOOSE_END.search(_without_end(heard).text)):
        plain = single(heard.part(0, len(heard.text[: end.start()].split())), vocabulary)
        if isinstance(plain, Understood) and plain.tool in ADDITIVE and end[0].strip() in _ONCE_MORE:
            plain = Understood(plain.tool, {**plain.arguments, "again": True}, plain.then)
    if not isinstance(plain, NotUnderstood):
        return plain
    if len(heard.words) > MAX_COMMAND_WORDS:
        return NotUnderstood()
    corrected = _corrected(heard, vocabulary)
    if corrected is not None:
        return corrected
    return _two(heard, vocabulary) or pointed(_plain(heard), vocabulary) or NotUnderstood()


def single(heard: Heard, vocabulary: Vocabulary) -> Outcome:
    """One command without a correction in it. Tried as said, then with less and less politeness around it."""
    heard = _without_end(heard)
    while heard.words:
        outcome = _fit(heard, vocabulary)
        if outcome is not None:
            return outcome
        asked = _MAY_I.match(heard.text)
        if asked:
            return _permitted(single(heard.part(len(asked[0].split())), vocabulary))
        start = _POLITE_START.match(heard.text)
        if not start:
            break
        heard = heard.part(len(start[0].split()))
    return NotUnderstood()


def _fit(heard: Heard, vocabulary: Vocabulary) -> Outcome | None:
    text = parts.join_names(heard.text, vocabulary)
    context = Context(heard, vocabulary)
    return next((outcome for intent in intents() if (outcome := intent.read(text, context)) is not None), None)


def _without_end(heard: Heard) -> Heard:
    while end := _POLITE_END.search(heard.text):
        heard = heard.part(0, len(heard.text[: end.start()].split()))
    return heard


def _plain(heard: Heard) -> Heard:
    heard = _without_end(heard)
    while start := _POLITE_START.match(heard.text):
        heard = heard.part(len(start[0].split()))
    return heard


def _permitted(outcome: Outcome) -> Outcome:
    """ "Can I …" is answered when it reads, and asked back when it would write."""
    if isinstance(outcome, Understood) and outcome.tool not in READS:
        return ask_first(outcome.tool, outcome.arguments, _SENTENCE_NAMES.get(outcome.tool, "confirm_do_it"))
    return outcome


def _corrected(heard: Heard, vocabulary: Vocabulary) -> Outcome | None:
    """The last correction, applied to what was said before it; None when there is none or it makes no sense."""
    markers = [marker for marker in _CORRECTION.finditer(heard.text) if marker.end() < len(heard.text)]
    if not markers or len(markers) > MAX_CORRECTIONS:
        return None
    marker = markers[-1]
    first = heard.part(0, len(heard.text[: marker.start()].split()))
    second = heard.part(len(heard.text[: marker.end()].split()))
    before = single(first, vocabulary) if first.words else NotUnderstood()
    if isinstance(before, NotUnderstood):
        before = _corrected(first, vocabulary)
    again = single(second, vocabulary)
    # After words that made no sense ("he said no, clock me out") the rest is not taken at its word.
    if not isinstance(again, NotUnderstood) and (
        not first.words or not isinstance(before, NotUnderstood | None) or _reads(again)
    ):
        return again
    if isinstance(before, Understood):
        return refilled(before.tool, before.arguments, second, vocabulary)
    if isinstance(before, Ask) and before.expectation.tool and before.expectation.kind != "yes_no":
        return refilled(before.expectation.tool, before.expectation.arguments, second, vocabulary)
    return None


def _reads(outcome: Outcome) -> bool:
    return isinstance(outcome, Understood) and outcome.tool in READS


def _two(heard: Heard, vocabulary: Vocabulary) -> Understood | None:
    """Two commands joined by "and": both must be understood, or neither is done."""
    for joint in _AND.finditer(heard.text):
        if joint.start() == 0:
            continue
        first = single(heard.part(0, len(heard.text[: joint.start()].split())), vocabulary)
        if not isinstance(first, Understood):
            continue
        rest = heard.part(len(heard.text[: joint.end()].split()))
        second = single(rest, vocabulary)
        if isinstance(second, NotUnderstood) and first.tool in ("use_part", "take_part"):
            kept = {key: value for key, value in first.arguments.items() if key not in ("part", "quantity")}
            second = refilled(first.tool, kept, rest, vocabulary) or second
        if isinstance(second, Understood):
            return Understood(first.tool, first.arguments, (*first.then, second))
    return None
