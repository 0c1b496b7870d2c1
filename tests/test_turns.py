"""When a caller has finished speaking."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import llm

from agent.offline.vocabulary import Vocabulary
from agent.turns import NOTHING, Expectation, Expecting
from agent.turns.backchannel import is_nod
from agent.turns.detector import DONE, OPEN, TurnDetector
from agent.turns.judge import Ending, judge
from agent.turns.patience import LONGEST_S, SOONEST_S, Patience

COMPANY = Vocabulary(
    people=("Sarah Chen",),
    parts=("RJ45 Connector", "IP Dome Camera", "Cat6 Cable", "BNC Connector"),
    aliases=("connectors", "cat six", "dome cameras"),
    trucks=("201", "202", "210"),
)
YES_NO = Expectation("yes_no", "complete_job")
TRUCK = Expectation("digits", "clock_in", {}, "truck")
ORDER = Expectation("digits", "job_details", {}, "number")
PHONE = Expectation("digits", "take_message", {}, "phone")
AMOUNT = Expectation("digits", "use_part", {"part": "RJ45 Connector"}, "quantity")
NOTE = Expectation("free_text", "add_note", {}, "note")
WHICH = Expectation("choice", "use_part", {}, "part", ("RJ45 Connector", "BNC Connector"))


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        *((NOTHING, text) for text in ("put down a note that", "I used two connectors and", "the customer wants to")),
        *((NOTHING, text) for text in ("clock me in on the", "um", "I was, uh,", "take four cameras from", "I used")),
        *((NOTHING, text) for text in ("clock me in on truck", "clock me in on truck two", "I used three", "hold on")),
        *((NOTHING, text) for text in ("add a note that the north", "let the office know", "what's the", "add a")),
        *((NOTHING, text) for text in ("five five five one two", "I replaced", "tell the office", "is the")),
        *((NOTHING, text) for text in ("it is truck two", "it's for work order one oh", "I'm on unit two oh")),
        *((YES_NO, text) for text in ("um", "yes but", "wait", "hang on a second")),
        *((TRUCK, text) for text in ("two", "two oh", "two hundred", "truck", "it's", "two hundred and")),
        *((ORDER, text) for text in ("ten", "ten oh", "order number")),
        *((PHONE, text) for text in ("two oh two", "two oh two five five five", "two oh two five five five oh one")),
        *((AMOUNT, text) for text in ("a hundred and", "about")),
        *((NOTE, text) for text in ("the north", "the gate code is four four one two and", "water in the")),
        *((WHICH, text) for text in ("the", "the first")),
    ],
)
def test_caller_in_the_middle_of_something_is_not_cut_off(expected: Expectation, words: str) -> None:
    assert judge(words, expected, COMPANY) is Ending.OPEN


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        *((NOTHING, text) for text in ("what's next", "clock me in on truck two oh one", "who's got dome cameras?")),
        *((NOTHING, text) for text in ("clock me out", "I used three connectors", "what's my next job", "bye")),
        *((NOTHING, text) for text in ("take four dome cameras from truck two oh two", "")),
        *((YES_NO, text) for text in ("yes", "no", "yeah", "no no", "it is", "yes please", "not yet")),
        *((TRUCK, text) for text in ("two oh one", "truck two oh two", "two zero one", "two ten", "never mind")),
        *((ORDER, text) for text in ("ten forty two", "one zero four two")),
        (PHONE, "two oh two five five five oh one seven seven"),
        *((AMOUNT, text) for text in ("two", "twenty five", "never mind")),
        *((WHICH, text) for text in ("the first one", "bnc")),
    ],
)
def test_whole_answers_and_requests_are_answered_at_once(expected: Expectation, words: str) -> None:
    assert judge(words, expected, COMPANY) is Ending.DONE


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (NOTHING, "clock me in"),
        (NOTHING, "add a note"),
        (NOTHING, "can you tell me whether the recorder is still under warranty"),
        (NOTHING, "add a note that it's broken"),
        (NOTHING, "tell the office I will be late"),
        (ORDER, "ten forty"),
        (PHONE, "five five five oh one seven seven"),
        (AMOUNT, "twenty"),
        (NOTE, "never mind"),
    ],
)
def test_what_the_words_leave_open_waits_a_little(expected: Expectation, words: str) -> None:
    assert judge(words, expected, COMPANY) is Ending.LIKELY


@pytest.mark.parametrize(
    ("expected", "words"),
    [(NOTHING, "add a note that the camera on the roof has water in it"), (NOTE, "the north camera has water in it")],
)
def test_a_dictation_gets_time_to_think_of_the_next_sentence(expected: Expectation, words: str) -> None:
    assert judge(words, expected, COMPANY) is Ending.DICTATED


def test_waits_grow_with_openness_and_stay_inside_the_limit() -> None:
    waits = [Patience().wait_s(ending) for ending in (Ending.DONE, Ending.LIKELY, Ending.DICTATED, Ending.OPEN)]
    assert waits == sorted(waits)
    assert waits[0] == SOONEST_S
    assert waits[-1] == LONGEST_S


def test_pauses_where_everybody_pauses_say_nothing_about_a_caller() -> None:
    caller = Patience()
    for at in (10.0, 20.0, 30.0):
        caller.fell_silent(at)
        caller.stood(Ending.OPEN)
        caller.spoke(at + 1.0)
    assert caller.wait_s(Ending.LIKELY) == Patience().wait_s(Ending.LIKELY)


def test_a_caller_who_pauses_gets_more_time_and_never_more_than_the_limit() -> None:
    slow = Patience()
    for turn in range(4):
        slow.fell_silent(10.0 * turn)
        slow.spoke(10.0 * turn + 0.9)
    assert Patience().wait_s(Ending.LIKELY) < slow.wait_s(Ending.LIKELY) <= LONGEST_S
    assert slow.wait_s(Ending.DONE) == SOONEST_S


def test_a_caller_who_was_cut_off_twice_is_given_grace() -> None:
    hasty = Patience()
    for turn in range(2):
        hasty.fell_silent(10.0 * turn)
        hasty.answered(10.0 * turn + 0.3)
        hasty.spoke(10.0 * turn + 0.6)
    assert hasty.wait_s(Ending.DONE) > SOONEST_S


def test_an_answer_to_the_agent_is_no_pause() -> None:
    quick = Patience()
    for turn in range(4):
        quick.fell_silent(10.0 * turn)
        quick.answered(10.0 * turn + 0.3)
        quick.spoke(10.0 * turn + 5)
    assert quick.wait_s(Ending.LIKELY) == Patience().wait_s(Ending.LIKELY)
    assert quick.wait_s(Ending.DONE) == SOONEST_S


async def test_detector_reads_the_callers_last_words_only() -> None:
    detector = TurnDetector(Expecting())
    assert await detector.predict_end_of_turn(talk("put down a note that")) == OPEN
    assert await detector.predict_end_of_turn(talk("put down a note that", "what's next")) == DONE
    assert await detector.supports_language(None)


async def test_words_that_are_still_guessed_count_and_get_time_to_become_final() -> None:
    clock = [100.0]
    detector = TurnDetector(Expecting(), COMPANY, now=lambda: clock[0])
    detector.transcribed(heard("on the", final=False))
    assert await detector.predict_end_of_turn(talk("clock me in")) == OPEN

    detector.transcribed(heard("on truck two oh one", final=False))
    detector.user_state(state("speaking", "listening"))
    asked = asyncio.ensure_future(detector.predict_end_of_turn(talk("clock me in")))
    await asyncio.sleep(0)
    assert not asked.done(), "the words were not final yet"
    asked.cancel()

    detector.transcribed(heard("on truck two oh one", final=True))
    assert await detector.predict_end_of_turn(talk("clock me in on truck two oh one")) == DONE


async def test_silence_that_has_passed_already_is_not_waited_for_again() -> None:
    clock = [100.0]
    detector = TurnDetector(Expecting(), COMPANY, now=lambda: clock[0])
    detector.user_state(state("speaking", "listening"))
    clock[0] += 60
    async with asyncio.timeout(10):
        assert await detector.predict_end_of_turn(talk("clock me in")) == DONE


@pytest.mark.parametrize("words", ["uh-huh", "okay", "Yeah.", "mm hmm", "yeah yeah", "got it", "I see", "all right"])
def test_listening_sounds_are_no_turn(words: str) -> None:
    assert is_nod(words, NOTHING)
    assert not is_nod(words, YES_NO), "here it is an answer"
    assert not is_nod(words, NOTHING, question=True), "the agent is just asking"


@pytest.mark.parametrize("words", ["stop", "no", "wait", "okay stop", "yes but the other one", "it", "next job please"])
def test_words_that_mean_something_are_heard(words: str) -> None:
    assert not is_nod(words, NOTHING)


def talk(*said: str) -> llm.ChatContext:
    context = llm.ChatContext.empty()
    for text in said:
        context.add_message(role="assistant", content="and")
        context.add_message(role="user", content=text)
    return context


def heard(text: str, *, final: bool) -> Any:
    return SimpleNamespace(transcript=text, is_final=final)


def state(old: str, new: str) -> Any:
    return SimpleNamespace(old_state=old, new_state=new)
