"""The carrier stand-in: each outcome as LiveKit's own client tells it, and what the room sees of a ringing phone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from livekit import api, rtc
from tenacity import AsyncRetrying, stop_after_delay, wait_fixed

from fieldline.errors import TelephonyError
from fieldline.lab.audio import tone
from fieldline.lab.caller import Action, PhoneCaller
from fieldline.lab.carrier import Carrier
from fieldline.lab.office_phone import (
    Behaviour,
    answers,
    answers_on_second_ring,
    answers_then_hangs_up,
    busy,
    colleague,
    never_answers,
    rejects,
    unreachable,
    voicemail,
)
from fieldline.lab.phone import LabPhone, PhoneError
from fieldline.lab.sip import Server, SipLeg
from fieldline.settings import load_settings
from fieldline.stack import Stack
from fieldline.stack.cache import CannotBring
from sip.provision import provision

pytestmark = pytest.mark.room

OFFICE = "+12025550140"
DEADLOCK_S = 30


@pytest.fixture(scope="module")
async def rooms(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A livekit-server and nothing else."""
    home = tmp_path_factory.mktemp("rooms")
    try:
        async with Stack(home, scratch=True, parts=["livekit"], settings=load_settings()) as stack:
            yield Server(stack.info.livekit_url, stack.info.livekit_api_key, stack.info.livekit_api_secret)
    except CannotBring as error:
        pytest.skip(str(error))


@pytest.fixture
async def carrier(rooms: Server) -> AsyncIterator[Carrier]:
    async with Carrier(rooms) as carrier:
        yield carrier


@pytest.fixture
async def line(carrier: Carrier) -> AsyncIterator[api.LiveKitAPI]:
    server = carrier.server
    async with api.LiveKitAPI(server.url, server.key, server.secret) as client:
        yield client


class Room:
    """The caller's room, with somebody in it who sees what happens; reached through the stand-in."""

    def __init__(self, carrier: Carrier) -> None:
        self.rtc = rtc.Room()
        self.states: list[str] = []
        self.gone = asyncio.Event()
        self._carrier = carrier

    async def __aenter__(self) -> Room:
        server = self._carrier.server
        grants = api.VideoGrants(room_join=True, room="call-1")
        token = api.AccessToken(server.key, server.secret).with_identity("agent").with_grants(grants)
        self.rtc.on("participant_connected", lambda who: self.states.append(who.attributes["sip.callStatus"]))
        self.rtc.on(
            "participant_attributes_changed", lambda _, who: self.states.append(who.attributes["sip.callStatus"])
        )
        self.rtc.on("participant_disconnected", lambda _: self.gone.set())
        await self.rtc.connect(server.url, token.to_jwt())
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.rtc.disconnect()

    async def sees(self, *states: str) -> None:
        """Wait until exactly these states have been seen, after dialing, which may be over before anybody looks."""
        async for attempt in AsyncRetrying(stop=stop_after_delay(DEADLOCK_S), wait=wait_fixed(0.02), reraise=True):
            with attempt:
                assert [state for state in self.states if state != "dialing"] == list(states)


def request(carrier: Carrier, number: str = OFFICE, **more: Any) -> api.CreateSIPParticipantRequest:
    asked = api.CreateSIPParticipantRequest(
        sip_trunk_id=carrier.open_trunk("+12025550100"),
        sip_call_to=number,
        room_name="call-1",
        participant_identity="office",
        wait_until_answered=True,
        **more,
    )
    asked.ringing_timeout.FromSeconds(2)
    return asked


REFUSALS = [
    (busy(), "resource_exhausted", 429, 486, "Busy Here"),
    (rejects(rings_s=0.1), "permission_denied", 403, 603, "Decline"),
    (unreachable(404), "not_found", 404, 404, "Not Found"),
    (unreachable(480), "resource_exhausted", 429, 480, "Temporarily Unavailable"),
    (unreachable(500), "failed_precondition", 412, 500, "Server Internal Error"),
    (unreachable(503), "failed_precondition", 412, 503, "Service Unavailable"),
]


@pytest.mark.parametrize(("behaviour", "code", "http", "status", "phrase"), REFUSALS, ids=lambda value: str(value)[:20])
async def test_refusals_are_told_as_livekit_tells_them(
    carrier: Carrier, line: api.LiveKitAPI, behaviour: Behaviour, code: str, http: int, status: int, phrase: str
) -> None:
    carrier.numbers.number(OFFICE, behaviour)
    with pytest.raises(api.SipCallError) as caught:
        await line.sip.create_sip_participant(request(carrier))
    error = caught.value
    assert (error.code, error.status, error.sip_status_code, error.sip_status) == (code, http, status, phrase)


