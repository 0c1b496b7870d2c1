"""A database that is slow for a moment: the caller is asked to wait, and then served like any other.

Category: rooms (marker `room`).
"""

from __future__ import annotations

import psycopg
import pytest

from tests.support.calls import closed, has_heard, phone, until
from tests.support.stacks import Supabase

pytestmark = pytest.mark.timeout(180)


async def test_a_caller_who_was_asked_to_wait_is_greeted_and_served(stack: Supabase) -> None:
    async with await psycopg.AsyncConnection.connect(stack.database_url) as owner:
        # Whoever wants to write a call waits for this one.
        await owner.execute("lock table call_logs in share row exclusive mode")
        async with phone(stack) as caller:
            await until(lambda: has_heard(caller, "One moment"))
            await owner.rollback()
            await until(lambda: has_heard(caller, "badge number"))
            await caller.hear()
            await caller.keys("101#")
            assert "PIN" in (await caller.hear()).text
    assert await closed(stack) == ("completed", "caller_hung_up")
