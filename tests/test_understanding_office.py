"""What somebody who is rung answers, and what a caller on hold wants: small rules without a model."""

import pytest

from agent.offline.understand.office import hold_answer, is_machine, office_answer


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("Yes.", "accepted"),
        ("sure, put him through please", "accepted"),
        ("I'll take it", "accepted"),
        ("okay, connect me", "accepted"),
        ("No, I can't.", "declined"),
        ("sorry, not right now", "declined"),
        ("I'm busy", "declined"),
        ("take a message", "message"),
        ("no, can you take a message please", "message"),
        ("hello?", None),
        ("who is that", None),
        ("Hi, you've reached Karen, please leave a message after the beep", None),
    ],
)
def test_an_employee_accepts_declines_or_wants_a_message(said: str, answer: str | None):
    got = office_answer(said)
    assert got == answer or (answer is None and is_machine(said))


@pytest.mark.parametrize(
    "greeting",
    [
        "you have reached the voicemail of Karen Miller",
        "I am not available right now",
        "record your message at the tone",
    ],
)
def test_a_voicemail_never_accepts(greeting: str):
    assert is_machine(greeting)
    assert office_answer(greeting) is None


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("I'd like to leave a message", "message"),
        ("never mind", "cancel"),
        ("I'll wait", "wait"),
        ("the gate is open", None),
    ],
)
def test_a_caller_on_hold_may_leave_a_message_give_up_or_wait(said: str, wish: str | None):
    assert hold_answer(said) == wish
