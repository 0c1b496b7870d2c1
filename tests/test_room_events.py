"""What livekit-server says about rooms settles the calls that no worker will, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import os
import signal
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from google.protobuf.json_format import MessageToJson
from livekit import api
from livekit.protocol.models import ParticipantInfo, Room
from livekit.protocol.webhook import WebhookEvent

from admin_api.app import create_app
from fieldline.rescue import livekit_api
from fieldline.store import LineStore
from tests.support.calls import STRANGER, closed, no_rooms, phone, rows, until
from tests.support.stacks import Supabase

NORTHGATE = "+12025550100"


@pytest.fixture
async def http(livekit: Supabase) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(livekit.settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://api") as client,
    ):
        yield client


async def lost_call(store: LineStore, room: str) -> str:
    """A call that a worker had which is not there any more."""
    facts = await store.call_open(room=room, from_number=STRANGER, to_number=NORTHGATE, worker="gone", job="j")
    return facts["call_id"]


def event(room: str, name: str = "room_finished", **more: Any) -> WebhookEvent:
    made = {"id": f"EV_{room}_{name}", "created_at": int(time.time()), **more}
    return WebhookEvent(event=name, room=Room(name=room), **made)


def signed(livekit: Supabase, body: str, *, secret: str | None = None, ttl_s: int = 300) -> dict[str, str]:
    """The header that livekit-server sends with this body."""
    settings = livekit.settings
    assert settings.livekit_api_key and settings.livekit_api_secret
    digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    token = api.AccessToken(settings.livekit_api_key, secret or settings.livekit_api_secret.get_secret_value())
    return {"Authorization": token.with_ttl(timedelta(seconds=ttl_s)).with_sha256(digest).to_jwt()}


async def tell(http: httpx.AsyncClient, livekit: Supabase, what: WebhookEvent) -> int:
    body = MessageToJson(what)
    answer = await http.post("/webhooks/livekit", content=body, headers=signed(livekit, body))
    return answer.status_code


async def state(livekit: Supabase) -> list[tuple[Any, ...]]:
    return await rows(livekit, "select status, end_reason, round(extract(epoch from duration)) from call_logs")


async def test_the_end_of_a_room_closes_a_call_that_its_worker_lost(
    livekit: Supabase, store: LineStore, http: httpx.AsyncClient
) -> None:
    await lost_call(store, "call-1")
    assert await tell(http, livekit, event("call-1")) == 204
    assert [row[:2] for row in await state(livekit)] == [("failed", "worker_lost")]


async def test_a_living_worker_closes_its_own_call(
    livekit: Supabase, store: LineStore, http: httpx.AsyncClient
) -> None:
    facts = await store.call_open(room="call-1", from_number=STRANGER, to_number=NORTHGATE, worker="w", job="j")
    await store.worker_beat(worker="w", rooms=["call-1"], load=0)
    assert await tell(http, livekit, event("call-1")) == 204
    await store.call_close(call_id=facts["call_id"], status="completed", end_reason="agent_goodbye")
    assert [row[:2] for row in await state(livekit)] == [("completed", "agent_goodbye")]


async def test_repeated_late_and_unknown_events_change_nothing(
    livekit: Supabase, store: LineStore, http: httpx.AsyncClient
) -> None:
    facts = await store.call_open(room="call-1", from_number=STRANGER, to_number=NORTHGATE, worker="w", job="j")
    await store.call_close(call_id=facts["call_id"], status="completed", end_reason="caller_hung_up")
    before = await state(livekit)
    for what in (
        event("call-1"),
        event("call-1"),
        event("call-1", "participant_left", id="EV_late", created_at=int(time.time()) - 3000),
        event("call-1", "room_started"),
        event("call-unknown"),
        event("", "participant_left"),
        event("call-1", "egress_ended", id=""),
    ):
        assert await tell(http, livekit, what) == 204
    assert await state(livekit) == before


async def test_an_event_is_no_proof_that_nobody_is_there(
    livekit: Supabase, store: LineStore, http: httpx.AsyncClient
) -> None:
    async with phone(livekit, STRANGER, agent_name=None) as caller:
        await lost_call(store, caller.leg.room)
        # An event of an earlier moment, or one that somebody kept: the caller is still in the room.
        for name in ("room_finished", "participant_left"):
            person = ParticipantInfo(identity="somebody", kind=ParticipantInfo.Kind.SIP)
            assert await tell(http, livekit, event(caller.leg.room, name, participant=person)) == 204
        assert [row[0] for row in await state(livekit)] == ["in_progress"]


async def test_who_is_left_alone_of_two_who_were_connected_is_let_go(
    livekit: Supabase, store: LineStore, http: httpx.AsyncClient
) -> None:
    async with phone(livekit, STRANGER, agent_name=None) as caller:
        call = await lost_call(store, caller.leg.room)
        await store.transfer_begin(call_id=call, request_id="t", whom="Karen Miller")
        await store.transfer_ring(call_id=call, request_id="t", turn=1)
        await store.transfer_report(call_id=call, attempt=1, state="answered")
        await store.transfer_report(call_id=call, attempt=1, state="accepted")
        assert await tell(http, livekit, event(caller.leg.room, "participant_left")) == 204
        await no_rooms(livekit)
    assert await tell(http, livekit, event(caller.leg.room)) == 204
    assert [row[:2] for row in await state(livekit)] == [("transferred", "caller_hung_up")]
    assert await rows(livekit, "select outcome from transfers where ended_at is not null") == [("accepted",)]


@pytest.mark.parametrize("spoiled", ["another body", "another secret", "no token", "expired", "no hash", "nonsense"])
async def test_what_livekit_did_not_sign_is_refused(
    livekit: Supabase, store: LineStore, http: httpx.AsyncClient, spoiled: str
) -> None:
    await lost_call(store, "call-1")
    body = MessageToJson(event("call-1"))
    headers = signed(livekit, body)
    match spoiled:
        case "another body":
            body = body.replace("room_finished", "participant_left")
        case "another secret":
            headers = signed(livekit, body, secret="x" * 32)
        case "no token":
            headers = {}
        case "expired":
            headers = signed(livekit, body, ttl_s=-600)
        case "no hash":
            headers["Authorization"] = livekit_token(livekit)
        case _:
            headers = {"Authorization": "nonsense"}
    answer = await http.post("/webhooks/livekit", content=body, headers=headers)
    assert answer.status_code == 401
    assert [row[0] for row in await state(livekit)] == ["in_progress"]


def livekit_token(livekit: Supabase) -> str:
    settings = livekit.settings
    assert settings.livekit_api_key and settings.livekit_api_secret
    return api.AccessToken(settings.livekit_api_key, settings.livekit_api_secret.get_secret_value()).to_jwt()


async def test_a_signed_text_that_is_no_event_is_refused(livekit: Supabase, http: httpx.AsyncClient) -> None:
    answer = await http.post("/webhooks/livekit", content="[1]", headers=signed(livekit, "[1]"))
    assert answer.status_code == 400


async def test_while_the_database_is_away_the_event_is_asked_for_again(
    livekit: Supabase, store: LineStore, http: httpx.AsyncClient
) -> None:
    await lost_call(store, "call-1")
    await livekit.stack.stop_part("rest")
    try:
        assert await tell(http, livekit, event("call-1")) == 503
    finally:
        await livekit.stack.start_part("rest")
    assert await tell(http, livekit, event("call-1")) == 204
    assert [row[0] for row in await state(livekit)] == ["failed"]


async def test_the_stacks_server_tells_the_stacks_api_of_a_worker_that_was_killed(stack: Supabase) -> None:
    await stack.stack.stop_part("duties")  # they would close the call themselves
    try:
        async with phone(stack, STRANGER) as caller:
            await caller.hear()
            os.killpg(stack.stack.supervisor.pids["worker"], signal.SIGKILL)
            await stack.stack.stop_part("worker")  # before it is started again
            # Five seconds of silence make a worker a dead one; the room ends after that.
            await until(lambda: silent(stack))
            async with livekit_api(stack.settings) as lk:
                await lk.room.delete_room(api.DeleteRoomRequest(room=caller.leg.room))
        assert await closed(stack) == ("failed", "worker_lost")
    finally:
        await stack.stack.start_part("worker")
        await stack.stack.start_part("duties")


async def silent(stack: Supabase) -> bool:
    return await rows(stack, "select from workers where last_beat_at > fieldline_now() - interval '5 seconds'") == []
