"""What anybody who calls may say to the reception: facts, people, messages and call backs.

Only the line that offers these tools asks here; the technician's rules know nothing of them. A message is read back
before it is kept, so these patterns may be looser than those that write at once.
"""

import re
from collections.abc import Mapping
from typing import Any

from agent.offline.understand import understand
from agent.offline.understand.answers import CANCEL, NO_ANSWER, POSITION, POSITIONS, YES_ANSWER, cancelled
from agent.offline.understand.connect import asks_to_connect, connection
from agent.offline.understand.needs import call_or_ask
from agent.offline.understand.outcome import Ask, NotUnderstood, Outcome, Repeat, Understood
from agent.offline.understand.reception_words import BACK, FACTS, FIND, MESSAGE, NAMED, URGENT
from agent.offline.understand.small_talk import small_talk, speaks_secret
from agent.offline.understand.words import Heard, hear, one_of, wordset
from agent.offline.vocabulary import Vocabulary
from agent.speech import speech
from agent.turns import NOTHING, Expectation

TOOLS = wordset("company_facts find_person take_message request_callback transfer_call")
MAX_WORDS = 2000

#: Words that stand where a name would, and name nobody.
_UNSAID = wordset("him her them it the a that")
_FIELD = re.compile(r"\b(?:jobs?|work orders?|order|ticket|truck|technician|stock|customers?) ")
_TECHNICIAN = re.compile(
    r"\bi am (?:a|an|one of (?:the|your)|your|the) (?:\w+ )?technicians? |"
    r"\b(?:this is|it is) (?:\w+ ){1,3}(?:from|on|with|in) truck |\bi work (?:for|with) you "
)
_HELP = re.compile(
    r"(?:help|help me|what can (?:you|i) (?:do|say|ask)(?: here| for me)?|what are my options|how does this work) "
)
_OFFICE = re.compile(
    r"(?:(?:the|your|just|it is|for|to|in) )*(?:office|company|anybody|anyone|whoever|everybody|somebody|someone|"
    r"them|you|you all|you guys|the team|nobody in particular|no one in particular|(?:it )?does not matter)"
    r"(?: is there| who is there)?"
)
_LEADS: Mapping[str, str] = {
    "for_person": "it is, for, to, with, from, the message is for, i said, i mean, i need, that would be, no",
    "whom": "it is, for, to, with, i said, i mean, i need, that would be, no",
    "heard": "it is, i said, i mean, i need, that would be, no, for",
    "department": "it is, i said, i mean, i need, that would be, no, for, in, the",
    "text": "please, tell him that, tell her that, tell them that, tell him, tell her, tell them, the message is, say "
    "that, just say, that",
    "caller_name": "my name is, the name is, this is, it is, i am, call me, yes, sure",
}
_DIGITS = {"zero": "0", "oh": "0", "o": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
_DIGITS |= {"six": "6", "seven": "7", "eight": "8", "nine": "9"}
_SAID_AGAIN = re.compile(
    r"\b(?:no|sorry|i mean|i meant|wait|correction|make that|scratch that|rather)"
    r"(?: (?:no|sorry|it is|that is|i mean))* "
)
_CORRECTED = (
    ("number", re.compile(r"(?:the |my )?(?:phone |telephone )?number is (?P<it>.+)")),
    ("caller_name", re.compile(r"(?:my|the) name is (?P<it>.+)")),
    ("for_person", re.compile(r"(?:it|the message|that) is for (?P<it>.+)")),
    ("text", re.compile(r"the message is (?P<it>.+)")),
    ("urgent", re.compile(r"(?P<it>(?:and )?(?:make it|it is|that is) urgent) ")),
)


def at_reception(text: str, vocabulary: Vocabulary, expectation: Expectation = NOTHING) -> Outcome:
    """What a caller at the reception asks for. Pure, as `understand`, whose commands lead to identification."""
    heard = hear(text)
    if expectation.slot == "text":
        # Whoever dictates for twenty minutes is not sent away: the message keeps what fits, and says so.
        heard = heard.part(0, 5 * MAX_WORDS)
    elif len(heard.words) > MAX_WORDS:
        return NotUnderstood()
    if not heard.words:
        return NotUnderstood()
    dictated = expectation.kind == "free_text" and expectation.slot is not None
    talk = small_talk(heard, expectation)
    if _HELP.fullmatch(heard.text) and not dictated:
        return Ask(speech("en").say("reception_help"))
    if talk is not None and (not dictated or speaks_secret(heard) or isinstance(talk, Repeat)):
        return talk
    if expectation.tool in TOOLS:
        answered = _answer(heard, expectation)
        if answered is not None:
            return answered
    return request(heard) or _named(understand(text, vocabulary), heard, vocabulary)


def _named(outcome: Outcome, heard: Heard, vocabulary: Vocabulary) -> Outcome:
    """Words that mean nothing else and name somebody, or are put like a name, are a question about that person."""
    if not isinstance(outcome, NotUnderstood):
        return outcome
    if person := _mentioned(heard, vocabulary):
        return Understood("find_person", {"heard": person})
    bare = NAMED.fullmatch(heard.text)
    return Understood("find_person", {"heard": _original(heard, bare, "who")}) if bare else outcome


def _mentioned(heard: Heard, vocabulary: Vocabulary) -> str:
    """The one person or department of the directory that the words name; nothing when there are two."""
    words = {word.removesuffix("'s") for word in heard.words}
    named = {name for name in (*vocabulary.people, *vocabulary.departments) if words & set(hear(name).words)}
    return named.pop() if len(named) == 1 else ""


def request(heard: Heard) -> Outcome | None:
    """What the words ask of the reception by themselves; None when they ask nothing of it."""
    text = heard.text
    if _TECHNICIAN.search(text):
        return Understood("identify")
    if (left := word_left(heard)) is not None:
        return left
    if (wanted := connection(heard)) is not None:
        return wanted
    if _FIELD.search(text):
        return None
    for topic, pattern in FACTS:
        if pattern.search(text):
            return Understood("company_facts", {"topic": topic})
    found = next((match for pattern in FIND if (match := pattern.fullmatch(text))), None)
    return Understood("find_person", {"heard": _original(heard, found, "who")}) if found else None


def word_left(heard: Heard) -> Outcome | None:
    """A message or the wish to be called back; None when the words are neither."""
    for tool, patterns in (("request_callback", BACK), ("take_message", MESSAGE)):
        for pattern in patterns:
            if match := pattern.fullmatch(heard.text):
                return call_or_ask(tool, _what_is_left(heard, match))
    return None


def _what_is_left(heard: Heard, match: re.Match[str]) -> dict[str, Any]:
    """For whom and what, as far as it was said."""
    groups = match.groupdict()
    left: dict[str, Any] = {}
    if groups.get("who") and groups["who"] not in _UNSAID:
        left["for_person"] = "" if _OFFICE.fullmatch(groups["who"]) else _original(heard, match, "who")
    if groups.get("text"):
        left["text"] = _original(heard, match, "text")
    if groups.get("reason"):
        left["reason"] = _original(heard, match, "reason")
    if groups.get("when"):
        left["best_time"] = _original(heard, match, "when")
    if URGENT.search(heard.text[: match.start("text")] if groups.get("text") else heard.text):
        left["urgent"] = True
    return left


def _original(heard: Heard, match: re.Match[str], group: str) -> str:
    start = len(match.string[: match.start(group)].split())
    return heard.verbatim(start, start + len(match[group].split()))


def _answer(heard: Heard, expectation: Expectation) -> Outcome | None:
    text, tool, slot = heard.text, expectation.tool or "", expectation.slot
    if expectation.kind == "yes_no":
        return _yes_or_no(heard, expectation)
    if slot is None:
        return None
    if slot == "number" and re.fullmatch(r"(?:no|none|no number|i do not have one) ", text):
        return call_or_ask(tool, {**expectation.arguments, "number": "none"})
    if CANCEL.fullmatch(text) or NO_ANSWER.fullmatch(text):
        return cancelled()
    if slot == "number":
        digits = spoken_digits(text)
        return call_or_ask(tool, {**expectation.arguments, "number": digits}) if digits else None
    if slot != "text" and (other := request(heard)) is not None and (_is_other(other, tool) or asks_to_connect(heard)):
        return other
    return call_or_ask(tool, {**expectation.arguments, **_filled(heard, slot, expectation.options)})


def _is_other(outcome: Outcome, tool: str) -> bool:
    """Whether the caller has gone on to something else instead of answering."""
    stays = (tool, "find_person", "transfer_call")
    return isinstance(outcome, Understood) and outcome.tool not in stays


def _filled(heard: Heard, slot: str, options: tuple[str, ...]) -> dict[str, Any]:
    bare = heard
    lead = re.match(rf"(?:{one_of(_LEADS.get(slot, 'it is'))} )+", heard.text)
    if lead and len(lead[0].split()) < len(heard.words):
        bare = heard.part(len(lead[0].split()))
    if options:
        said = set(bare.words) - {"the", "a", "one", "please", "in"}
        named = [name for name in options if said & set(hear(name).words)]
        position = POSITION.fullmatch(heard.text)
        best = [name for name in named if said >= set(hear(name).words)] or named
        if len(best) != 1 and len(said) > 1:
            best = [name for name in best if len(said & set(hear(name).words)) > 1]
        if len(best) == 1:
            return {slot: best[0]}
        if position and -1 <= POSITIONS[position["which"]] < len(options):
            return {slot: options[POSITIONS[position["which"]]]}
    if slot == "for_person" and _OFFICE.fullmatch(bare.text.strip()):
        return {slot: ""}
    ending = re.search(r"(?: please| thanks| thank you)+ $", bare.text) if slot != "text" else None
    return {slot: bare.verbatim(0, len(bare.text[: ending.start()].split()) if ending else None)}


def _yes_or_no(heard: Heard, expectation: Expectation) -> Outcome | None:
    tool, kept = expectation.tool or "", dict(expectation.arguments)
    if YES_ANSWER.fullmatch(heard.text):
        return call_or_ask(tool, kept)
    if NO_ANSWER.fullmatch(heard.text):
        return cancelled() if kept.get("confirmed") else Ask(speech("en").say("anything_else"))
    if not kept.pop("confirmed", False):
        return _takes_the_offer(heard, tool, kept)
    lead = re.match(r"(?:(?:no|sorry|wait|yes|but|and) )+", heard.text)
    bare = heard.part(len(lead[0].split())) if lead else heard
    for slot, pattern in _CORRECTED:
        if match := pattern.fullmatch(bare.text):
            value: Any = True if slot == "urgent" else _original(bare, match, "it")
            value = (spoken_digits(match["it"]) or value) if slot == "number" else value
            return call_or_ask(tool, {**kept, slot: value})
    return cancelled() if NO_ANSWER.match(f"{heard.text.split()[0]} ") else None


def _takes_the_offer(heard: Heard, tool: str, kept: dict[str, Any]) -> Outcome | None:
    """ "Leave a message" for "yes", when a message for somebody was offered."""
    wish = request(heard)
    if tool != "take_message" or not isinstance(wish, Ask) or wish.expectation.tool != tool:
        return None
    return call_or_ask(tool, {**kept, **wish.expectation.arguments})


def spoken_digits(text: str) -> str:
    """A dictated number: words and figures in a row, "double five" for two, and what corrects itself corrected."""
    said, *again = _SAID_AGAIN.split(text)
    digits = _figures(said)
    for piece in again:
        new = _figures(piece)
        # A whole number replaces what was said, a few digits replace as many at its end.
        digits = new if len(new) >= 7 else digits[: len(digits) - len(new)] + new if new else digits
    return digits if len(digits) >= 3 else ""


def _figures(text: str) -> str:
    digits, times = "", 1
    for word in text.split():
        if word in ("double", "triple"):
            times = 2 if word == "double" else 3
            continue
        figure = _DIGITS.get(word, word if word.isdigit() else "")
        digits, times = digits + figure * times, 1
    return digits
