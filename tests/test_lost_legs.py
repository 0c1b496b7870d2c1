"""A telephone's connection breaks: whoever comes back in time goes on with the call, whoever does not has hung up.

Category: rooms (marker `room`) for what a caller hears; the rest needs nothing running.
"""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc

from agent import leaving
from agent.leaving import Leaving
from tests.support.calls import DEADLOCK_S, closed, phone, rows
from tests.support.stacks import Supabase

LOST, HUNG_UP = rtc.DisconnectReason.SIGNAL_CLOSE, rtc.DisconnectReason.CLIENT_INITIATED


class FakeCall:
    """Remembers why it ended."""

    def __init__(self, *, connected: str | None = None, hold: object = None) -> None:
        self.connected, self.hold = connected, hold
        self.reasons: list[str] = []
        self.over = asyncio.Event()

    def end(self, reason: str) -> None:
        self.reasons.append(reason)
        self.over.set()


def leaving_of(call: FakeCall) -> Leaving:
    return Leaving(cast(Any, call), "caller")


def person(identity: str, reason: rtc.DisconnectReason.ValueType) -> Any:
    return SimpleNamespace(identity=identity, disconnect_reason=reason)


async def test_who_hangs_up_ends_the_call_at_once() -> None:
    call = FakeCall(connected="office")
    leaving_of(call).left(person("caller", HUNG_UP))
    leaving_of(call).left(person("office", HUNG_UP))
    leaving_of(call).left(person("somebody else", HUNG_UP))
    assert call.reasons == ["caller_hung_up", "ended_by_office"]


async def test_who_is_lost_has_hung_up_when_they_do_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "COME_BACK_S", 0.01)
    call = FakeCall()
    leaving_of(call).left(person("caller", LOST))
    assert call.reasons == []
    await asyncio.wait_for(call.over.wait(), DEADLOCK_S)
    assert call.reasons == ["caller_hung_up"]


async def test_who_comes_back_has_not_hung_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "COME_BACK_S", 0.01)
    call = FakeCall(connected="office")
    legs = leaving_of(call)
    legs.left(person("caller", LOST))
    legs.left(person("office", LOST))
    legs.came(person("caller", LOST))
    await asyncio.wait_for(call.over.wait(), DEADLOCK_S)
    assert call.reasons == ["ended_by_office"]


async def test_who_is_lost_on_hold_has_hung_up_since_the_office_would_hear_their_return() -> None:
    call = FakeCall(hold=object())
    leaving_of(call).left(person("caller", LOST))
    assert call.reasons == ["caller_hung_up"]


async def test_a_caller_whose_leg_comes_back_anew_goes_on_with_the_call(stack: Supabase) -> None:
    async with phone(stack) as before:
        await before.hear()
        again = {"room": before.leg.room, "identity": before.leg.identity, "agent_name": None}
        async with phone(stack, **again) as caller:
            await asyncio.wait_for(before.ended.wait(), DEADLOCK_S)
            await caller.keys("101#")
            await caller.hear()
            await caller.keys("2010#")
            assert "Mike" in (await caller.hear()).text
            assert await rows(stack, "select status from call_logs") == [("in_progress",)]
    assert await closed(stack) == ("completed", "caller_hung_up")
