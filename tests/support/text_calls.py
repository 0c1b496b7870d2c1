"""Text calls of a technician, and a database that can be taken away under them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from agent.chat import TextCall, text_call
from fieldline.errors import StoreUnavailable
from fieldline.store import Facts, LineStore
from tests.support.calls import COMPANY, MIKE
from tests.support.stacks import Supabase


@asynccontextmanager
async def mike(supabase: Supabase) -> AsyncIterator[TextCall]:
    """Mike's call, after badge and PIN."""
    async with text_call(supabase.settings, from_number=MIKE, to_number=COMPANY) as call:
        await call.answer()
        await call.keys("101#2010#")
        yield call


class FlakyStore(LineStore):
    """A store whose database can be taken away."""

    down = False

    async def _call(self, function: str, **arguments: Any) -> Facts:
        if self.down:
            raise StoreUnavailable(function)
        return await super()._call(function, **arguments)
