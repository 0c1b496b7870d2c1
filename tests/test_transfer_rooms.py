"""Warm transfer in real rooms: whatever the office does, nobody overhears, and no caller is stranded.

Category: rooms (marker `room`). The two telephones send a tone each; their recordings are searched for it.
"""

from __future__ import annotations

import asyncio

import pytest

from fieldline.lab.audio import tone
from fieldline.lab.hearing import CALLER_HZ, EMPLOYEE_HZ, other_ms, tone_ms
from fieldline.lab.office_phone import (
    Behaviour,
    answers,
    answers_then_hangs_up,
    busy,
    never_answers,
    rejects,
    unreachable,
    voicemail,
)
from tests.support.calls import DEADLOCK_S, closed, no_rooms, rows, until
from tests.support.stacks import Supabase
from tests.support.transfers import HOLD_HZ, KAREN, NOTHING, TOM, OnHold, numbers, rung, settle, talk

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("leaves", ["caller", "employee"])
async def test_who_accepts_talks_with_the_caller_until_one_of_them_hangs_up(stack: Supabase, leaves: str) -> None:
    await settle(stack)
    numbers(stack).number(KAREN, answers())
    async with rung(stack) as on:
        await on.briefed()
        await on.office.connected()
        at = on.caller.recording.now()
        before, heard = on.leaked(), on.caller.recording.heard
        await on.office.keys("1")
        await talk(on)
        await (on.caller if leaves == "caller" else on.office).hang_up()
        await asyncio.wait_for((on.office if leaves == "caller" else on.caller).ended.wait(), DEADLOCK_S)

    assert before == NOTHING
    waiting = heard[at - 16_000 : at]
    assert other_ms(waiting, HOLD_HZ) == 0, "the briefing reached the caller"
    assert await closed(stack) == ("transferred", "caller_hung_up" if leaves == "caller" else "ended_by_office")
    assert (await on.outcome())[0] == "accepted"
    assert await rows(stack, "select talk_seconds is not null from transfers") == [(True,)]
    await no_rooms(stack)


KEYS = [("2", "declined", "can't take the call"), ("3", "message", "What shall I pass on")]


@pytest.mark.parametrize(("key", "outcome", "told"), KEYS, ids=["decline", "message"])
async def test_a_caller_whom_nobody_takes_is_told_and_asked(stack: Supabase, key: str, outcome: str, told: str) -> None:
    await settle(stack)
    numbers(stack).number(KAREN, answers())
    async with rung(stack) as on:
        await on.briefed()
        await on.office.connected()
        await on.office.keys(key)
        await on.hears(told)
        assert on.leaked() == NOTHING
        assert (await on.outcome())[0] == outcome
        await asyncio.wait_for(on.office.ended.wait(), DEADLOCK_S)


UNANSWERED: list[tuple[Behaviour, tuple[object, ...], str]] = [
    (busy(), ("busy", 486, "Busy Here"), "is on another call"),
    (rejects(), ("declined", 603, "Decline"), "can't take the call"),
    (unreachable(480), ("unreachable", 480, "Temporarily Unavailable"), "can't be reached"),
    (unreachable(503), ("failed", 503, "Service Unavailable"), "can't be reached"),
    (never_answers(), ("no_answer", None, None), "isn't answering"),
    (answers_then_hangs_up(1.5), ("hung_up", None, None), "can't take the call"),
    (voicemail(tone(700, 6.0)), ("voicemail", None, None), "isn't answering"),
]


@pytest.mark.parametrize(("behaviour", "outcome", "told"), UNANSWERED, ids=lambda value: str(value)[:16])
async def test_every_failure_gives_the_caller_a_voice_and_a_choice(
    stack: Supabase, behaviour: Behaviour, outcome: tuple[object, ...], told: str
) -> None:
    await settle(stack)
    numbers(stack).number(KAREN, behaviour)
    async with rung(stack) as on:
        await on.hears(told)
        await on.hears("Shall I try Tom Baker, or would you like to leave a message?")
        assert on.leaked() == NOTHING
        assert await on.outcome() == outcome