async def test_ringing_out_is_canceled_without_a_sip_status(carrier: Carrier, line: api.LiveKitAPI) -> None:
    carrier.numbers.number(OFFICE, never_answers())
    with pytest.raises(api.ServerError) as caught:
        await line.sip.create_sip_participant(request(carrier))
    assert not isinstance(caught.value, api.SipCallError)
    assert (caught.value.code, caught.value.status) == ("canceled", 408)


async def test_unknown_number_and_broken_trunk(carrier: Carrier, line: api.LiveKitAPI) -> None:
    with pytest.raises(api.SipCallError, match="404 Not Found"):
        await line.sip.create_sip_participant(request(carrier, "+19005550100"))
    carrier.numbers.down = True
    carrier.numbers.number(OFFICE)
    with pytest.raises(api.SipCallError, match="503 Service Unavailable"):
        await line.sip.create_sip_participant(request(carrier))


async def test_unknown_trunk_and_wrong_key_are_refused(carrier: Carrier, line: api.LiveKitAPI) -> None:
    asked = request(carrier)
    with pytest.raises(api.ServerError, match="trunk does not exist"):
        await line.sip.create_sip_participant(asked, trunk_id="ST_nobody")
    async with api.LiveKitAPI(carrier.server.url, carrier.server.key, "x" * 32) as stranger:
        with pytest.raises(api.ServerError, match="unauthenticated"):
            await stranger.sip.create_sip_participant(asked)


async def test_room_sees_the_phone_ring_and_answer(carrier: Carrier, line: api.LiveKitAPI) -> None:
    carrier.numbers.number(OFFICE, answers(rings_s=0.3))
    async with Room(carrier) as room:
        info = await line.sip.create_sip_participant(request(carrier, participant_attributes={"fieldline.for": "Chen"}))
        await room.sees("ringing", "active")
        office = room.rtc.remote_participants["office"]
        assert office.kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP and info.participant_identity == "office"
        assert office.attributes["sip.phoneNumber"] == OFFICE
        assert office.attributes["sip.trunkPhoneNumber"] == "+12025550100"
        assert office.attributes["fieldline.for"] == "Chen"


async def test_status_freezes_when_metadata_may_not_be_changed(carrier: Carrier, line: api.LiveKitAPI) -> None:
    carrier.numbers.number(OFFICE, answers(rings_s=1))
    async with Room(carrier) as room:
        dialling = asyncio.create_task(line.sip.create_sip_participant(request(carrier)))
        await carrier.numbers.next_call(OFFICE)
        await room.sees("ringing")
        gate = api.ParticipantPermission(can_publish=True, can_publish_data=True)
        await line.room.update_participant(
            api.UpdateParticipantRequest(room="call-1", identity="office", permission=gate)
        )
        await dialling
        assert room.rtc.remote_participants["office"].attributes["sip.callStatus"] == "ringing"


@pytest.mark.parametrize("how", ["participant", "room"])
async def test_removing_the_leg_stops_the_ringing(carrier: Carrier, line: api.LiveKitAPI, how: str) -> None:
    carrier.numbers.number(OFFICE, never_answers())
    async with Room(carrier):
        dialling = asyncio.create_task(line.sip.create_sip_participant(request(carrier)))
        call = await carrier.numbers.next_call(OFFICE)
        if how == "room":
            await line.room.delete_room(api.DeleteRoomRequest(room="call-1"))
        else:
            await line.room.remove_participant(api.RoomParticipantIdentity(room="call-1", identity="office"))
        await asyncio.wait_for(call.phone.ended.wait(), DEADLOCK_S)
        with pytest.raises(api.ServerError, match="cancelled"):
            await dialling


async def test_a_telephone_whose_leg_was_removed_is_put_down(carrier: Carrier, line: api.LiveKitAPI) -> None:
    carrier.numbers.number(OFFICE, answers())
    async with Room(carrier):
        await line.sip.create_sip_participant(request(carrier))
        sending = [task for task in asyncio.all_tasks() if task.get_name().startswith("lab-phone")]
        await line.room.remove_participant(api.RoomParticipantIdentity(room="call-1", identity="office"))
        assert sending and not (await asyncio.wait(sending, timeout=DEADLOCK_S))[1]


async def test_ringing_goes_on_when_only_the_request_is_given_up(carrier: Carrier, line: api.LiveKitAPI) -> None:
    carrier.numbers.number(OFFICE, answers(rings_s=0.5))
    async with Room(carrier) as room:
        dialling = asyncio.create_task(line.sip.create_sip_participant(request(carrier)))
        await carrier.numbers.next_call(OFFICE)
        dialling.cancel()
        await room.sees("ringing", "active")


