"""Talk that needs no tool: greetings, thanks, help, "say that again", and secrets that must not be spoken."""

import re

from agent.offline.understand.outcome import Ask, Outcome, Repeat
from agent.offline.understand.words import Heard
from agent.speech import speech
from agent.turns import Expectation

_PIN = re.compile(
    r"\b(?:my|the) (?:pin|pass ?code|password|pin number|pin code) (?:is|it is|code is|number is)?\b|\bpin (?:is )?(?:zero|one|two|three|four|five|six|seven|eight|nine|oh|\d)"
)
_ASKS_PIN = re.compile(r"(?:what|where|how|can|could|reset|change|forgot|give|tell)\b")
_REPEAT = re.compile(
    r"(?:sorry |pardon |please |can you |could you |would you )*(?:(?:say|repeat) (?:that|it)(?: again)?|repeat|come again|pardon|pardon me|"
    r"what (?:did you say|was that)|one more time|say again|i (?:did not|could not) (?:hear|catch|get) (?:that|you)|again)(?: please| again)* "
)
_TALK = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (r"(?:hey |hi |hello |good morning |good afternoon |good evening |morning |hey there )+", "hello"),
        (r"(?:ok |great |cool |perfect )*(?:thanks|thank you|much appreciated|thanks a lot|thank you very much|thank you so much) (?:again |man |very much |so much )?", "welcome"),
        (r"(?:help|help me|what can (?:you|i) (?:do|say|ask)(?: here)?|what are my options|how does this work) ", "help"),
        (r"(?:are you|am i talking to|is this) (?:a |an )?(?:robot|machine|computer|human|person|real person|real|bot) ", "robot"),
        (r"(?:(?:i am|we are) )?(?:all )?(?:done|finished|through) ", "done_or_bye"),
    )
)  # fmt: skip
_WAIT = re.compile(
    r"(?:hold on|hang on|wait|one moment|one second|one sec|just a second|just a sec|just a minute|just a moment|a second|give me a (?:second|sec|minute|moment)|"
    r"let me (?:think|check|see)|wait a (?:second|minute|sec)|hold please)(?: please| a second| a minute| let me check| let me see)* "
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
