"""What the office tells the agent of a live call reaches the caller, once, and is answered."""

from __future__ import annotations

import json
from typing import Any

import psycopg
from livekit import rtc

from agent.chat import TextCall, text_call
from agent.commands import attach_commands
from fieldline.live import COMMAND_TOPIC
from tests.support.calls import COMPANY, STRANGER, rows, until
from tests.support.stacks import Supabase


async def command(stack: Supabase, kind: str, **payload: str) -> None:
    async with await psycopg.AsyncConnection.connect(stack.database_url) as owner:
        await owner.execute(
            "insert into call_commands (company_id, call_id, kind, payload, created_by)"
            " select company_id, id, %s, %s, gen_random_uuid() from call_logs where status = 'in_progress'",
            [kind, json.dumps(payload)],
        )


def nudge(room: rtc.EventEmitter[str], *, by: Any = None) -> None:
    packet = rtc.DataPacket(b"", rtc.DataPacketKind.KIND_RELIABLE, by, COMMAND_TOPIC)
    room.emit("data_received", packet)


def office_of(call: TextCall) -> rtc.EventEmitter[str]:
    room: Any = rtc.EventEmitter[str]()
    attach_commands(call.call, room)
    return room


async def results(stack: Supabase) -> list[Any]:
    found = await rows(stack, "select result from call_commands order by created_at")
    return [result for (result,) in found]


async def test_caller_hears_what_the_office_says(supabase: Supabase) -> None:
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        office = office_of(call)
        await command(supabase, "say", text="Karen will call you at noon.")
        nudge(office)
        await call.hear_about("The office says: Karen will call you at noon.")

        async def answered() -> bool:
            return await results(supabase) == [{"ok": True, "said": True}]

        await until(answered)


async def test_rules_that_read_no_notes_say_them(supabase: Supabase) -> None:
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        office = office_of(call)
        await command(supabase, "note", text="The gate is open.")
        nudge(office)
        await call.hear_about("I have a note from the office: The gate is open.")


async def test_office_ends_a_call_with_a_goodbye(supabase: Supabase) -> None:
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        office = office_of(call)
        await command(supabase, "end")
        nudge(office)
        await call.call.ended.wait()
        assert call.transcript[-1] == ("agent", "The office is ending this call. Goodbye.")
    assert await rows(supabase, "select status, end_reason from call_logs") == [("completed", "ended_by_office")]
    assert await results(supabase) == [{"ok": True}]


async def test_command_without_a_nudge_is_found_all_the_same(supabase: Supabase) -> None:
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        attach_commands(call.call, None)
        await command(supabase, "say", text="No nudge came.")
        await call.hear_about("No nudge came.")


async def test_nudges_of_a_phone_are_ignored(supabase: Supabase) -> None:
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        office = office_of(call)
        asked: list[str] = []
        claim = call.call.store.claim_call_commands

        async def counted(*, call_id: str) -> Any:
            asked.append(call_id)
            return await claim(call_id=call_id)

        call.call.store.claim_call_commands = counted
        for _ in range(50):
            nudge(office, by=object())
        await command(supabase, "say", text="From the server.")
        nudge(office)
        await call.hear_about("From the server.")
        assert len(asked) == 1
