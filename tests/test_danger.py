"""Danger in what callers say: found by a rule before any model, told at once on every line, and passed on to people.

Shares of `phrasings/danger.yaml` right at first meeting: 73 of 76 dangers, 23 of 24 in Spanish, no false alarm in 109
harmless sentences. `danger-fresh.yaml`, written when the rule stood: 33 of 40 dangers, 2 false alarms of 40.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.chat import text_call
from agent.danger import danger
from agent.speech import speech
from fieldline.store import LineStore
from tests.support.calls import COMPANY, MIKE, STRANGER, rows
from tests.support.lines import Connection, ask, one, value, wait
from tests.support.reception import JANE, call_from
from tests.support.stacks import Supabase
from tests.support.text_calls import FlakyStore, mike

LISTS = [
    yaml.safe_load(file.read_text()) for file in sorted((Path(__file__).parent / "phrasings").glob("danger*.yaml"))
]
DANGEROUS = [
    (kind, said, language)
    for found in LISTS
    for name, language in (("dangerous", "en"), ("dangerous_es", "es"))
    for kind, sentences in found.get(name, {}).items()
    for said in sentences
]
HARMLESS = [said for found in LISTS for name in ("harmless", "harmless_es") for said in found.get(name, [])]
DICTATED = ("add a note", "note that", "complete the job", "summary", "tell the office")


@pytest.mark.parametrize(("kind", "said", "language"), DANGEROUS, ids=[said for _, said, _ in DANGEROUS])
def test_danger_is_heard(kind: str, said: str, language: str) -> None:
    found = danger(said)
    assert found is not None
    assert (found.kind, found.language) == (kind, language)


@pytest.mark.parametrize("said", HARMLESS)
def test_every_days_business_is_no_danger(said: str) -> None:
    assert danger(said, technician=said.startswith(DICTATED)) is None


def test_words_of_a_technicians_note_are_danger_only_when_they_cannot_wait() -> None:
    assert danger("the attic is flooded") is not None
    assert danger("let the office know the attic is flooded", technician=True) is None
    assert danger("the outlet is sparking", technician=True, dictating=True) is None
    found = danger("add a note that I smell gas in the basement", technician=True)
    assert found is not None and found.dictated


def test_a_long_story_is_searched_in_time_and_to_its_end_is_not() -> None:
    assert danger("and then " * 100 + "there is smoke coming from the unit") is not None
    assert danger("and then " * 5000) is None
    assert danger("") is None


@pytest.mark.parametrize("language", ["en", "es"])
def test_sentence_for_every_danger_names_the_companys_emergency_number(language: str) -> None:
    kinds = [name for name in speech(language).NAMES if name.startswith("danger_")]
    assert len(kinds) == 8
    one_one_two = {"en": "one one two", "es": "uno uno dos"}[language]
    for name in kinds:
        assert one_one_two in speech(language).say(name, {"emergency_number": "112"})


async def test_stranger_is_warned_before_any_model_and_the_office_is_told(supabase: Supabase) -> None:
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        await call.answer()
        [said] = await call.say("hello, I smell gas in my kitchen")
    assert "Leave the building right now" in said and "call nine one one" in said and "can't call them" in said
    [(message, priority)] = await rows(supabase, "select message, priority from notifications")
    assert 'DANGER (gas), said by an unknown caller, +12025550177: "hello, I smell gas in my kitchen"' in message
    assert "told to call 911" in message and priority == "urgent"
    due = await rows(supabase, "select channel, address from deliveries where next_attempt_at <= fieldline_now()")
    assert ("email", "office@northgate.example") in due and len(due) > 1
    events = await rows(
        supabase,
        "select content, data from voice_agent_interactions where interaction_type = 'event' order by sequence",
    )
    told = dict(events)
    assert told["danger"]["kind"] == "gas" and told["danger_reported"]["told"] == len(due)
    assert not await rows(supabase, "select 1 from voice_agent_interactions where interaction_type = 'tool_call'")


async def test_caller_who_says_it_again_hears_it_again_and_the_office_is_told_once(supabase: Supabase) -> None:
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        await call.answer()
        await call.say("there's a fire in the mechanical room")
        [again] = await call.say("the panel is on fire!")
        assert "hang up and call nine one one" in again
        assert "Industrial Road" in " ".join(await call.say("where are you located"))
    assert await rows(supabase, "select count(*) from notifications") == [(1,)]


async def test_company_chooses_its_emergency_number(supabase: Supabase) -> None:
    await rows(
        supabase, """update company_info set settings = settings || '{"emergency_number": "112"}' returning id"""
    )
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        await call.answer()
        assert "call one one two" in " ".join(await call.say("he's unconscious"))


async def test_technician_is_warned_before_badge_and_pin(supabase: Supabase) -> None:
    async with text_call(supabase.settings, from_number=MIKE, to_number=COMPANY) as call:
        await call.answer()
        said = await call.say("my coworker was electrocuted")
    assert "Stay away from it" in said[0]
    assert await rows(supabase, "select count(*) from notifications where notification_type = 'danger'") == [(1,)]


async def test_technician_notes_a_smoke_detector_without_alarm(supabase: Supabase) -> None:
    async with mike(supabase) as call:
        await call.say("clock me in on truck 201")
        await call.say("I've arrived")
        said = await call.say("add a note that the smoke detector in the hallway is new")
    assert "smoke detector" in " ".join(said)
    assert await rows(supabase, "select count(*) from notifications where notification_type = 'danger'") == [(0,)]


async def test_technician_who_dictates_danger_is_warned_and_the_note_is_kept(supabase: Supabase) -> None:
    async with mike(supabase) as call:
        await call.say("clock me in on truck 201")
        await call.say("I've arrived")
        said = await call.say("add a note that I smell gas in the basement")
    assert "Leave the building right now" in said[0]
    assert await rows(supabase, "select 1 from work_order_notes where note_text like '%smell gas%'")
    assert await rows(supabase, "select count(*) from notifications where notification_type = 'danger'") == [(1,)]


async def test_danger_is_told_when_the_database_is_away_and_reported_when_it_is_back(
    supabase: Supabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.emergency.AGAIN_S", 0.01)
    store = await FlakyStore.open(supabase.settings)
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY, store=store) as call:
        await call.answer()
        store.down = True
        assert "nine one one" in " ".join(await call.say("my carbon monoxide alarm is going off"))
        store.down = False
        await _reported(call.call.recorder, supabase)
    await store.aclose()


async def _reported(recorder: Any, supabase: Supabase) -> None:
    while not await rows(supabase, "select 1 from notifications where notification_type = 'danger'"):
        pass


# The function itself


async def test_report_is_one_row_for_repeats_and_kinds_apart(sql: Connection) -> None:
    jane = await call_from(sql, JANE)
    first = await jane.do("report_danger", request_id="r", words="I smell gas", kind="gas")
    assert await jane.do("report_danger", request_id="r", words="I smell gas", kind="gas") == first
    assert (await jane.do("report_danger", words="gas, I said", kind="gas"))["repeated"] is True
    await jane.do("report_danger", words="and now it burns", kind="fire")
    await wait(sql, timedelta(minutes=3))
    await jane.do("report_danger", words="still gas", kind="gas")
    assert await value(sql, "select count(*) from notifications where notification_type = 'danger'") == 3


async def test_whoever_is_on_call_hears_of_danger_at_any_hour(sql: Connection) -> None:
    await sql.execute("update employees set roles = roles || '{on-call}' where name = 'Tom Baker'")
    await wait(sql, timedelta(hours=14))
    jane = await call_from(sql, JANE)
    await jane.do("report_danger", words="water is pouring through the ceiling", kind="flooding")
    query = "select array_agg(address::text order by address) from deliveries where next_attempt_at <= fieldline_now()"
    assert await value(sql, query) == ["+12025550111", "office@northgate.example", "tom@northgate.example"]


async def test_report_comes_through_when_the_caller_has_hung_up(sql: Connection) -> None:
    jane = await call_from(sql, JANE)
    await ask(sql, "call_close", {"call_id": jane.call_id, "status": "completed", "end_reason": "caller_hung_up"})
    await jane.do("report_danger", words="x" * 5000, kind="fire")
    assert await one(sql, "select priority, length(message) < 800 from notifications") == ("urgent", True)
    await wait(sql, timedelta(hours=2))
    assert (await jane.refusal("report_danger", words="late", kind="fire")).code == "FL002"


def test_store_has_the_function() -> None:
    assert callable(LineStore.report_danger)
