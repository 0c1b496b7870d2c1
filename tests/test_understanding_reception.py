"""What anybody says to the reception, and what the rules make of it: no database, no key, no network."""

import pytest

from agent.offline.rules import Ask, NotUnderstood, Understood
from agent.offline.understand.reception import at_reception
from agent.offline.vocabulary import Vocabulary
from agent.turns import Expectation

COMPANY = Vocabulary(people=("Mike Johnson",), trucks=("201",))


@pytest.mark.parametrize(
    ("said", "tool", "arguments"),
    [
        ("when are you open?", "company_facts", {"topic": "hours"}),
        ("what are your hours", "company_facts", {"topic": "hours"}),
        ("Is the office open tomorrow", "company_facts", {"topic": "hours"}),
        ("where are you located", "company_facts", {"topic": "address"}),
        ("can you give me your address please", "company_facts", {"topic": "address"}),
        ("what services do you offer", "company_facts", {"topic": "services"}),
        ("are you open on Thanksgiving", "company_facts", {"topic": "holidays"}),
        ("where can I park", "company_facts", {"topic": "parking"}),
        ("Can I speak to Karen Miller, please?", "find_person", {"heard": "Karen Miller"}),
        ("is Mister Chen there", "find_person", {"heard": "Mister Chen"}),
        ("I'd like to talk to somebody in billing", "find_person", {"heard": "somebody in billing"}),
        ("who handles cameras", "find_person", {"heard": "cameras"}),
        ("put me through to sales", "transfer_call", {"department": "sales"}),
        ("when will Robert be back", "find_person", {"heard": "Robert"}),
        ("whoever does cameras", "find_person", {"heard": "whoever does cameras"}),
        ("a person", "transfer_call", {}),
        ("let me talk to a real person please", "transfer_call", {}),
        ("operator", "transfer_call", {}),
        ("tell Karen that the gate is open.", "take_message", {"for_person": "Karen", "text": "the gate is open"}),
        (
            "take an urgent message for the office saying the alarm is on",
            "take_message",
            {"for_person": "", "text": "the alarm is on", "urgent": True},
        ),
        ("can Nina Patel call me back", "request_callback", {"for_person": "Nina Patel"}),
        ("have somebody call me back", "request_callback", {"for_person": ""}),
        ("I'm one of your technicians", "identify", {}),
        ("what's my next job", "next_job", {}),
        ("goodbye", "say_goodbye", {}),
    ],
)
def test_request_becomes_a_tool_call(said: str, tool: str, arguments: dict[str, object]) -> None:
    assert at_reception(said, COMPANY) == Understood(tool, arguments)


@pytest.mark.parametrize(
    ("said", "tool", "slot"),
    [
        ("I want to leave a message", "take_message", "for_person"),
        ("a message please", "take_message", "for_person"),
        ("can I leave a message for Karen", "take_message", "text"),
        ("call me back please", "request_callback", "for_person"),
        # Ears hear a "for the" in the breath at the end; that is nobody's name.
        ("I'd like to leave a message for the", "take_message", "for_person"),
    ],
)
def test_what_is_missing_is_asked_for(said: str, tool: str, slot: str) -> None:
    outcome = at_reception(said, COMPANY)
    assert isinstance(outcome, Ask)
    assert (outcome.expectation.tool, outcome.expectation.slot) == (tool, slot)


@pytest.mark.parametrize("said", ["yes", "leave her a message", "leave a message for her", "a message please"])
def test_a_message_that_was_offered_is_for_whom_it_was_offered(said: str) -> None:
    offered = Expectation("yes_no", "take_message", {"for_person": "Karen Miller"})
    outcome = at_reception(said, COMPANY, offered)
    assert isinstance(outcome, Ask)
    assert (outcome.expectation.arguments, outcome.expectation.slot) == ({"for_person": "Karen Miller"}, "text")


READ_BACK = Expectation("yes_no", "take_message", {"for_person": "Karen", "text": "Hello", "confirmed": True})


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ("yes", {"confirmed": True}),
        ("no, my number is two oh two five double five oh one seven seven", {"number": "2025550177"}),
        ("no, my name is Jane Roe", {"caller_name": "Jane Roe"}),
        ("no, it's for Nina Patel", {"for_person": "Nina Patel"}),
        ("yes but make it urgent", {"urgent": True}),
    ],
)
def test_read_back_is_confirmed_or_corrected(said: str, changed: dict[str, object]) -> None:
    wanted = {"for_person": "Karen", "text": "Hello", **changed}
    assert at_reception(said, COMPANY, READ_BACK) == Understood("take_message", wanted)


@pytest.mark.parametrize("said", ["no", "no thanks", "never mind", "no that is all wrong"])
def test_no_keeps_nothing(said: str) -> None:
    outcome = at_reception(said, COMPANY, READ_BACK)
    assert isinstance(outcome, Ask) and outcome.expectation.tool is None


def test_dictated_message_is_kept_as_it_was_said() -> None:
    asked = Expectation("free_text", "take_message", {"for_person": "Karen"}, "text")
    said = "Tell her that I can't talk to Robert about my hours."
    assert at_reception(said, COMPANY, asked) == Understood(
        "take_message", {"for_person": "Karen", "text": "I can't talk to Robert about my hours"}
    )


@pytest.mark.parametrize("said", ["purple monkey dishwasher", "the weather is nice", ""])
def test_what_is_none_of_it_is_not_understood(said: str) -> None:
    assert isinstance(at_reception(said, COMPANY), NotUnderstood)


def test_who_is_asked_for_a_name_may_order_the_whole_connection_again() -> None:
    asked = Expectation("free_text", "transfer_call", {}, "whom")
    again = at_reception("connect me to Sara Williams", Vocabulary(), asked)
    assert again == Understood("transfer_call", {"whom": "Sara Williams"})
