"""The live feed on Supabase Realtime: woken by changes, polling without it, and back again. Realtime is a stand-in."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import Literal
from zoneinfo import ZoneInfo

import jwt
import pytest

from admin_api.console import feed as feed_module
from admin_api.console.feed import Feed
from fieldline.logs import QUIET
from fieldline.realtime import TABLES, Changes, Realtime
from fieldline.settings import Settings
from fieldline.tables import Tables, TablesPool
from tests.support.calls import until
from tests.support.console import live_call, served
from tests.support.feeds import Reader
from tests.support.office import NORTHGATE, open_office
from tests.support.realtime import RealtimeStandIn
from tests.support.stacks import Supabase

ZONE = ZoneInfo("America/New_York")
#: Longer than any test: what comes, comes by a change.
NEVER_S = 3600.0
Heard = Callable[..., Changes]


@pytest.fixture
async def server() -> AsyncIterator[RealtimeStandIn]:
    async with RealtimeStandIn().running() as running:
        yield running


@pytest.fixture
async def db(supabase: Supabase) -> AsyncIterator[Tables]:
    pool = TablesPool.open(supabase.settings)
    yield pool.acting_as(supabase.info.admin_token)
    await pool.aclose()


@pytest.fixture
async def heard(server: RealtimeStandIn, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Heard]:
    """Changes of Northgate's calls by the stand-in."""
    made: list[Changes] = []
    monkeypatch.setattr(feed_module, "UNHURRIED_S", NEVER_S)

    def make(mode: Literal["auto", "on", "off"] = "auto") -> Changes:
        made.append(Realtime(asks(server.url, mode), first_s=0.01).of(NORTHGATE))
        return made[-1]

    yield make
    for changes in made:
        changes.stop()
        changes.happened.set()


def asks(url: str, mode: Literal["auto", "on", "off"] = "auto") -> Settings:
    given = {"SUPABASE_URL": url, "SUPABASE_PUBLISHABLE_KEY": "publishable", "FIELDLINE_REALTIME": mode}
    return Settings.model_validate(given)


def one(name: str, lasts_s: float = 3600) -> str:
    return jwt.encode({"sub": name, "exp": time.time() + lasts_s}, "x" * 32, "HS256")


async def flowing(changes: Changes, wanted: bool = True) -> None:
    async def turned() -> bool:
        return changes.flowing is wanted

    await until(turned)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.name == "fieldline.realtime"]


async def test_change_wakes_the_feed(supabase: Supabase, db: Tables, server: RealtimeStandIn, heard: Heard) -> None:
    changes = heard()
    reader = Reader(Feed(NORTHGATE, ZONE, every_s=0.05, changes=changes), db)
    await reader.until("reset")
    await flowing(changes)
    async with live_call(supabase) as call:
        await server.change("call_logs")
        await reader.until("call")
        await call.add("agent", "Hello.")
        await server.change("voice_agent_interactions")
        await reader.until("items", "Hello.")
    await reader.close()


async def test_subscribes_once_with_the_rights_of_who_looks_on(
    db: Tables, server: RealtimeStandIn, heard: Heard
) -> None:
    changes = heard()
    feed = Feed(NORTHGATE, ZONE, every_s=0.05, changes=changes)
    readers = [Reader(feed, db) for _ in range(20)]
    await asyncio.gather(*(reader.until("reset") for reader in readers))
    join = await server.joins.get()
    await flowing(changes)
    assert join.token == db.token
    assert [binding["table"] for binding in join.bindings] == list(TABLES)
    assert {binding["filter"] for binding in join.bindings} == {f"company_id=eq.{NORTHGATE}"}
    assert server.knocks == 1
    for reader in readers:
        await reader.close()


