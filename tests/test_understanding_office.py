"""What somebody who is rung answers, and what a caller on hold wants: small rules without a model.

The lists were written before the rules of today met them and are not edited to suit them.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.offline.understand.office import hold_answer, is_machine, office_answer

LISTS = Path(__file__).parent / "phrasings"


def listed(name: str) -> Any:
    return yaml.safe_load((LISTS / name).read_text())


ANSWERS = [
    (language, entry["say"], entry["answer"])
    for language, name in (("en", "office-answers.yaml"), ("es", "office-answers-spanish.yaml"))
    for entry in listed(name)
]
WISHES = [
    (language, entry["say"], entry["wish"])
    for language, entries in listed("hold-answers.yaml").items()
    for entry in entries
]


@pytest.mark.parametrize(("language", "said", "answer"), ANSWERS, ids=[f"{lang}-{said}" for lang, said, _ in ANSWERS])
def test_an_answer_is_understood_and_a_machine_never_accepts(language: str, said: str, answer: str):
    heard = "machine" if is_machine(said, language) else office_answer(said, language) or "unclear"
    assert heard == answer
    assert not (is_machine(said, language) and office_answer(said, language))


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("sure, put him through please", "accepted"),
        ("okay, connect me", "accepted"),
        ("No, I can't.", "declined"),
        ("sorry, not right now", "declined"),
        ("no, can you take a message please", "message"),
        ("no, okay", "declined"),
        ("who is that", None),
    ],
)
def test_an_employee_accepts_declines_or_wants_a_message(said: str, answer: str | None):
    assert office_answer(said) == answer


@pytest.mark.parametrize(
    "greeting",
    [
        "you have reached the voicemail of Karen Miller",
        "I am not available right now",
        "record your message at the tone",
        "deje su mensaje después del tono",
    ],
)
def test_a_voicemail_never_accepts(greeting: str):
    assert is_machine(greeting)
    assert office_answer(greeting) is None


def test_spanish_answers_count_where_the_line_speaks_spanish_only():
    assert office_answer("uno", "en") is None
    assert office_answer("uno", "es-MX") == "accepted"
    assert hold_answer("mensaje", "en") is None


@pytest.mark.parametrize(("language", "said", "wish"), WISHES, ids=[f"{lang}-{said}" for lang, said, _ in WISHES])
def test_a_caller_on_hold_may_leave_a_message_give_up_or_wait(language: str, said: str, wish: str):
    assert (hold_answer(said, language) or "nothing") == wish
