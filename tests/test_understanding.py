"""What a technician says, and what the rules make of it: no database, no key, no network.

The lists in `phrasings/` were each written before the rules met them. The share that was right at that first meeting:
technician.yaml 97 % (and no wrong write), unseen.yaml 67 % (one write of a nonsensical quantity), fresh.yaml 64 %
(one note with a stray word); what was missed then was answered by "I did not understand".
"""

from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from agent.offline.phrase_syntax import Choice, Word, draw, parse
from agent.offline.phrases import PHRASES
from agent.offline.rules import Ask, NotUnderstood, Repeat, Understood, understand
from agent.offline.understand.needs import READS
from agent.offline.vocabulary import Vocabulary
from agent.turns import Expectation

LISTS = Path(__file__).parent / "phrasings"
SHARE_RIGHT = {"technician.yaml": 0.98, "unseen.yaml": 0.98, "fresh.yaml": 0.9}
COMPANY = Vocabulary.from_facts(
    {
        "people": ["Mike Johnson", "Sarah Williams", "David Chen", "Alex Rodriguez"],
        "customers": ["City Bank", "Medical Center", "School District"],
        "parts": [
            "IP Dome Camera",
            "Bullet Camera",
            "Analog Camera",
            "PTZ Camera",
            "Cat6 Cable",
            "RG59 Siamese Cable",
            "Shielded Cat6 Cable",
            "RJ45 Connector",
            "BNC Connector",
            "Crimpers",
            "Testers",
            "Fish Tape",
            "Drill Kit",
            "12V Power Supply",
            "PoE Injector",
            "PoE Switch",
        ],
        "aliases": ["cat six", "r j forty five", "dome camera"],
        "trucks": ["201", "202", "203", "204"],
    }
)


def entries(name: str) -> list[dict[str, Any]]:
    return yaml.safe_load((LISTS / name).read_text())


EVERY_ENTRY = [entry for name in SHARE_RIGHT for entry in entries(name)]


def heard(entry: dict[str, Any]) -> Understood | Ask | Repeat | NotUnderstood:
    after = entry.get("after", {})
    options = tuple(after.get("options", ()))
    return understand(entry["say"], COMPANY, Expectation(**{**after, "options": options}))


def plain(arguments: Any) -> dict[str, Any]:
    return {
        key: value.lower().replace("-", " ") if isinstance(value, str) else value for key, value in arguments.items()
    }


def is_write(outcome: object) -> bool:
    return isinstance(outcome, Understood) and not {outcome.tool, *(call.tool for call in outcome.then)} <= READS


def is_call(outcome: object, entry: dict[str, Any]) -> bool:
    if not isinstance(outcome, Understood):
        return False
    wanted = [entry, *entry.get("then", [])]
    calls = [outcome, *outcome.then]
    return [(call.tool, plain(call.arguments)) for call in calls] == [
        (e["tool"], plain(e["arguments"])) for e in wanted
    ]


def is_right(outcome: object, entry: dict[str, Any]) -> bool:
    if "tool" in entry:
        asked = isinstance(outcome, Ask) and outcome.expectation.tool == entry["tool"]
        return is_call(outcome, entry) or (bool(entry.get("near")) and asked)
    if "ask" in entry:
        if not isinstance(outcome, Ask):
            return False
        expected, wanted = outcome.expectation, entry["ask"]
        return expected.tool == wanted["tool"] and wanted.get("slot") in (None, expected.slot)
    return not isinstance(outcome, Understood) if "nothing" in entry else not is_write(outcome)


@pytest.mark.parametrize("name", SHARE_RIGHT)
def test_most_wordings_lead_to_the_right_tool_with_the_right_arguments(name: str):
    listed = entries(name)
    wrong = [f"{entry['say']!r} -> {heard(entry)}" for entry in listed if not is_right(heard(entry), entry)]
    assert 1 - len(wrong) / len(listed) >= SHARE_RIGHT[name], "\n".join(wrong)


def test_no_wording_of_any_list_leads_to_a_wrong_write():
    wrong = [f"{e['say']!r} -> {heard(e)}" for e in EVERY_ENTRY if is_write(heard(e)) and not is_right(heard(e), e)]
    assert wrong == []


@pytest.mark.parametrize(
    "entry", [e for e in EVERY_ENTRY if "tool" in e and not e.get("after")], ids=lambda e: e["say"]
)
def test_a_denied_order_is_not_carried_out(entry: dict[str, Any]):
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
        e["say"] for e in EVERY_ENTRY if "after" not in e and "confirmed" in getattr(heard(e), "arguments", {})
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