async def test_answers_then_hangs_up(carrier: Carrier, line: api.LiveKitAPI) -> None:
    carrier.numbers.number(OFFICE, answers_then_hangs_up(after_s=0.1))
    async with Room(carrier) as room:
        await line.sip.create_sip_participant(request(carrier))
        await asyncio.wait_for(room.gone.wait(), DEADLOCK_S)


async def test_answers_on_the_second_ring_or_the_second_call(carrier: Carrier, line: api.LiveKitAPI) -> None:
    carrier.numbers.number(OFFICE, busy(), answers_on_second_ring(ring_s=0.2))
    with pytest.raises(api.SipCallError, match="486"):
        await line.sip.create_sip_participant(request(carrier))
    assert (await line.sip.create_sip_participant(request(carrier))).sip_call_id


async def test_a_number_that_is_on_the_phone_is_busy(carrier: Carrier, line: api.LiveKitAPI) -> None:
    carrier.numbers.number(OFFICE)
    async with Room(carrier):
        await line.sip.create_sip_participant(request(carrier))
        with pytest.raises(api.SipCallError, match="486"):
            await line.sip.create_sip_participant(request(carrier))


async def test_voicemail_says_its_greeting_to_the_room(carrier: Carrier, line: api.LiveKitAPI) -> None:
    greeting = tone(880, 0.4)
    carrier.numbers.number(OFFICE, voicemail(greeting, rings_s=0.1))
    async with Room(carrier):
        await line.sip.create_sip_participant(request(carrier))
        phone = (await carrier.numbers.next_call(OFFICE)).phone
        async for attempt in AsyncRetrying(stop=stop_after_delay(DEADLOCK_S), wait=wait_fixed(0.05)):
            with attempt:
                assert (abs(phone.recording.said) > 0).sum() > 0.9 * len(greeting)


async def test_a_server_without_redis_gets_a_plan_but_no_trunks(rooms: Server) -> None:
    settings = load_settings(livekit_url=rooms.url, livekit_api_key=rooms.key, livekit_api_secret=rooms.secret)
    plan = await provision(settings, dry_run=True)
    assert [change.action for change in plan.changes] == ["create", "create"] and "no Redis" in plan.notes[0]
    with pytest.raises(TelephonyError, match="no Redis"):
        await provision(settings, dry_run=False)


async def test_everything_else_reaches_the_real_server(carrier: Carrier, rooms: Server, line: api.LiveKitAPI) -> None:
    await line.room.create_room(api.CreateRoomRequest(name="call-through"))
    async with api.LiveKitAPI(rooms.url, rooms.key, rooms.secret) as direct:
        names = [room.name for room in (await direct.room.list_rooms(api.ListRoomsRequest())).rooms]
    assert "call-through" in names


async def test_two_people_on_the_line_hear_each_other_until_one_hangs_up(
    carrier: Carrier, line: api.LiveKitAPI
) -> None:
    carrier.numbers.number(OFFICE, answers(rings_s=0.1))
    clip = Path(__file__).parent / "audio" / "mike-goodbye.wav"

    async def rung() -> LabPhone:
        return (await carrier.numbers.next_call(OFFICE)).phone

    async with LabPhone(carrier.server, SipLeg("+12025550142", "+12025550100", room="call-1")) as phone:
        caller = PhoneCaller(phone, rung)
        await line.sip.create_sip_participant(request(carrier))
        office = await caller.other()
        await office.phone.connected()

        heard = await caller.act(Action("play", clip=clip, reaches=True))
        answered = await office.act(Action("play", clip=clip, reaches=True))

        assert "heard on the other telephone" in heard.text and "heard on the other telephone" in answered.text
        await line.room.remove_participant(api.RoomParticipantIdentity(room="call-1", identity="office"))
        await office.phone.until_ended()
        with pytest.raises(PhoneError, match="call is over"):
            await office.act(Action("play", clip=clip, reaches=True))


async def test_a_colleague_listens_and_then_accepts_by_key(carrier: Carrier, line: api.LiveKitAPI) -> None:
    carrier.numbers.anyone = colleague(rings_s=0.1)
    async with LabPhone(carrier.server, SipLeg("+12025550142", "+12025550100", room="call-1")) as phone:
        pressed: asyncio.Queue[str] = asyncio.Queue()
        phone.on("sip_dtmf_received", lambda dtmf: pressed.put_nowait(dtmf.digit))
        await line.sip.create_sip_participant(request(carrier, "+12025550177"))

        await phone.play(tone(440, 0.6))

        async with asyncio.timeout(DEADLOCK_S):
            assert await pressed.get() == "1"
