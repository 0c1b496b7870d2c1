"""When a caller has finished speaking."""

from __future__ import annotations

import pytest
from livekit.agents import llm

from agent.turns import DONE, OPEN, Expectation, Expecting, WordsTurnDetector, ends_open

DIGITS, YES_NO = Expectation("digits"), Expectation("yes_no")


@pytest.mark.parametrize(
    "words",
    [
        "put down a note that",
        "I used two connectors and",
        "the customer wants to",
        "clock me in on the",
        "um",
        "I was, uh,",
        "take four cameras from",
    ],
)
def test_caller_in_the_middle_of_a_sentence_is_not_cut_off(words: str) -> None:
    assert ends_open(words)


@pytest.mark.parametrize(
    "words",
    ["what's next", "clock me in on truck two oh one", "I'm done here", "add a note", "who's got dome cameras?", "yes"],
)
def test_complete_sentence_is_answered_at_once(words: str) -> None:
    assert not ends_open(words)


@pytest.mark.parametrize("words", ["yes", "no", "yeah", "no no", "it is"])
def test_yes_or_no_to_a_question_does_not_wait(words: str) -> None:
    assert not ends_open(words, YES_NO)


def test_caller_who_hesitates_over_a_question_gets_time() -> None:
    assert ends_open("um", YES_NO)


def test_number_that_has_only_begun_gets_time() -> None:
    assert ends_open("two hundred", DIGITS)
    assert ends_open("truck", DIGITS)
    assert not ends_open("two oh one", DIGITS)


async def test_detector_reads_the_callers_last_words_only() -> None:
    detector = WordsTurnDetector(Expecting())
    talk = llm.ChatContext.empty()
    talk.add_message(role="user", content="put down a note that")
    assert await detector.predict_end_of_turn(talk) == OPEN
    talk.add_message(role="assistant", content="and")
    talk.add_message(role="user", content="what's next")
    assert await detector.predict_end_of_turn(talk) == DONE
    assert await detector.supports_language(None)
