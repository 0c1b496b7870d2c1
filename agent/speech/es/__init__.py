"""Spanish: the same names as English, for companies and callers who speak it."""

from agent.speech import en
from agent.speech.es import asks, call, customer, danger, day, parts, reception, refusals, transfer, unread
from agent.speech.sentence import Facts, Sentence

_SENTENCES: dict[str, Sentence] = {
    **call.SENTENCES,
    **asks.SENTENCES,
    **day.SENTENCES,
    **unread.SENTENCES,
    **parts.SENTENCES,
    **reception.SENTENCES,
    **transfer.SENTENCES,
    **customer.SENTENCES,
    **danger.SENTENCES,
    **refusals.SENTENCES,
}
NAMES: frozenset[str] = frozenset(_SENTENCES)
"""Every name that `say` knows; a test holds it equal to English."""
FILLERS: tuple[str, ...] = call.FILLERS
"""What is said when an answer takes longer than usual."""


def say(name: str, facts: Facts | None = None, tz: str = "UTC") -> str:
    """As `agent.speech.en.say`; a sentence that is missing here is said in English rather than not at all."""
    sentence = _SENTENCES.get(name)
    return sentence(facts or {}, tz) if sentence else en.say(name, facts, tz)
