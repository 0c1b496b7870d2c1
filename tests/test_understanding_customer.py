"""What customers say about their visits, and what the rules make of it: no database, no key, no network."""

from random import Random

import pytest

from agent.offline.phrase_syntax import Choice, Word, draw, parse
from agent.offline.rules import Ask, NotUnderstood, Understood
from agent.offline.understand import Outcome
from agent.offline.understand.customer import at_customer, at_front_desk
from agent.offline.understand.visit_times import wish
from agent.offline.understand.wordings.customer import PHRASES
from agent.offline.understand.words import hear
from agent.turns import NOTHING, Expectation
from bench.wordings import COMPANY, LINES

CUSTOMER = LINES[1]
READ_BACK = {"day": "2026-03-05", "time": "08:00", "reason": "a repair", "confirmed": True}


def is_write(outcome: Outcome) -> bool:
    return CUSTOMER.writes(outcome)


@pytest.mark.parametrize(
    "said",
    ["cancel my appointment", "move my visit to Friday", "book a repair", "tell him to use the back gate"],
)
@pytest.mark.parametrize("denial", ["I don't want you to", "do not", "my neighbor told me to", "what if I"])
def test_a_denied_wish_is_not_carried_out(said: str, denial: str) -> None:
    assert not is_write(at_customer(f"{denial} {said}", COMPANY))


SLOTS = {
    "day": ["today", "friday", "march tenth"],
    "time": ["ten thirty", "half past two", "nine a m"],
    "free": ["the dog is in the yard"],
}
RULES = {name: Choice(tuple(Word(word) for word in words)) for name, words in SLOTS.items()}


@pytest.mark.parametrize("tool", PHRASES)
def test_every_phrase_that_the_ears_listen_for_is_understood_as_its_tool(tool: str) -> None:
    chance = Random(7)
    for phrase in PHRASES[tool]:
        for _ in range(20):
            said = " ".join(draw(parse(phrase), RULES, chance))
            outcome = at_customer(said, COMPANY)
            meant = outcome.tool if isinstance(outcome, Understood) else getattr(outcome, "expectation", NOTHING).tool
            assert meant == tool, f"{said!r} -> {outcome}"


@pytest.mark.parametrize(
    ("tool", "said", "agreed"),
    [
        ("cancel_visit", "cancel it", True),
        ("book_visit", "cancel it", False),
        ("book_visit", "book it please", True),
        ("cancel_visit", "yes please cancel it", True),
        ("move_visit", "yes but not now", False),
        ("book_visit", "maybe", False),
        ("book_visit", "thanks", False),
    ],
)
def test_the_same_words_are_a_yes_to_one_question_and_a_no_to_another(tool: str, said: str, agreed: bool) -> None:
    outcome = at_customer(said, COMPANY, Expectation("yes_no", tool, READ_BACK))
    assert (outcome == Understood(tool, READ_BACK)) is agreed


def test_a_no_to_a_proposed_time_asks_for_a_better_one() -> None:
    outcome = at_customer("no", COMPANY, Expectation("yes_no", "book_visit", READ_BACK))
    assert isinstance(outcome, Ask)
    assert outcome.expectation == Expectation("anything", "book_visit", {"reason": "a repair"}, "day")
    better = at_customer("Friday afternoon would be better", COMPANY, outcome.expectation)
    assert better == Understood("book_visit", {"reason": "a repair", "day": "friday", "time": "afternoon"})


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("on thursday morning", {"day": "thursday", "time": "morning"}),
        ("monday at ten in the morning", {"day": "monday", "time": "10:00"}),
        ("in the afternoon on friday", {"day": "friday", "time": "afternoon"}),
        ("next week", {"day": "next monday"}),
        ("as soon as possible", {}),
        ("tomorrow because it leaks", {"day": "tomorrow", "reason": "it leaks"}),
        ("with pleasure", None),
    ],
)
def test_day_and_time_are_read_in_any_order(said: str, read: dict[str, str] | None) -> None:
    assert wish(hear(said)) == read


def test_a_stranger_who_speaks_of_a_visit_is_served_as_a_customer() -> None:
    assert at_front_desk("I need to book a repair", COMPANY) == Understood("visits")
    assert at_front_desk("what are your hours", COMPANY) == Understood("company_facts", {"topic": "hours"})


def test_a_technicians_command_is_no_customers() -> None:
    assert isinstance(at_customer("what is my next job", COMPANY), NotUnderstood)


@pytest.mark.parametrize("said", ["book " * 400, "cancel my " * 300, "on friday " * 500, "\x00\x1b", "'; drop table"])
def test_endless_or_broken_talk_writes_nothing(said: str) -> None:
    outcome = at_customer(said, COMPANY)
    assert not is_write(outcome) or isinstance(outcome, Ask)
