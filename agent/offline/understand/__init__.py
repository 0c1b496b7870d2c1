"""Rules that turn a technician's words into a tool call, a question back, or an honest "not understood".

Deterministic and anchored: a phrase must be the whole utterance, politeness apart, so that questions, denials,
plans and talk about other people fit nothing and write nothing.
"""

from agent.offline.understand.answers import answer
from agent.offline.understand.commands import command
from agent.offline.understand.connect import connection
from agent.offline.understand.outcome import Ask, NotUnderstood, Outcome, Repeat, Understood
from agent.offline.understand.small_talk import small_talk
from agent.offline.understand.words import hear
from agent.offline.vocabulary import Vocabulary
from agent.speech import speech
from agent.turns import NOTHING, Expectation

__all__ = ["Ask", "NotUnderstood", "Outcome", "Repeat", "Understood", "understand"]

MAX_WORDS = 2000
"""More words than anybody says in one turn; the rest is not read."""


def understand(text: str, vocabulary: Vocabulary, expectation: Expectation = NOTHING) -> Outcome:
    """What `text` asks for, given what the line had asked (`expectation`). Pure: no clock, no state, no network."""
    heard = hear(text)
    if not heard.words or len(heard.words) > MAX_WORDS:
        return NotUnderstood()
    talk = small_talk(heard, expectation)
    if talk is not None and not (expectation.kind == "free_text" and isinstance(talk, Ask) and expectation.slot):
        return talk
    answered = answer(heard, vocabulary, expectation)
    if answered is not None:
        return answered
    if heard.text.strip() in ("yes", "yeah", "correct"):
        return Ask(speech("en").say("nothing_to_confirm"))
    return connection(heard) or command(heard, vocabulary)
