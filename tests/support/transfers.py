"""A caller and an office in one room: lab phones with a tone each, and what each of them heard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from fieldline.lab.dialling import Call, Dialling
from fieldline.lab.hearing import CALLER_HZ, EMPLOYEE_HZ, humming, tone_ms
from fieldline.lab.office_phone import OfficePhone
from fieldline.lab.phone import LabPhone
from tests.support.calls import DEADLOCK_S, has_heard, phone, rows, until
from tests.support.stacks import Supabase

CALLER = "+12025550177"
KAREN, TOM, NINA = "+12025550110", "+12025550111", "+12025550112"
#: What a company that wants no music plays to those who wait.
HOLD_HZ = 425.0


def numbers(stack: Supabase) -> Dialling:
    """Who picks up."""
    assert stack.stack.carrier is not None
    return stack.stack.carrier.numbers


async def settle(stack: Supabase, **settings: Any) -> None:
    """Put settings of the demo company beside the others."""
    async with await psycopg.AsyncConnection.connect(stack.database_url) as owner:
        await owner.execute(
            "update company_info set settings = settings || %s where company_name = 'Northgate Security'",
            [Jsonb({"hold_music": "tones", "transfer_ring_seconds": 5, **settings})],
        )


@dataclass
class OnHold:
    """A caller for whom somebody is being rung; both send their tones until one of them is told not to."""

    stack: Supabase
    caller: LabPhone
    call: Call

    @property
    def office(self) -> OfficePhone:
        return self.call.phone

    @property
    def office_hums(self) -> tuple[float, asyncio.Event]:
        """The employee's tone, from the pick-up on."""
        return EMPLOYEE_HZ, self.office.answered

    async def briefed(self) -> None:
        """Until the employee has heard something."""
        await asyncio.wait_for(self.office.answered.wait(), DEADLOCK_S)

        async def heard() -> bool:
            return self.office.recording.last_heard is not None

        await until(heard)

    async def hears(self, words: str) -> None:
        """Until the caller has been told this."""
        await until(lambda: has_heard(self.caller, words))

    async def outcome(self) -> tuple[Any, ...]:
        """Outcome, SIP status and reason of the last attempt, once there is one."""
        found: list[tuple[Any, ...]] = []

        async def settled() -> bool:
            found[:] = await rows(
                self.stack, "select outcome, sip_status, sip_reason from transfers order by started_at desc limit 1"
            )
            return bool(found) and found[0][0] is not None

        await until(settled)
        return found[0]

    def leaked(self) -> dict[str, int]:
        """Milliseconds of what nobody was to hear: the other's voice at each, and the music at the office."""
        office = self.office.recording.heard
        return {
            "caller at the employee": tone_ms(office, CALLER_HZ),
            "employee at the caller": tone_ms(self.caller.recording.heard, EMPLOYEE_HZ),
            "hold music at the employee": tone_ms(office, HOLD_HZ, share=0.8),
        }


NOTHING = {"caller at the employee": 0, "employee at the caller": 0, "hold music at the employee": 0}


@asynccontextmanager
async def rung(stack: Supabase, wish: str = "connect me to Karen Miller", number: str = KAREN) -> AsyncIterator[OnHold]:
    """A caller has asked for somebody whose telephone is in the room; who answers hums from the first moment on."""
    async with phone(stack, CALLER) as caller:
        await caller.first_sound()
        async with ringing(stack, caller, caller.type(wish), number) as on, humming(on.office, *on.office_hums):
            yield on


@asynccontextmanager
async def ringing(
    stack: Supabase, caller: LabPhone, asking: Awaitable[None], number: str = KAREN
) -> AsyncIterator[OnHold]:
    """Somebody's telephone has come into the room of a caller, who hums from then on, because of `asking`."""
    before = numbers(stack).calls_to(number)
    await asking
    call = await asyncio.wait_for(numbers(stack).next_call(number, after=before), DEADLOCK_S)
    async with humming(caller, CALLER_HZ):
        yield OnHold(stack, caller, call)


async def talk(on: OnHold) -> None:
    """Until each has heard the other from now on."""
    ways = [
        (phone.recording, phone.recording.now(), hz) for phone, hz in ((on.office, CALLER_HZ), (on.caller, EMPLOYEE_HZ))
    ]

    async def both() -> bool:
        return all(tone_ms(heard.heard_tape.since(at), hz) > 200 for heard, at, hz in ways)

    await until(both)


async def ask_office(stack: Supabase, kind: str, **payload: Any) -> None:
    """The console gives the calls that are going on a command, without a nudge."""
    async with await psycopg.AsyncConnection.connect(stack.database_url) as owner:
        await owner.execute(
            "insert into call_commands (company_id, call_id, kind, payload, created_by)"
            " select company_id, id, %s, %s, gen_random_uuid() from call_logs where status = 'in_progress'",
            [kind, Jsonb(payload)],
        )
