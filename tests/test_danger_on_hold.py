"""Danger told while somebody is being rung: they are let go for whoever is on call, and exactly one takes the call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from agent.chat import TextCall, text_call
from agent.lines.hold import HoldLine
from fieldline.errors import StoreUnavailable
from tests.support.calls import COMPANY, DEADLOCK_S, STRANGER, rows, until
from tests.support.exchange import Switchboard, Telephone
from tests.support.stacks import Supabase
from tests.support.transfers import KAREN, TOM, settle

GAS = "I smell gas in my kitchen"


async def on_call(stack: Supabase, number: str) -> None:
    found = await rows(stack, "select phone, id::text from employees")
    await settle(stack, on_call=[dict(found)[number]])


@asynccontextmanager
async def on_hold(stack: Supabase) -> AsyncIterator[tuple[TextCall, Any, Telephone]]:
    """A caller who waits for Karen, whose telephone rings."""
    office = Switchboard()
    async with text_call(stack.settings, from_number=STRANGER, to_number=COMPANY) as call:
        exchange: Any = office
        call.call.hold_line = partial(HoldLine, call.call, exchange)
        await call.answer()
        await call.say("connect me to Karen Miller")
        phone = await office.next()
        assert phone.number == KAREN
        yield call, office, phone


async def attempts(stack: Supabase) -> list[tuple[Any, ...]]:
    return await rows(
        stack,
        "select e.phone, t.emergency, t.outcome from transfers t join employees e on e.id = t.employee_id"
        " order by t.attempt",
    )


async def came_to(stack: Supabase, *expected: tuple[Any, ...]) -> None:
    """Until the attempts are these: what becomes of one is written while the call goes on."""

    async def settled() -> bool:
        return await attempts(stack) == list(expected)

    await until(settled)


async def recorded(stack: Supabase, event: str) -> dict[str, Any]:
    """The data of an event of the call, once it is written."""
    found: list[tuple[Any, ...]] = []

    async def there() -> bool:
        events = await rows(stack, "select content, data from voice_agent_interactions")
        found[:] = [data for name, data in events if name == event]
        return bool(found)

    await until(there)
    data: Any = found[0]
    return data


@pytest.mark.parametrize("when", ["ringing", "briefing"])
async def test_caller_on_hold_in_danger_gets_who_is_on_call_instead(supabase: Supabase, when: str) -> None:
    await on_call(supabase, TOM)
    async with on_hold(supabase) as (call, office, karen):
        if when == "briefing":
            await karen.answer()
        assert "Leave the building right now" in (await call.say(GAS))[0]
        await asyncio.wait_for(karen.silent.wait(), DEADLOCK_S)
        tom = await office.next()
        assert tom.number == TOM
        await tom.answer()
        tom.press("1")
        assert (await recorded(supabase, "danger_rung"))["taken"] is True
        assert office.connected == call.call.connected == "office-2"
        await came_to(supabase, (KAREN, False, "superseded"), (TOM, True, "accepted"))


async def test_caller_whom_nobody_on_call_takes_hears_the_emergency_number_and_talks_on(supabase: Supabase) -> None:
    await on_call(supabase, TOM)
    async with on_hold(supabase) as (call, office, _):
        await call.say(GAS)
        (await office.next()).refuse()
        await call.hear_about("I couldn't reach our person on duty")
        said = " ".join([words for who, words in call.transcript if who == "agent"][-1:])
        assert "hang up, and call nine one one" in said and said.endswith("leave a message?")
        await call.say("no")
        assert "Industrial Road" in " ".join(await call.say("where are you located"))
        await came_to(supabase, (KAREN, False, "superseded"), (TOM, True, "busy"))


async def test_who_was_rung_already_is_rung_anew_when_they_are_on_call(supabase: Supabase) -> None:
    await on_call(supabase, KAREN)
    async with on_hold(supabase) as (call, office, first):
        await call.say(GAS)
        second = await office.next()
        assert first.silent.is_set() and second.number == KAREN
        await second.answer()
        second.press("1")
        assert (await recorded(supabase, "danger_rung"))["taken"] is True
        await came_to(supabase, (KAREN, False, "superseded"), (KAREN, True, "accepted"))


@pytest.mark.parametrize("first", ["accept", "danger"])
async def test_who_accepts_at_the_very_moment_has_the_call_or_is_let_go(supabase: Supabase, first: str) -> None:
    await on_call(supabase, TOM)
    async with on_hold(supabase) as (call, office, karen):
        await karen.answer()
        hold: Any = call.call.hold
        instead = hold.ring_instead

        def at_once(*plan: Any) -> asyncio.Future[Any]:
            if first == "accept":
                karen.press("1")
            ringing = instead(*plan)
            if first == "danger":
                karen.press("1")
            return ringing

        hold.ring_instead = at_once
        await call.say(GAS)
        rung = asyncio.create_task(recorded(supabase, "danger_rung"))
        tom = asyncio.create_task(office.next())
        await asyncio.wait({rung, tom}, return_when=asyncio.FIRST_COMPLETED)
        if tom.done():
            assert call.call.connected is None and karen.silent.is_set()
            await tom.result().answer()
            tom.result().press("1")
        assert (await rung)["taken"] is True
        tom.cancel()

        async def one_accepted() -> bool:
            return [outcome for *_, outcome in await attempts(supabase)].count("accepted") == 1

        await until(one_accepted)
        found = await attempts(supabase)
        assert call.call.connected == f"office-{len(found)}"


async def test_another_danger_does_not_stop_the_telephone_that_rings_for_the_first(supabase: Supabase) -> None:
    await on_call(supabase, TOM)
    async with on_hold(supabase) as (call, office, _):
        await call.say(GAS)
        tom = await office.next()
        await call.say("there is a fire in the kitchen now")
        await tom.answer()
        tom.press("1")
        assert (await recorded(supabase, "connected"))["to"] == "Tom Baker"
        assert len(await attempts(supabase)) == 2


async def test_who_is_rung_goes_on_ringing_while_nobody_else_can_be_asked_for(
    supabase: Supabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_hold(supabase) as (call, _, karen):

        async def away(**_: Any) -> Any:
            raise StoreUnavailable("no connection")

        monkeypatch.setattr(call.call.store, "transfer_begin", away)
        await call.say(GAS)
        assert (await recorded(supabase, "danger_rung"))["taken"] is False
        assert not karen.silent.is_set()
        await karen.answer()
        karen.press("1")
        assert (await recorded(supabase, "connected"))["to"] == "Karen Miller"
    await came_to(supabase, (KAREN, False, "accepted"))
