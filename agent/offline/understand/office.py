"""Small rules: what somebody who is rung answers, whether that is a machine, and what a caller on hold wants.

A line that speaks another language than English is answered in either, and a mailbox speaks the language of its owner.
"""

from collections.abc import Iterator

from agent.offline.understand.answered import HoldAnswer, OfficeAnswer, Rules
from agent.offline.understand.office_english import ENGLISH
from agent.offline.understand.office_spanish import SPANISH
from agent.offline.understand.spanish import plain
from agent.offline.understand.words import hear

__all__ = ["HoldAnswer", "OfficeAnswer", "hold_answer", "is_machine", "office_answer"]


def _rules(text: str, language: str) -> Iterator[tuple[Rules, str]]:
    if language.split("-")[0] == "es":
        yield SPANISH, plain(text).text
    yield ENGLISH, hear(text).text


def office_answer(text: str, language: str = "en") -> OfficeAnswer | None:
    """What somebody says who was asked whether they take a call; None when it is neither yes nor no."""
    if any(rules.recorded.search(said) for rules, said in _rules(text, "es")):
        return None
    return next((answer for rules, said in _rules(text, language) if (answer := rules.office(said))), None)


def is_machine(text: str, language: str = "en") -> bool:
    """Whether these are the words of a voicemail's greeting, in any language that is known."""
    recorded = any(rules.is_machine(said) for rules, said in _rules(text, "es"))
    return recorded and office_answer(text, language) is None


def hold_answer(text: str, language: str = "en") -> HoldAnswer | None:
    """What a caller on hold wants: leave a message, no longer wait, or wait on; None for anything else."""
    return next((wish for rules, said in _rules(text, language) if (wish := rules.hold(said))), None)