async def test_the_next_of_a_department_is_rung_and_the_same_call_may_try_again(stack: Supabase) -> None:
    await settle(stack)
    numbers(stack).number(KAREN, busy())
    numbers(stack).number(TOM, rejects(), answers())
    async with rung(stack, "transfer me to dispatch", TOM) as on:
        await on.hears("is on another call. I'll try Tom Baker")
        await on.hears("Would you like to leave a message?")
        before = numbers(stack).calls_to(TOM)
        await on.caller.type("connect me to Tom Baker")
        again = await asyncio.wait_for(numbers(stack).next_call(TOM, after=before), DEADLOCK_S)
        second = OnHold(stack, on.caller, again)
        await second.briefed()
        await again.phone.connected()
        await again.phone.keys("1")
        await on.hears("You're connected with Tom")
        await on.caller.hang_up()
        await asyncio.wait_for(again.phone.ended.wait(), DEADLOCK_S)

    attempts = await rows(stack, "select attempt, outcome from transfers order by attempt")
    assert attempts == [(1, "busy"), (2, "declined"), (3, "accepted")]


@pytest.mark.parametrize("when", ["ringing", "briefing"])
async def test_the_ringing_stops_when_the_caller_hangs_up(stack: Supabase, when: str) -> None:
    await settle(stack, transfer_ring_seconds=60)
    numbers(stack).number(KAREN, never_answers() if when == "ringing" else answers())
    async with rung(stack) as on:
        if when == "briefing":
            await on.briefed()
        await on.caller.hang_up()
        await asyncio.wait_for(on.office.ended.wait(), DEADLOCK_S)
        assert tone_ms(on.office.recording.heard, CALLER_HZ) == 0

    assert (await on.outcome())[0] == "caller_left"
    assert await closed(stack) == ("completed", "caller_hung_up")


async def test_a_caller_on_hold_may_leave_a_message_instead(stack: Supabase) -> None:
    await settle(stack, transfer_ring_seconds=60)
    numbers(stack).number(KAREN, never_answers())
    async with rung(stack) as on:
        await on.caller.keys("1")
        await on.hears("What is your message for Karen Miller?")
        await asyncio.wait_for(on.office.ended.wait(), DEADLOCK_S)
        await on.caller.type("the gate is open")
        await on.hears("Who shall I say")


async def test_nobody_overhears_through_a_slow_server_and_a_leg_that_reconnects(stack: Supabase) -> None:
    await settle(stack)
    numbers(stack).number(KAREN, answers(rings_s=1.0))
    carrier = stack.stack.carrier
    assert carrier is not None
    carrier.slow_s = 0.2
    try:
        async with rung(stack) as on:
            await on.briefed()
            assert on.leaked() == NOTHING
            await asyncio.wait_for(on.office.reconnect(), DEADLOCK_S)
            back = on.office.recording.now()

            async def briefed_again() -> bool:
                return (on.office.recording.last_heard or 0) > back

            await until(briefed_again)
            assert on.leaked() == NOTHING
            await on.office.keys("2")
            await on.hears("can't take the call")
            assert on.leaked() == NOTHING
    finally:
        carrier.slow_s = 0.0


async def test_the_carrier_may_connect_the_two_itself(stack: Supabase) -> None:
    await settle(stack, refer_transfers=True)
    numbers(stack).number(KAREN, answers())
    carrier = stack.stack.carrier
    assert carrier is not None
    async with rung(stack) as on:  # this carrier refuses REFER: the line goes on by itself
        await on.briefed()
        await on.office.connected()
        await on.office.keys("2")
        await on.hears("can't take the call")
        carrier.refer_status = 202
        try:
            await on.caller.type("connect me to Tom Baker")
            await asyncio.wait_for(on.caller.ended.wait(), DEADLOCK_S)
        finally:
            carrier.refer_status = 405

    assert carrier.referred == [f"tel:{TOM}"]
    assert (await closed(stack))[0] == "transferred"
    assert tone_ms(on.caller.recording.heard, EMPLOYEE_HZ) == 0
