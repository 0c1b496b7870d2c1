"""Callers who wait without an agent get one, and calls whose worker is gone are settled."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import create_autospec

import pytest
from livekit import api
from livekit.protocol.models import ParticipantInfo, Room

from fieldline.duties.dispatch_watch import PATIENCE_S, WAIT_S, DispatchWatch
from fieldline.duties.lost_calls import ASKER, LostCalls
from fieldline.duties.runner import Duty, keep_doing
from fieldline.errors import StoreUnavailable
from fieldline.rescue import AGENT, SETTLED_S, SIP, Contact, send_agent
from fieldline.store import LineStore

CALLER = ParticipantInfo(identity="sip_caller", kind=SIP)
AGENT_HERE = ParticipantInfo(identity="agent-1", kind=AGENT)


@dataclass
class FakeLiveKit:
    """Rooms and who is in them; what was asked of the server is kept as the real requests."""

    people: dict[str, list[ParticipantInfo]] = field(default_factory=dict)
    dispatched: list[api.CreateAgentDispatchRequest] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    @property
    def room(self) -> FakeLiveKit:
        return self

    @property
    def agent_dispatch(self) -> FakeLiveKit:
        return self

    async def list_rooms(self, request: api.ListRoomsRequest) -> api.ListRoomsResponse:
        rooms = [Room(name=name, num_participants=len(people)) for name, people in self.people.items()]
        return api.ListRoomsResponse(rooms=rooms)

    async def list_participants(self, request: api.ListParticipantsRequest) -> api.ListParticipantsResponse:
        return api.ListParticipantsResponse(participants=self.people.get(request.room, []))

    async def remove_participant(self, request: api.RoomParticipantIdentity) -> None:
        self.removed.append(request.identity)

    async def create_dispatch(self, request: api.CreateAgentDispatchRequest) -> None:
        self.dispatched.append(request)


class FakeClock:
    """Seconds that pass when told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def watch(lk: FakeLiveKit, clock: FakeClock) -> DispatchWatch:
    return DispatchWatch(lk, "fieldline", clock=clock)  # pyright: ignore[reportArgumentType]


async def test_caller_alone_gets_an_agent_after_two_seconds() -> None:
    lk, clock = FakeLiveKit({"call-1": [CALLER]}), FakeClock()
    duty = watch(lk, clock)
    await duty.look()
    assert lk.dispatched == []
    clock.now = WAIT_S
    await duty.look()
    assert [(request.room, request.agent_name) for request in lk.dispatched] == [("call-1", "fieldline")]


async def test_caller_with_an_agent_is_left_alone() -> None:
    lk, clock = FakeLiveKit({"call-1": [CALLER, AGENT_HERE]}), FakeClock()
    duty = watch(lk, clock)
    await duty.look()
    clock.now = 60
    await duty.look()
    assert lk.dispatched == []


async def test_agent_on_its_way_is_not_sent_twice() -> None:
    lk, clock = FakeLiveKit({"call-1": [CALLER]}), FakeClock()
    duty = watch(lk, clock)
    for clock.now in (0, WAIT_S, WAIT_S + 1, WAIT_S + PATIENCE_S - 0.1):
        await duty.look()
    assert len(lk.dispatched) == 1
    clock.now = WAIT_S + PATIENCE_S
    await duty.look()
    assert len(lk.dispatched) == 2


async def test_agent_that_was_there_for_a_moment_resets_the_wait() -> None:
    lk, clock = FakeLiveKit({"call-1": [CALLER]}), FakeClock()
    duty = watch(lk, clock)
    await duty.look()
    lk.people["call-1"] = [CALLER, AGENT_HERE]
    clock.now = 1.9
    await duty.look()
    lk.people["call-1"] = [CALLER]
    clock.now = 2.5
    await duty.look()
    assert lk.dispatched == []


async def test_room_without_a_telephone_is_none_of_our_business() -> None:
    lk, clock = FakeLiveKit({"meeting": [ParticipantInfo(identity="browser")]}), FakeClock()
    duty = watch(lk, clock)
    await duty.look()
    clock.now = 60
    await duty.look()
    assert lk.dispatched == []


async def test_dead_agent_is_taken_out_before_the_next_comes() -> None:
    lk = FakeLiveKit({"call-1": [CALLER, AGENT_HERE]})
    assert await send_agent(lk, "call-1", "fieldline", gone=["agent-1"])  # pyright: ignore[reportArgumentType]
    assert lk.removed == ["agent-1"]
    assert len(lk.dispatched) == 1


async def test_nobody_is_sent_to_a_caller_who_has_hung_up() -> None:
    lk = FakeLiveKit({"call-1": [AGENT_HERE]})
    assert not await send_agent(lk, "call-1", "fieldline", gone=["agent-1"])  # pyright: ignore[reportArgumentType]
    assert lk.dispatched == []


@pytest.fixture
def store() -> Any:
    store = create_autospec(LineStore, instance=True)
    store.worker_beat.return_value = {"now": "", "lost": [{"call_id": "c1", "room": "call-1"}]}
    return store


async def test_lost_call_with_a_waiting_caller_goes_on(store: Any) -> None:
    lk = FakeLiveKit({"call-1": [CALLER, AGENT_HERE]})
    await LostCalls(lk, store, "fieldline").look()  # pyright: ignore[reportArgumentType]
    store.worker_beat.assert_awaited_once_with(worker=ASKER, rooms=[], load=0.0)
    assert lk.removed == ["agent-1"]
    assert len(lk.dispatched) == 1
    store.call_close.assert_not_awaited()


async def test_agent_that_has_just_come_is_not_thrown_out(store: Any) -> None:
    fresh = ParticipantInfo(identity="agent-2", kind=AGENT, joined_at=int(time.time()))
    lk = FakeLiveKit({"call-1": [CALLER, fresh]})
    await LostCalls(lk, store, "fieldline").look()  # pyright: ignore[reportArgumentType]
    assert lk.removed == []
    assert lk.dispatched == []


async def test_lost_call_whose_caller_has_gone_is_closed(store: Any) -> None:
    await LostCalls(FakeLiveKit(), store, "fieldline").look()  # pyright: ignore[reportArgumentType]
    store.call_close.assert_awaited_once_with(call_id="c1", status="failed", end_reason="worker_lost")


async def test_after_an_outage_living_workers_get_time_to_say_so(store: Any) -> None:
    clock = FakeClock()
    lk = FakeLiveKit({"call-1": [CALLER, AGENT_HERE]})
    duty = LostCalls(lk, store, "fieldline", Contact(clock))  # pyright: ignore[reportArgumentType]
    answer = store.worker_beat.return_value
    store.worker_beat.side_effect = [StoreUnavailable("down"), answer, answer]
    with pytest.raises(StoreUnavailable):
        await duty.look()
    await duty.look()
    assert lk.removed == []
    clock.now = SETTLED_S
    await duty.look()
    assert lk.removed == ["agent-1"]


async def test_duty_that_fails_is_tried_again() -> None:
    stop = asyncio.Event()
    rounds = 0

    async def fail_twice() -> None:
        nonlocal rounds
        rounds += 1
        if rounds < 3:
            raise OSError("no route")
        stop.set()

    await asyncio.wait_for(keep_doing(Duty("test", 0.001, fail_twice), stop), 10)
    assert rounds == 3
