"""An employee who takes a caller's call by key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fieldline.lab.hearing import humming
from tests.support.calls import DEADLOCK_S, rows
from tests.support.stacks import Supabase
from tests.support.transfers import OnHold, talk


async def take(on: OnHold) -> None:
    """The employee takes the call by key; the two talk, and the caller hangs up."""
    async with taken(on):
        await talk(on)


@asynccontextmanager
async def taken(on: OnHold) -> AsyncIterator[None]:
    """The employee takes the call by key, and has the caller's voice; in the end the caller hangs up."""
    await on.office.connected()
    await on.office.keys("1")
    async with humming(on.office, *on.office_hums):
        yield
        await on.caller.hang_up()
        await asyncio.wait_for(on.office.ended.wait(), DEADLOCK_S)


async def employee(stack: Supabase, number: str) -> str:
    """The id of who has this number."""
    found = await rows(stack, "select phone, id::text from employees")
    return dict(found)[number]
