"""The other end of a call that the line makes: what a number does when it is rung, and the phone that then is on.

The participant behaves like livekit-sip's: in the room from the INVITE on, `sip.callStatus` dialing, ringing, active;
its microphone is published before the answer; it subscribes to everything about 100 ms after it. The status is
written by the participant itself, so it freezes when `can_update_metadata` is taken away.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from livekit import api, rtc

from fieldline.lab.audio import Pcm
from fieldline.lab.phone import LabPhone
from fieldline.lab.sip import Server, SipLeg

#: How long one ring and its pause last in North America.
RING_S = 6.0
#: Reason phrases (RFC 3261) of the refusals that a lab needs.
PHRASES = {
    404: "Not Found",
    480: "Temporarily Unavailable",
    486: "Busy Here",
    500: "Server Internal Error",
    503: "Service Unavailable",
    603: "Decline",
}


@dataclass(frozen=True)
class Behaviour:
    """What a number does when it is rung.

    It rings for `rings_s` and then gives `status` (200 is an answer; None: it rings for ever). After the answer it
    plays `greeting`, presses `keys` when it has heard what the line has to say, and, with `hangs_up_s`, hangs up so
    long after that.
    """

    status: int | None = 200
    rings_s: float = 0.5
    greeting: Pcm | None = None
    keys: str = ""
    hangs_up_s: float | None = None


def answers(rings_s: float = 0.5) -> Behaviour:
    """Somebody picks up; the test speaks for them."""
    return Behaviour(rings_s=rings_s)


def colleague(rings_s: float = 2.0) -> Behaviour:
    """Somebody picks up, hears the briefing out and accepts by key; the caller ends the call."""
    return Behaviour(rings_s=rings_s, keys="1")


def answers_on_second_ring(ring_s: float = RING_S) -> Behaviour:
    """Somebody picks up as the second ring begins."""
    return Behaviour(rings_s=ring_s)


def answers_then_hangs_up(after_s: float = 1.0) -> Behaviour:
    """Somebody picks up and puts the phone down again."""
    return Behaviour(hangs_up_s=after_s)


def voicemail(greeting: Pcm, rings_s: float = 0.5) -> Behaviour:
    """A machine answers, says its greeting and then listens."""
    return Behaviour(greeting=greeting, rings_s=rings_s)


def busy() -> Behaviour:
    """486, at once."""
    return Behaviour(status=486, rings_s=0)


def rejects(rings_s: float = 0.5) -> Behaviour:
    """603: somebody sees who calls and declines."""
    return Behaviour(status=603, rings_s=rings_s)


def unreachable(status: int = 480) -> Behaviour:
    """404, 480 or 503, without ringing."""
    return Behaviour(status=status, rings_s=0)


def never_answers() -> Behaviour:
    """It rings until the line gives up."""
    return Behaviour(status=None)


@dataclass
class OfficeLeg(SipLeg):
    """A leg that the line dials: the callee's number is `from_number`, as livekit-sip names it `sip.phoneNumber`."""

    name: str = ""
    metadata: str = ""
    trunk_id: str = "ST_lab"
    extra: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.attributes.pop("sip.ruleID")
        self.attributes |= {"sip.callStatus": "dialing", "sip.trunkID": self.trunk_id} | self.extra

    def token(self, server: Server) -> str:
        """An access token that may write its own status."""
        return (
            api.AccessToken(server.key, server.secret)
            .with_identity(self.identity)
            .with_name(self.name or f"Phone {self.from_number}")
            .with_metadata(self.metadata)
            .with_kind("sip")
            .with_attributes(self.attributes)
            .with_grants(api.VideoGrants(room_join=True, room=self.room, can_update_own_metadata=True))
            .to_jwt()
        )


class OfficePhone(LabPhone):
    """A phone that has been rung. Entering joins the room and publishes the microphone; `answer` picks up."""

    def __init__(self, server: Server, leg: OfficeLeg) -> None:
        super().__init__(server, leg)
        self.answered = asyncio.Event()
        #: Keys that came over from other phones in the room: livekit-sip plays them as tones.
        self.beeps: list[str] = []
        self.on("sip_dtmf_received", lambda dtmf: self.beeps.append(dtmf.digit))

    async def ring(self) -> None:
        """Begin to ring."""
        await self._status("ringing")

    async def answer(self) -> None:
        """Pick up; what was said in the room before is not for this telephone."""
        self._turn_at = self.recording.now()
        self.answered.set()
        await self._status("active")

    async def reconnect(self) -> None:
        """The leg loses its connection and comes back anew; then it asks for every track, as livekit-sip does."""
        back = asyncio.Event()
        self._rtc.once("reconnected", lambda *_: back.set())
        await self._rtc.simulate_scenario(rtc.SimulateScenarioKind.SIMULATE_FULL_RECONNECT)
        await back.wait()
        await LabPhone._subscribe_to_all(self)

    @property
    def sid(self) -> str:
        """The participant's id in the room."""
        return self._rtc.local_participant.sid

    async def _status(self, status: str) -> None:
        if self.ended.is_set():
            return
        attributes = {**self._rtc.local_participant.attributes, "sip.callStatus": status}
        # A request that is under way when the leg is removed is never answered.
        writing = asyncio.ensure_future(self._rtc.local_participant.set_attributes(attributes))
        over = asyncio.create_task(self.ended.wait())
        await asyncio.wait({writing, over}, return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        writing.cancel()
        await asyncio.gather(writing, over, return_exceptions=True)

    async def _subscribe_to_all(self) -> None:
        await self.answered.wait()
        await super()._subscribe_to_all()
