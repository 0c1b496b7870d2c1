"""What is read back letter by letter, in both languages."""

from __future__ import annotations

import pytest

from agent.speech import speech
from agent.speech.spelled import ALPHABETS, readable, spelled

TEXT = "the gate is open, write to r.o7@example.com"


def test_every_letter_has_a_word_that_begins_with_it() -> None:
    assert set(ALPHABETS["en"].words) == set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert set(ALPHABETS["es"].words) == set("ABCDEFGHIJKLMNÑOPQRSTUVWXYZ")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "R as in Romeo, Í as in India, 4, dash, B as in Bravo"),
        ("es", "R de Ramón, Í de Inés, 4, guion, B de Bogotá"),
    ],
)
def test_letters_are_told_by_words(language: str, said: str) -> None:
    assert spelled("rí4-b", language) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("r.o@example.com", "R as in Romeo, dot, O as in Oscar, at example dot com"),
        ("a.b.c@example.com", "A as in Alfa, dot, B as in Bravo, dot, C as in Charlie, at example dot com"),
        ("serial XK41B", "serial X as in X-ray, K as in Kilo, 4, 1, B as in Bravo"),
        ("my name is Ann O-R-T", "my name is Ann O as in Oscar, R as in Romeo, T as in Tango"),
        ("L e e", "L as in Lima, E as in Echo, E as in Echo"),
        ("I need an RJ45 plug at 4 p.m. on truck 201", "I need an RJ45 plug at 4 p.m. on truck 201"),
        ("Jane Doe", "Jane Doe"),
        ("", ""),
    ],
)
def test_only_what_must_be_right_by_letter_is_spelled(text: str, said: str) -> None:
    assert readable(text) == said


def test_endless_letters_are_not_spelled() -> None:
    assert readable(f"{'a' * 200}@example.com").startswith("aaaa")


@pytest.mark.parametrize(
    ("language", "spelled_out"),
    [
        ("en", "R as in Romeo, dot, O as in Oscar, 7, at example dot com. Is that right?"),
        ("es", "R de Ramón, punto, O de Oscar, 7, arroba example punto com. ¿Es correcto?"),
    ],
)
def test_address_in_a_message_is_read_back_by_letters(language: str, spelled_out: str) -> None:
    said = speech(language).say(
        "confirm_message", {"for": "Nina Patel", "caller_name": "Ray O R T", "text": TEXT}, "UTC"
    )
    assert said.endswith(spelled_out)
    assert ("T as in Tango" if language == "en" else "T de Tomás") in said


@pytest.mark.parametrize("language", ["en", "es"])
def test_spelled_name_is_read_back_by_letters_for_a_call_back(language: str) -> None:
    said = speech(language).say("confirm_callback", {"for": "Nina Patel", "caller_name": "O-R-T"}, "UTC")
    assert spelled("ORT", language) in said
