"""Talk that needs no tool: greetings, thanks, help, "say that again", and secrets that must not be spoken."""

import re

from agent.offline.understand.outcome import Ask, Outcome, Repeat
from agent.offline.understand.words import Heard, one_of
from agent.speech import speech
from agent.turns import Expectation

_DIGIT = one_of("zero, one, two, three, four, five, six, seven, eight, nine, oh, \\d")
_SECRET = one_of("pin, pass ?code, password, pin number, pin code")
_PIN = re.compile(rf"\b(?:(?:my|the) {_SECRET} (?:is |it is )?|pin (?:is )?{_DIGIT} )")
_ASKS_PIN = re.compile(one_of("what, where, how, can, could, reset, change, forgot, give, tell") + " ")
_POLITE = one_of("sorry, pardon, please, can you, could you, would you")
_AGAIN = one_of(
    "(?:say|repeat) (?:that|it)(?: again)?, repeat, come again, pardon, pardon me, what (?:did you say|was that), "
    "one more time, say again, i (?:did not|could not) (?:hear|catch|get) (?:that|you), again"
)
_REPEAT = re.compile(rf"(?:{_POLITE} )*{_AGAIN}(?: please| again)* ")
_A_MOMENT = "(?:one|a|just a|give me a|wait a) (?:moment|second|sec|minute)"
_WAIT = re.compile(
    rf"(?:{one_of('hold on, hang on, wait, hold please, let me (?:think|check|see)')}|{_A_MOMENT})"
    r"(?: please| a second| a minute| let me (?:check|see))* "
)
_HELLO = one_of("hey, hi, hello, good morning, good afternoon, good evening, morning, hey there")
_THANKS = one_of("thanks, thank you, much appreciated, thanks a lot, thank you very much, thank you so much")
_HELP = one_of("help, help me, what can (?:you|i) (?:do|say|ask)(?: here)?, what are my options, how does this work")
_ROBOT = one_of("robot, machine, computer, human, person, real person, real, bot")
_TALK = (
    (re.compile(rf"(?:{_HELLO} )+"), "hello"),
    (re.compile(rf"(?:{one_of('ok, great, cool, perfect')} )*{_THANKS} (?:again |man )?"), "welcome"),
    (re.compile(f"{_HELP} "), "help"),
    (re.compile(rf"(?:are you|am i talking to|is this) (?:a |an )?{_ROBOT} "), "robot"),
    (re.compile(r"(?:(?:i am|we are) )?(?:all )?(?:done|finished|through) "), "done_or_bye"),
)


def small_talk(heard: Heard, expectation: Expectation) -> Outcome | None:
    """The answer to talk of this kind, or None."""
    text = heard.text
    say = speech("en").say
    if speaks_secret(heard):
        return Ask(say("pin_spoken"), expectation)
    if _REPEAT.fullmatch(text):
        return Repeat()
    if _WAIT.fullmatch(text) and expectation.kind != "yes_no":
        return Ask(say("wait"), expectation)
    for pattern, sentence in _TALK:
        if pattern.fullmatch(text):
            return Ask(say(sentence))
    return None


def speaks_secret(heard: Heard) -> bool:
    """Whether somebody says a PIN aloud, which then must be kept nowhere."""
    return bool(_PIN.search(heard.text)) and not _ASKS_PIN.match(heard.text)
