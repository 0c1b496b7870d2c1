"""Rings numbers for the carrier stand-in, and turns what happens into what LiveKit's client is told."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass

from livekit.protocol import sip as proto

from fieldline.lab.office_phone import PHRASES, Behaviour, OfficeLeg, OfficePhone, answers
from fieldline.lab.phone import PhoneError
from fieldline.lab.sip import Server
from fieldline.lab.twirp import TwirpFailure

#: SIP status → Twirp code, as github.com/livekit/protocol (livekit/sip.go) maps them; 486 and 480 share one.
CODES = {
    404: "not_found",
    480: "resource_exhausted",
    486: "resource_exhausted",
    500: "failed_precondition",
    503: "failed_precondition",
    603: "permission_denied",
}
#: livekit-server's own, where a request names none.
RINGING_TIMEOUT_S = 30.0


@dataclass
class Call:
    """One attempt to reach a number. `phone` is in the room from the beginning; `outcome` ends with the attempt."""

    number: str
    caller_id: str
    phone: OfficePhone
    outcome: asyncio.Task[None]


class Dialling:
    """The numbers of a lab's world and the calls to them; any other number does what `anyone` says, or is unknown."""

    def __init__(self, server: Server) -> None:
        self.calls: list[Call] = []
        self.anyone: Behaviour | None = None
        self.down = False  # the trunk: every call fails with 503
        self._server = server
        self._behaviours: dict[str, deque[Behaviour]] = {}
        self._arrived = asyncio.Condition()
        self._people: list[asyncio.Task[None]] = []

    def number(self, number: str, *behaviours: Behaviour) -> None:
        """What `number` does: the first time it is rung, the second time, …; the last one is for good."""
        self._behaviours[number] = deque(behaviours or (answers(),))

    def calls_to(self, number: str) -> int:
        """How often `number` has been rung so far."""
        return sum(call.number == number for call in self.calls)

    async def next_call(self, number: str, *, after: int = 0) -> Call:
        """The call number `after` (from 0) to `number`, as soon as its phone is in the room."""

        def found() -> Call | None:
            calls = [call for call in self.calls if call.number == number]
            return calls[after] if len(calls) > after else None

        async with self._arrived:
            await self._arrived.wait_for(found)
        call = found()
        assert call
        return call

    async def dial(
        self, asked: proto.CreateSIPParticipantRequest, trunk: proto.SIPOutboundTrunkInfo
    ) -> proto.SIPParticipantInfo:
        """Ring the number that is asked for.

        Raises:
            TwirpFailure: as livekit-server answers: with `sip_status_code` where the other side refused, and
                `canceled` without it where the ringing timed out or the leg was removed.
        """
        behaviour = self._behaviour(asked.sip_call_to)
        if self.down:
            raise refusal(503)
        leg = OfficeLeg(
            from_number=asked.sip_call_to,
            to_number=asked.sip_number or secrets.choice(list(trunk.numbers)),
            room=asked.room_name,
            identity=asked.participant_identity or f"sip_{asked.sip_call_to}",
            name=asked.participant_name,
            metadata=asked.participant_metadata,
            trunk_id=trunk.sip_trunk_id,
            extra=dict(asked.participant_attributes),
        )
        phone = OfficePhone(self._server, leg)
        await phone.__aenter__()
        self._people.append(asyncio.create_task(_put_down(phone)))
        limit = asked.ringing_timeout.ToMilliseconds() / 1000 or RINGING_TIMEOUT_S
        outcome = asyncio.create_task(self._ring(phone, behaviour, limit))
        outcome.add_done_callback(_seen)
        async with self._arrived:
            self.calls.append(Call(asked.sip_call_to, leg.to_number, phone, outcome))
            self._arrived.notify_all()
        if asked.wait_until_answered:
            # The ringing goes on when the one who asked has gone: only removing the leg stops it.
            await asyncio.shield(outcome)
        return proto.SIPParticipantInfo(
            participant_id=phone.sid,
            participant_identity=leg.identity,
            room_name=leg.room,
            sip_call_id=leg.attributes["sip.callID"],
        )

    async def aclose(self) -> None:
        """Every phone is put down."""
        tasks = [*self._people, *(call.outcome for call in self.calls)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(call.phone.hang_up() for call in self.calls))

    def _behaviour(self, number: str) -> Behaviour:
        waiting = self._behaviours.get(number)
        if not waiting and self.anyone is None:
            return Behaviour(status=404, rings_s=0)
        if any(call.number == number and not call.phone.ended.is_set() for call in self.calls):
            return Behaviour(status=486, rings_s=0)
        if not waiting:
            return self.anyone or answers()
        return waiting.popleft() if len(waiting) > 1 else waiting[0]

    async def _ring(self, phone: OfficePhone, behaviour: Behaviour, limit_s: float) -> None:
        try:
            if behaviour.status is None or behaviour.rings_s:
                await _unless_ended(phone, phone.ring())
            async with asyncio.timeout(limit_s):
                await self._until_decided(phone, behaviour)
        except TimeoutError:
            await phone.hang_up()
            raise TwirpFailure("canceled", "sip request timed out") from None
        if phone.ended.is_set():
            raise TwirpFailure("canceled", "sip call was cancelled")
        if behaviour.status != 200:
            await phone.hang_up()
            raise refusal(behaviour.status or 0)
        await phone.answer()
        if behaviour.greeting is not None or behaviour.keys or behaviour.hangs_up_s is not None:
            self._people.append(asyncio.create_task(_on_the_phone(phone, behaviour)))

    async def _until_decided(self, phone: OfficePhone, behaviour: Behaviour) -> None:
        """Until the phone answers or refuses, or its leg is removed."""
        if behaviour.status is None:
            await phone.ended.wait()
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(phone.ended.wait(), behaviour.rings_s)


async def _unless_ended(phone: OfficePhone, doing: Coroutine[None, None, None]) -> None:
    """Do it, unless the leg is removed first: then nothing of it may be waited for."""
    task, ended = asyncio.create_task(doing), asyncio.create_task(phone.ended.wait())
    try:
        await asyncio.wait({task, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not phone.ended.is_set():
            task.result()
    finally:
        task.cancel()
        ended.cancel()


def refusal(status: int) -> TwirpFailure:
    """The error that LiveKit makes of a SIP refusal."""
    phrase = PHRASES[status]
    meta = {"sip_status_code": str(status), "sip_status": phrase}
    return TwirpFailure(CODES[status], f"sip status {status}: {phrase}", meta)


async def _put_down(phone: OfficePhone) -> None:
    """A phone whose call has ended, whoever ended it, sends no more: many of them would take a core."""
    await phone.ended.wait()
    await phone.hang_up()


async def _on_the_phone(phone: OfficePhone, behaviour: Behaviour) -> None:
    try:
        if behaviour.greeting is not None:
            await phone.play(behaviour.greeting)
        if behaviour.keys:
            await phone.hear()
            await phone.keys(behaviour.keys)
    except PhoneError:
        return  # the line was quicker and hung up
    if behaviour.hangs_up_s is not None:
        await asyncio.sleep(behaviour.hangs_up_s)
        await phone.hang_up()


def _seen(outcome: asyncio.Task[None]) -> None:
    """A refusal that nobody waited for is no fault."""
    if not outcome.cancelled():
        outcome.exception()
