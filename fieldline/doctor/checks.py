"""What doctor looks at. Each check asks the real thing and says how to mend what it finds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import aiohttp
from livekit import api

from fieldline.doctor.finding import Finding
from fieldline.doctor.trunks import explain
from fieldline.doctor.voice import examine_voice
from fieldline.errors import FieldlineError
from fieldline.settings import Settings
from fieldline.store import LineStore

#: A dependency that takes longer than this to answer is as good as down for a caller.
PATIENCE_S = 5.0


Check = Callable[[Settings], Awaitable[Finding]]


async def database(settings: Settings) -> Finding:
    """Sign in as the line account and call a line function."""
    name = "database"
    try:
        store = await LineStore.open(settings)
    except FieldlineError as error:
        return Finding(name, "broken", str(error), "start the local stack (`fieldline up`) or fill in .env")
    try:
        await asyncio.wait_for(store.line_ping(), PATIENCE_S)
    except TimeoutError:
        return Finding(name, "broken", f"no answer in {PATIENCE_S:.0f} s", f"is {settings.supabase_url} reachable?")
    except FieldlineError as error:
        return Finding(
            name,
            "broken",
            str(error),
            "check SUPABASE_URL and its key; are the migrations applied and is the account in line_accounts?",
        )
    finally:
        await store.aclose()
    return Finding(name, "ok", f"the line account can call the line functions at {settings.supabase_url}")


async def livekit(settings: Settings) -> Finding:
    """List the rooms of the LiveKit server."""
    name = "livekit"
    if not (settings.livekit_url and settings.livekit_api_key and settings.livekit_api_secret):
        return Finding(name, "broken", "no address or key", "set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET")
    try:
        async with _livekit_api(settings) as client:
            rooms = await client.room.list_rooms(api.ListRoomsRequest())
    except api.TwirpError as error:
        return Finding(name, "broken", f"{error.code}: {error.message}", "check LIVEKIT_API_KEY and its secret")
    except (aiohttp.ClientError, TimeoutError) as error:
        return Finding(name, "broken", str(error) or type(error).__name__, f"is {settings.livekit_url} reachable?")
    return Finding(name, "ok", f"{settings.livekit_url} answers, {len(rooms.rooms)} calls now")


async def telephony(settings: Settings, numbers: Sequence[str] = ()) -> list[Finding]:
    """What stands between a caller and the worker: trunks, rules, agent. `numbers` are those that should ring here."""
    name = "telephony"
    if not (settings.livekit_url and settings.livekit_api_key and settings.livekit_api_secret):
        return [Finding(name, "warning", "not asked", "mend livekit first")]
    try:
        async with _livekit_api(settings) as client:
            inbound = await client.sip.list_inbound_trunk(api.ListSIPInboundTrunkRequest())
            outbound = await client.sip.list_outbound_trunk(api.ListSIPOutboundTrunkRequest())
            rules = await client.sip.list_dispatch_rule(api.ListSIPDispatchRuleRequest())
    except (api.TwirpError, aiohttp.ClientError, TimeoutError):
        return [
            Finding(
                name,
                "warning",
                "this LiveKit server has no SIP service",
                "lab phones work without one; real telephones need livekit-sip and Redis, see docs/go-live.md",
            )
        ]
    return explain(inbound.items, outbound.items, rules.items, agent=settings.agent_name, numbers=numbers)


async def spool(settings: Settings) -> Finding:
    """Are there items of ended calls that the database has not got yet?"""
    left = sorted(settings.spool.glob("*.jsonl")) if settings.spool.is_dir() else []
    if left:
        return Finding(
            "spool",
            "warning",
            f"{len(left)} calls have items that wait for the database",
            f"the next worker start ships them; they are in {settings.spool}",
        )
    return Finding("spool", "ok", "nothing waits for the database")


CHECKS: tuple[Check, ...] = (database, livekit, spool)


def _livekit_api(settings: Settings) -> api.LiveKitAPI:
    assert settings.livekit_api_secret
    return api.LiveKitAPI(
        settings.livekit_url,
        settings.livekit_api_key,
        settings.livekit_api_secret.get_secret_value(),
        timeout=aiohttp.ClientTimeout(total=PATIENCE_S),
    )


async def examine(settings: Settings, numbers: Sequence[str] = ()) -> list[Finding]:
    """All findings: CHECKS in their order, then the trunks. `numbers` are those that should ring here."""
    found, trunks, voice = await asyncio.gather(
        asyncio.gather(*(check(settings) for check in CHECKS)), telephony(settings, numbers), examine_voice(settings)
    )
    return [*found, *voice, *trunks]
