"""Live calls by server-sent events: complete, resumed, and one question to the database however many look on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from admin_api.console import feed as feed_module
from admin_api.console.feed import Feed
from fieldline.tables import Tables, TablesPool
from tests.support.console import live_call
from tests.support.feeds import Reader
from tests.support.office import NORTHGATE, token
from tests.support.stacks import Supabase

ZONE = ZoneInfo("America/New_York")


@pytest.fixture
async def db(supabase: Supabase) -> AsyncIterator[Tables]:
    pool = TablesPool.open(supabase.settings)
    yield pool.acting_as(supabase.info.admin_token)
    await pool.aclose()


async def test_call_appears_changes_and_ends(supabase: Supabase, db: Tables) -> None:
    reader = Reader(Feed(NORTHGATE, ZONE, every_s=0.05), db)
    await reader.until("reset")
    async with live_call(supabase) as call:
        _, _, card = await reader.until("call")
        assert "Mike Johnson" in card["html"] and "Greeting" in card["html"]
        await call.add("agent", "Hello.", timings={"e2e_latency": 0.91})
        await reader.until("items", "Hello.")
        assert "0.9 s" in (await reader.until("head", "Talking with the agent"))[2]["html"]
        await call.add("tool_call", "next_job", arguments={}, call="c1")
        assert "Running" in (await reader.until("items", "Next job"))[2]["html"]
        await call.end()
        assert (await reader.until("head", "Ended"))[2]["over"] is True
    await reader.close()


async def test_browser_that_comes_back_gets_what_it_missed(supabase: Supabase, db: Tables) -> None:
    feed = Feed(NORTHGATE, ZONE, every_s=0.05)
    staying = Reader(feed, db)
    async with live_call(supabase) as call:
        seen = (await staying.until("call"))[0]
        await call.add("user", "first words")
        await staying.until("items", "first words")
        back = Reader(feed, db, seen)
        assert "first words" in (await back.until("items"))[2]["html"]
        stranger = Reader(feed, db, "another-process-7")
        await stranger.until("reset")
        assert "first words" in (await stranger.until("call"))[2]["html"]
        for reader in (staying, back, stranger):
            await reader.close()


async def test_two_hundred_viewers_cost_one_question(supabase: Supabase, db: Tables) -> None:
    feed = Feed(NORTHGATE, ZONE, every_s=0.05)
    async with live_call(supabase) as call:
        readers = [Reader(feed, db) for _ in range(200)]
        await asyncio.gather(*(reader.until("call") for reader in readers))
        first = feed.polls
        await call.add("user", "everybody sees this")
        await asyncio.gather(*(reader.until("items", "everybody sees this") for reader in readers))
        # Two hundred questions of their own would be two hundred; the one feed asked a few times for all of them.
        assert first <= 5 and feed.polls - first < 50
        for reader in readers:
            await reader.close()


async def test_who_is_no_member_any_more_is_let_go_and_the_others_stay(supabase: Supabase, db: Tables) -> None:
    pool = TablesPool.open(supabase.settings)
    gone = pool.acting_as(token(supabase.settings, "sam"))
    feed = Feed(NORTHGATE, ZONE, every_s=0.05)
    first = asyncio.create_task(Reader(feed, gone).rest())
    second = Reader(feed, db)
    await second.until("reset")
    assert [name for _, name, _ in await first if name == "call"] == []
    async with live_call(supabase):
        await second.until("call")
    await second.close()
    await pool.aclose()


async def test_words_of_a_caller_are_text(supabase: Supabase, db: Tables) -> None:
    reader = Reader(Feed(NORTHGATE, ZONE, every_s=0.05), db)
    async with live_call(supabase) as call:
        await reader.until("call")
        await call.add("user", "<img src=x onerror=alert(1)>")
        html = (await reader.until("items"))[2]["html"]
    assert "<img" not in html and "&lt;img" in html
    await reader.close()


async def test_call_that_cannot_be_shown_hides_no_other(
    supabase: Supabase, db: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = feed_module.fragment

    def broken_for(call_id: str, template: str, **context: Any) -> str:
        if context.get("row", {}).get("id") == call_id:
            raise ValueError("a value that nobody thought of")
        return rendered(template, **context)

    async with live_call(supabase) as first, live_call(supabase) as second:
        monkeypatch.setattr(feed_module, "fragment", partial(broken_for, first.id))
        reader = Reader(Feed(NORTHGATE, ZONE, every_s=0.05), db)
        assert (await reader.until("call"))[2]["id"] == second.id
        await second.add("user", "still here")
        await reader.until("items", "still here")
        monkeypatch.undo()
        assert (await reader.until("call"))[2]["id"] == first.id
        await reader.close()