async def test_lost_socket_goes_back_to_polling_and_then_to_changes(
    supabase: Supabase, db: Tables, server: RealtimeStandIn, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    changes = heard()
    reader = Reader(Feed(NORTHGATE, ZONE, every_s=0.05, changes=changes), db)
    await reader.until("reset")
    await flowing(changes)
    server.refusal = HTTPStatus.BAD_GATEWAY
    await server.drop()
    await flowing(changes, False)
    async with live_call(supabase) as call:
        await reader.until("call")
        server.refusal = None
        await flowing(changes)
        await call.add("user", "it is back")
        await server.change("voice_agent_interactions")
        await reader.until("items", "it is back")
    await reader.close()
    assert said(caplog) == [
        "live calls come by Realtime",
        "Realtime is out of reach, live calls come by polling",
        "live calls come by Realtime",
    ]


async def test_embedded_stack_has_none_and_says_so_once(
    supabase: Supabase, db: Tables, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    realtime = Realtime(supabase.settings, first_s=0.01)
    reader = Reader(Feed(NORTHGATE, ZONE, every_s=0.05, changes=realtime.of(NORTHGATE)), db)
    another = Reader(Feed(NORTHGATE, ZONE, every_s=0.05, changes=realtime.of(NORTHGATE)), db)
    await reader.until("reset")

    async def found_out() -> bool:
        return not realtime.there

    await until(found_out)
    await another.until("reset")
    async with live_call(supabase):
        await reader.until("call")
        await another.until("call")
    assert said(caplog) == ["no Realtime at the Supabase, live calls come by polling"]
    least = logging.getLevelName(QUIET["realtime"])
    assert [record for record in caplog.records if record.name.startswith("realtime") and record.levelno >= least] == []
    await reader.close()
    await another.close()


async def test_api_behind_the_gateway_is_no_realtime(supabase: Supabase) -> None:
    """Where a gateway knows no Realtime, the upgrade comes to the API."""
    async with open_office(supabase) as office, served(office) as url:
        realtime = Realtime(asks(url), first_s=0.01)
        changes = realtime.of(NORTHGATE)
        changes.lend("token", {"token"})

        async def found_out() -> bool:
            return not realtime.there

        await until(found_out)


async def test_set_to_on_it_keeps_trying(server: RealtimeStandIn, heard: Heard) -> None:
    server.refusal = HTTPStatus.NOT_FOUND
    changes = heard("on")
    changes.lend("token", {"token"})

    async def tried_twice() -> bool:
        return server.knocks > 1

    await until(tried_twice)
    server.refusal = None
    await flowing(changes)


async def test_set_to_off_it_is_not_tried(server: RealtimeStandIn, heard: Heard) -> None:
    off, on = heard("off"), heard("on")
    for changes in (off, on):
        changes.lend("token", {"token"})
    await flowing(on)
    assert (server.knocks, off.flowing) == (1, False)


async def test_tables_that_are_not_published_are_polled_until_they_are(
    server: RealtimeStandIn, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    server.published = False
    changes = heard()
    changes.lend("token", {"token"})
    for _ in range(3):
        await server.joins.get()
        assert not changes.flowing
    server.published = True
    await flowing(changes)
    assert [line for line in said(caplog) if "out of reach" in line] == [
        "Realtime is out of reach, live calls come by polling"
    ]


async def test_token_stays_until_its_owner_leaves_or_it_ends(server: RealtimeStandIn, heard: Heard) -> None:
    changes, first, short, last = heard(), one("first"), one("short", lasts_s=10), one("last")
    changes.lend(first, {first})
    assert (await server.joins.get()).token == first
    await flowing(changes)
    changes.lend(last, {first, last})
    await server.drop()
    assert (await server.joins.get()).token == first
    await flowing(changes)
    changes.lend(short, {short, last})
    assert await server.tokens.get() == short
    changes.lend(last, {short, last})
    assert await server.tokens.get() == last


async def test_socket_closes_when_nobody_looks_on(
    db: Tables, server: RealtimeStandIn, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "UNHURRIED_S", 0.05)
    changes = heard()
    reader = Reader(Feed(NORTHGATE, ZONE, every_s=0.05, changes=changes), db)
    await reader.until("reset")
    await flowing(changes)
    await reader.close()
    await server.left.get()
    assert not changes.flowing
