"""What a call needs to ring somebody: the room and its floor, a trunk, music, and a voice and ears for the employee.

Made once per call, by the job; a text call has none, so nobody can be connected there.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

import aiohttp
from livekit import api, rtc
from livekit.agents import stt

from agent.consultation import Announcer, office_ears
from agent.floor import VOICE, Floor, is_office
from agent.hold_music import HoldMusic
from agent.pipeline import Pipeline
from fieldline.rescue import LEG, OFFICE
from fieldline.telephony import outbound_trunk
from fieldline.transfer_functions import Outcome

logger = logging.getLogger(__name__)

#: SIP status → outcome. Never by the HTTP status: busy and unreachable share one.
BY_STATUS: dict[int, Outcome] = {
    404: "unreachable",
    408: "no_answer",
    410: "unreachable",
    480: "unreachable",
    484: "unreachable",
    486: "busy",
    487: "no_answer",
    600: "busy",
    603: "declined",
    604: "unreachable",
    607: "declined",
    608: "declined",
}
DIAL_ERRORS = (api.TwirpError, aiohttp.ClientError, TimeoutError)


@dataclass(frozen=True)
class Dialled:
    """How a telephone was reached: answered, or the outcome with what the network said."""

    outcome: Outcome | None = None
    sip_status: int | None = None
    sip_reason: str | None = None


def failed(error: BaseException) -> Dialled:
    """What a failed dial request means."""
    status = getattr(error, "sip_status_code", None)
    if status is not None:
        return Dialled(BY_STATUS.get(status, "failed"), status, getattr(error, "sip_status", None))
    if getattr(error, "code", None) in (api.TwirpErrorCode.CANCELED, api.TwirpErrorCode.DEADLINE_EXCEEDED):
        return Dialled("no_answer")
    return Dialled("failed", None, str(error)[:200] or type(error).__name__)


class Exchange:
    """Rings people into one call's room."""

    def __init__(self, room: rtc.Room, lk: api.LiveKitAPI, caller: str, pipeline: Pipeline) -> None:
        self.room, self.lk, self.caller = room, lk, caller
        self.floor = Floor(room, lk, caller)
        self.ears: stt.STT = office_ears(pipeline.stt, pipeline.vad)
        self.connected: str | None = None
        self._voice = pipeline.tts
        self._turned_away: set[asyncio.Task[None]] = set()
        room.on("participant_connected", self._turn_away)
        self._trunk: api.SIPOutboundTrunkInfo | None = None
        self._announcer: Announcer | None = None
        self._music: HoldMusic | None = None

    async def prepare(self, hold_music: str) -> tuple[HoldMusic, Announcer]:
        """The music and the employee's voice, in the room; nobody hears them before the floor says so."""
        if self._music is None or self._announcer is None:
            # First the rule, then the tracks: what is published is for nobody until it is granted.
            self.floor.grant(caller={VOICE})
            self._music, self._announcer = HoldMusic(hold_music), Announcer(self._voice)
            await self._music.publish(self.room)
            await self._announcer.publish(self.room)
        self._music.choose(hold_music)
        return self._music, self._announcer

    async def dial(self, ring: dict[str, Any], identity: str) -> Dialled:
        """Ring the number of `ring` (facts of transfer_ring); returns when it is answered or has failed."""
        try:
            self._trunk = self._trunk or await outbound_trunk(self.lk.sip)
            if self._trunk is None:
                return Dialled("failed", None, "no outbound trunk")
            request = api.CreateSIPParticipantRequest(
                sip_trunk_id=self._trunk.sip_trunk_id,
                sip_call_to=ring["number"],
                # Without a number of ours the SIP service takes any of the trunk's.
                sip_number=ring["caller_id"],
                room_name=self.room.name,
                participant_identity=identity,
                participant_name=ring["name"],
                participant_attributes={LEG: OFFICE},
                wait_until_answered=True,
                play_dialtone=False,
            )
            request.ringing_timeout.FromMilliseconds(int(float(ring["ring_seconds"]) * 1000))
            await self.lk.sip.create_sip_participant(request)
        except DIAL_ERRORS as error:
            return failed(error)
        return Dialled()

    async def refer(self, ring: dict[str, Any]) -> Dialled:
        """Ask the carrier to connect the two (SIP REFER): accepted, and the caller gone, or why it did not."""
        request = api.TransferSIPParticipantRequest(
            participant_identity=self.caller,
            room_name=self.room.name,
            transfer_to=f"tel:{ring['number']}",
            play_dialtone=True,
        )
        request.ringing_timeout.FromMilliseconds(int(float(ring["ring_seconds"]) * 1000))
        try:
            answer = await self.lk.sip.transfer_sip_participant(request)
        except DIAL_ERRORS as error:
            logger.warning("the carrier does not connect calls itself", extra={"reason": str(error)[:200]})
            return failed(error)
        done = answer.status == api.SIPTransferStatus.STS_TRANSFER_SUCCESSFUL
        return Dialled("accepted") if done else Dialled("failed", None, "not successful")

    def _turn_away(self, person: rtc.RemoteParticipant) -> None:
        """A leg that was let go and comes back late belongs to nobody: the two would hear each other."""
        if is_office(person) and person.identity not in (self.floor.employee, self.connected):
            task = asyncio.create_task(self.floor.remove(person.identity))
            self._turned_away.add(task)
            task.add_done_callback(self._turned_away.discard)

    async def aclose(self) -> None:
        """The call is over."""
        self.room.off("participant_connected", self._turn_away)
        self.floor.forget()
        for part in (self._music, self._announcer):
            if part is not None:
                await part.aclose()
