"""English: `say` finds the sentence for a tool's result, a refusal's reason, or a moment of the call."""

from agent.speech.en import asks, call, customer, danger, day, parts, reception, refusals, transfer, unread
from agent.speech.sentence import Facts, Sentence

_SENTENCES: dict[str, Sentence] = {
    **call.SENTENCES,
    **asks.SENTENCES,
    **day.SENTENCES,
    **unread.SENTENCES,
    **parts.SENTENCES,
    **reception.SENTENCES,
    **customer.SENTENCES,
    **transfer.SENTENCES,
    **danger.SENTENCES,
    **refusals.SENTENCES,
}
NAMES: frozenset[str] = frozenset(_SENTENCES)
"""Every name that `say` knows: tools, refusal reasons, and fixed sentences."""
FILLERS: tuple[str, ...] = call.FILLERS
"""What is said when an answer takes longer than usual; short, so that it can be cached as sound."""


def say(name: str, facts: Facts | None = None, tz: str = "UTC") -> str:
    """The one or two sentences for `name`.

    `facts` are a line function's result or a refusal's facts; times in them are UTC and spoken in `tz`, the
    company's IANA zone. Raises KeyError for a name that is not in `NAMES`.
    """
    return _SENTENCES[name](facts or {}, tz)
