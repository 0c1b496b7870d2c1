"""What a technician says, and what the rules make of it: no database, no key, no network."""

from random import Random

import pytest

from agent.offline.phrase_syntax import Choice, Word, draw, parse
from agent.offline.phrases import PHRASES
from agent.offline.rules import Ask, Repeat, Understood, understand
from agent.offline.understand import Outcome
from agent.offline.vocabulary import Vocabulary
from agent.turns import Expectation
from bench.wordings import COMPANY, LINES, Entry

TECHNICIAN = LINES[0]
EVERY_ENTRY = TECHNICIAN.entries()


def is_write(outcome: Outcome) -> bool:
    return TECHNICIAN.writes(outcome)


@pytest.mark.parametrize(
    "entry", [e for e in EVERY_ENTRY if "tool" in e and not e.get("after")], ids=lambda e: e["say"]
)
def test_a_denied_order_is_not_carried_out(entry: Entry):
    for denial in ("I don't want you to", "do not", "he told me to", "you should never", "what if I"):
        assert not is_write(understand(f"{denial} {entry['say']}", COMPANY))


SLOTS = {
    "truck": ["two oh one", "two zero three"],
    "number": ["ten forty two", "one zero one two"],
    "quantity": ["two", "fifty feet of", "a dozen", "a couple of"],
    "part": ["cat six", "dome cameras", "r j forty five connectors", "twelve volt power supplies"],
    "day": ["today", "friday", "march tenth"],
    "time": ["ten thirty", "half past two", "nine a m"],
    "person": ["karen miller", "sarah"],
    "free": ["the north camera has water in it"],
}
RULES = {name: Choice(tuple(Word(word) for word in words)) for name, words in SLOTS.items()}


@pytest.mark.parametrize("tool", PHRASES)
def test_every_phrase_that_the_ears_listen_for_is_understood_as_its_tool(tool: str):
    chance = Random(7)
    for phrase in PHRASES[tool]:
        for _ in range(30):
            said = " ".join(draw(parse(phrase), RULES, chance))
            outcome = understand(said, COMPANY)
            meant = (
                outcome.tool if isinstance(outcome, Understood) else getattr(outcome, "expectation", Expectation()).tool
            )
            assert meant == tool, f"{said!r} -> {outcome}"


@pytest.mark.parametrize("said", ["yes", "yes please", "go ahead", "that's correct", "yep do it", "right"])
def test_yes_calls_exactly_what_was_asked(said: str):
    asked = Expectation("yes_no", "complete_job", {"summary": "New lens", "confirmed": True})
    assert understand(said, COMPANY, asked) == Understood("complete_job", {"summary": "New lens", "confirmed": True})


@pytest.mark.parametrize(
    "said",
    ["no", "stop", "wrong", "cancel", "no thanks", "not yet", "hang on", "never mind", "yes but not now", "maybe"],
)
def test_anything_but_a_yes_completes_nothing(said: str):
    asked = Expectation("yes_no", "complete_job", {"summary": "New lens", "confirmed": True})
    assert not isinstance(understand(said, COMPANY, asked), Understood)


def test_rules_never_confirm_by_themselves():
    confirmed = [
        e["say"]
        for e in EVERY_ENTRY
        if "after" not in e and "confirmed" in getattr(TECHNICIAN.outcome(e), "arguments", {})
    ]
    assert confirmed == []


def test_a_correction_takes_the_confirmation_back():
    asked = Expectation("yes_no", "use_part", {"part": "cat six", "quantity": 500, "confirmed": True})
    assert understand("no fifty", COMPANY, asked) == Understood("use_part", {"part": "cat six", "quantity": 50})


def test_dictated_text_is_kept_as_it_was_said():
    said = "Put down a note that Mr. O'Neil's NVR (2nd floor) says “E-42”, and tell the office"
    note = {"note": "Mr. O'Neil's NVR (2nd floor) says “E-42", "alert_office": True}
    assert understand(said, COMPANY) == Understood("add_note", note)


def test_a_missing_summary_is_asked_for_and_the_answer_completes():
    asked = understand("I'm done here", COMPANY)
    assert isinstance(asked, Ask)
    assert asked.expectation.kind == "free_text"
    done = understand("Swapped the PoE switch, all green.", COMPANY, asked.expectation)
    assert done == Understood("complete_job", {"summary": "Swapped the PoE switch, all green"})


def test_a_use_without_part_and_quantity_is_completed_by_two_answers():
    first = understand("I used some parts", COMPANY)
    assert isinstance(first, Ask)
    second = understand("bnc connectors", COMPANY, first.expectation)
    assert isinstance(second, Ask)
    assert understand("six", COMPANY, second.expectation) == Understood(
        "use_part", {"part": "bnc connectors", "quantity": 6}
    )


def test_a_spoken_pin_gets_a_warning_and_no_tool():
    outcome = understand("my pin is two zero one zero", COMPANY)
    assert isinstance(outcome, Ask)
    assert "PIN" in outcome.sentence
    assert "two" not in outcome.sentence


def test_say_that_again_repeats():
    assert understand("can you say that again", COMPANY) == Repeat()


@pytest.mark.parametrize(
    "said",
    [
        "um the the and and no no wait " * 30,
        "used " * 500,
        "two and " * 300,
        "a " * 1500,
        "\x00\x1b[2J",
        "'; drop table",
    ],
)
def test_endless_or_broken_talk_gets_an_answer_and_writes_nothing(said: str):
    assert not is_write(understand(said, COMPANY))


def test_rules_work_before_the_companys_words_are_known():
    assert understand("clock me in on truck two oh one", Vocabulary()) == Understood("clock_in", {"truck": 201})


@pytest.mark.parametrize("said", ["note that everything", "note that should tamper you bye"])
def test_a_goodbye_that_was_misheard_as_a_note_is_asked_back(said: str):
    outcome = understand(said, COMPANY)
    assert isinstance(outcome, Ask)
    assert (outcome.expectation.kind, outcome.expectation.tool) == ("yes_no", "add_note")
