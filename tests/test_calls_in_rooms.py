"""Calls by lab phone to the real worker in real rooms: speech, keys, typing, hang-ups, two calls at once.

Category: rooms (marker `room`). Order and outcome are asserted, never seconds.
"""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest
from livekit import api

from fieldline.demo.run import SCRIPT, phone_opener
from fieldline.lab.audio import loud_windows, read_wav
from fieldline.lab.call_log import call_log
from fieldline.lab.caller import Action, PhoneCaller, phone_call
from fieldline.lab.rows import Rows, open_rows
from fieldline.lab.runner import run
from fieldline.lab.scenario import Scenario, load, load_all
from fieldline.stack.migrate import set_clock
from tests.support.scenarios import SCENARIOS, writable_rows
from tests.support.stacks import Supabase

MIKE, SARAH, LINE = "+12025550101", "+12025550102", "+12025550100"
DEMO = load(SCRIPT)


@pytest.mark.parametrize("scenario", load_all(SCENARIOS / "rooms"), ids=lambda scenario: scenario.name)
async def test_spoken_scenario(scenario: Scenario, stack: Supabase) -> None:
    async with writable_rows(stack) as rows:
        outcome = await run(scenario, phone_opener(stack.settings), rows)

    assert outcome.passed, outcome.report()


@pytest.mark.timeout(600)
async def test_the_demo_writes_every_row_it_promises(stack: Supabase) -> None:
    async with open_rows(stack.database_url) as rows:
        opener = phone_opener(stack.settings, stack=stack.stack)
        outcome = await run(DEMO, opener, rows, set_clock=partial(set_clock, stack.database_url))

    assert outcome.passed, outcome.report()


async def test_hanging_up_in_mid_sentence_closes_the_row_and_the_room(stack: Supabase) -> None:
    async with phone_call(stack.settings, MIKE, LINE) as caller:
        await caller.phone.connected()
        room = caller.phone.leg.room
        await caller.phone.first_sound()

    async with open_rows(stack.database_url) as rows:
        log = await call_log(rows, room)
    assert log is not None
    assert (log["status"], log["end_reason"]) == ("completed", "caller_hung_up")
    await room_is_gone(stack, room)


async def test_speaking_over_the_line_stops_it(stack: Supabase) -> None:
    async with phone_call(stack.settings, SARAH, LINE) as caller:
        await sign_in(caller, "102#2020#")
        phone = caller.phone
        await phone.type("what are my jobs today")
        await phone.first_sound()
        await phone.play(read_wav(clip("sarah-note.wav")))
        heard = await phone.hear()

    said = " ".join(phone.transcript.said_by("agent")).lower()
    assert "work order ten sixty" not in said, "the second job was still read out"
    assert "note added" in heard.text.lower() or "didn't" in heard.text, heard.text


async def test_two_calls_by_one_technician_do_not_write_twice(stack: Supabase) -> None:
    async with (
        phone_call(stack.settings, MIKE, LINE) as own,
        phone_call(stack.settings, SARAH, LINE) as borrowed,
    ):
        await asyncio.gather(sign_in(own, "101#2010#"), sign_in(borrowed, "101#2010#"))
        said = Action("type", "clock me in on truck two oh one")
        answers = await asyncio.gather(own.act(said), borrowed.act(said))

    assert all("two oh one" in answer.text for answer in answers), answers
    async with open_rows(stack.database_url) as rows:
        assert await open_records(rows, "Mike Johnson") == 1


async def test_what_is_said_while_the_database_is_down_is_not_lost(stack: Supabase) -> None:
    async with phone_call(stack.settings, SARAH, LINE) as caller:
        await sign_in(caller, "102#2020#")
        await stack.stack.stop_part("rest")
        try:
            down = await caller.act(Action("type", "add a note that the gate is jammed"))
        finally:
            await stack.stack.start_part("rest")
        room = caller.phone.leg.room
        again = await caller.act(Action("type", "add a note that the gate is jammed"))

    assert "records" in down.text or "database" in down.text, down.text
    assert "gate is jammed" in again.text, again.text
    async with open_rows(stack.database_url) as rows:
        assert await call_log(rows, room) is not None
        kept = "interaction_type = 'user' and content ~ 'gate is jammed'"
        assert await rows.value(f"select count(*) from voice_agent_interactions where {kept}") == 2
        assert await rows.value("select count(*) from work_order_notes where note_text ~ 'gate is jammed'") == 1


async def test_an_unknown_number_is_told_so_and_leaves_a_trace(stack: Supabase) -> None:
    async with phone_call(stack.settings, MIKE, "+12025550999") as caller:
        reply = await caller.act(Action("listen"))
        async with asyncio.timeout(20):
            await caller.phone.ended.wait()

    assert "isn't in service" in reply.text
    async with open_rows(stack.database_url) as rows:
        assert await rows.value("select count(*) from unrouted_calls where to_number = '+12025550999'") == 1
        assert await rows.value("select count(*) from call_logs") == 0


async def test_the_recording_has_both_sides(stack: Supabase, tmp_path: Path) -> None:
    async with phone_call(stack.settings, MIKE, LINE, record=tmp_path / "call.wav") as caller:
        await caller.act(Action("listen"))

    assert loud_windows(caller.phone.recording.heard).any()
    assert not loud_windows(caller.phone.recording.said).any(), "the caller only listened"
    assert (tmp_path / "call.wav").exists()


async def sign_in(caller: PhoneCaller, keys: str) -> None:
    """Key badge and PIN into the greeting, hear the welcome."""
    await caller.phone.first_sound()
    reply = await caller.act(Action("keys", keys))
    assert "What can I do for you" in reply.text, reply.text


async def open_records(rows: Rows, name: str) -> int:
    """How many clock records of a technician are open."""
    return await rows.value(
        "select count(*) from technician_clock_records c join technicians t on t.id = c.technician_id "
        "where t.name = %(name)s and c.clock_out_time is null",
        name=name,
    )


async def room_is_gone(stack: Supabase, room: str) -> None:
    """Wait until the server knows the room no more."""
    settings = stack.settings
    assert settings.livekit_url and settings.livekit_api_key and settings.livekit_api_secret
    secret = settings.livekit_api_secret.get_secret_value()
    async with api.LiveKitAPI(settings.livekit_url, settings.livekit_api_key, secret) as lk, asyncio.timeout(20):
        while True:
            if not (await lk.room.list_rooms(api.ListRoomsRequest(names=[room]))).rooms:
                return
            await asyncio.sleep(0.1)


def clip(name: str) -> Path:
    """A sound file of tests/audio."""
    return Path(__file__).parent / "audio" / name
