"""Two who notice that a call has no agent may each send one. Only the first may talk."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from livekit import api, rtc

from agent.job import is_first
from fieldline.rescue import livekit_api
from tests.support.stacks import Supabase

ROOM = "call-two-agents"


async def join(supabase: Supabase, identity: str) -> rtc.Room:
    info, room = supabase.info, rtc.Room()
    token = (
        api.AccessToken(info.livekit_api_key, info.livekit_api_secret)
        .with_identity(identity)
        .with_kind("agent")
        .with_grants(api.VideoGrants(room_join=True, room=ROOM))
    )
    await room.connect(info.livekit_url, token.to_jwt())
    return room


async def test_only_the_first_agent_of_a_call_goes_on(livekit: Supabase) -> None:
    first, second = await join(livekit, "agent-z"), await join(livekit, "agent-a")
    async with livekit_api(livekit.settings) as lk:
        jobs = [cast(Any, SimpleNamespace(api=lk, room=room)) for room in (first, second)]
        assert [await is_first(job) for job in jobs] == [True, False]
        await first.disconnect()
        assert await is_first(jobs[1])
    await second.disconnect()


async def test_agent_goes_on_where_nobody_can_say_who_came_first(livekit: Supabase) -> None:
    async with api.LiveKitAPI("http://127.0.0.1:9", "key", "s" * 32) as nobody:
        assert await is_first(cast(Any, SimpleNamespace(api=nobody, room=SimpleNamespace(name=ROOM))))
