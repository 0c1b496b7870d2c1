"""One person's telephone in a transfer: rung, told who waits, and joined with the caller or let go.

Whatever happens, the leg of somebody who did not take the call is out of the room in the end. Cancelling the request
to dial would let the telephone ring on: only removing the leg stops it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol

from livekit import rtc

from agent.briefing import Frames, short_briefing
from agent.call import Call, Facts
from agent.consultation import Announcer, Answer, Consultation
from agent.exchange import Dialled, Exchange
from agent.floor import BRIEFING, HOLD, VOICE
from agent.leaving import COME_BACK_S, LEFT
from agent.phrasebook import stream_of
from fieldline.errors import StoreError
from fieldline.transfer_functions import Outcome

logger = logging.getLogger(__name__)

#: A leg that mends its connection by itself says goodbye, and is back so soon.
SOON_S = 0.8
#: The introduction is one short sentence; the two must not wait for a voice that is out.
INTRODUCTION_S = 5.0


class Hold(Protocol):
    """What the caller hears meanwhile."""

    async def tell(self, sentence: str, facts: Facts) -> None:
        """Say something to the caller, without the music."""
        ...

    async def silence(self) -> None:
        """No music and no words, at once."""
        ...

    def taken(self, name: str) -> None:
        """Somebody has taken the call; whoever waits for that need not wait for the introduction."""
        ...


class Attempt:
    """One person's telephone, from the first ring until they have taken the call or are out of the room."""

    def __init__(self, call: Call, exchange: Exchange, ring: Facts, announcer: Announcer, hold: Hold) -> None:
        self._call, self._exchange, self._ring, self._hold = call, exchange, ring, hold
        self._announcer = announcer
        self._identity = f"office-{ring['attempt']}"
        self._gone = asyncio.Event()
        self._consultation: Consultation | None = None
        self._listening: asyncio.Task[None] | None = None
        self._losing: asyncio.TimerHandle | None = None
        self._told = self._refused = ""

    async def run(self, cut: asyncio.Event) -> Dialled:
        """Ring, brief, and join the two or let go."""
        if self._ring["refer"] and not self._ring["emergency"]:
            referred = await self._refer(cut)
            if referred.outcome in ("accepted", "caller_left"):
                return referred
            self._refused = " ".join(str(said) for said in ("REFER", referred.sip_status, referred.sip_reason) if said)
        reached = await self._dial(cut)
        return replace(reached, sip_reason="; ".join(filter(None, (self._refused, reached.sip_reason))) or None)

    async def _refer(self, cut: asyncio.Event) -> Dialled:
        """Let the carrier connect the two, unless the caller does not want to wait any longer."""
        asking = asyncio.ensure_future(self._exchange.refer(self._ring))
        enough = asyncio.ensure_future(cut.wait())
        try:
            await asyncio.wait({asking, enough}, return_when=asyncio.FIRST_COMPLETED)
            referred = asking.result() if asking.done() else Dialled("caller_left")
        finally:
            asking.cancel()
            enough.cancel()
        if referred.outcome == "accepted":
            self._accepted()
        return referred

    async def _dial(self, cut: asyncio.Event) -> Dialled:
        floor = self._exchange.floor
        floor.admit(self._identity)
        floor.grant(caller={VOICE, HOLD}, employee={BRIEFING})
        words = asyncio.create_task(self._words())
        dialling = asyncio.create_task(self._exchange.dial(self._ring, self._identity))
        enough = asyncio.create_task(_first(cut.wait(), self._call.ended.wait()))
        reached = Dialled("failed")
        try:
            with self._events():
                await asyncio.wait({dialling, enough}, return_when=asyncio.FIRST_COMPLETED)
                if not dialling.done():
                    reached = Dialled("caller_left")
                elif (reached := dialling.result()).outcome is None:
                    reached = await self._consult(words, enough)
                return reached
        finally:
            words.cancel()
            enough.cancel()
            if reached.outcome != "accepted":
                await self._call.work.finish_write(self._let_go(dialling))

    async def _let_go(self, dialling: asyncio.Task[Dialled]) -> None:
        """The leg may come into the room only now: it is removed until the request has ended too."""
        await self._exchange.floor.dismiss()
        while not dialling.done():
            await asyncio.wait({dialling}, timeout=0.2)
            await self._exchange.floor.dismiss()
        self._exchange.floor.forget()

    async def _words(self) -> tuple[Frames, Frames, Frames]:
        """Briefing, question and introduction as sound, made while it rings."""
        self._told, briefing = await short_briefing(self._announcer, self._briefing)
        said = [self._call.sentence(name, self._ring) for name in ("briefing_again", "introduction")]
        again, introduction = [await self._announcer.prepare(words) for words in said]
        return briefing, again, introduction

    def _briefing(self, brief: int) -> str:
        return self._call.sentence("briefing", {**self._ring, "brief": brief})

    # The employee has answered

    async def _consult(self, words: asyncio.Task[tuple[Frames, Frames, Frames]], enough: asyncio.Task[None]) -> Dialled:
        self._consultation = consultation = Consultation(
            self._announcer, self._exchange.ears, self._record, self._call.language
        )
        self._call.work.background(self._tell_answered())
        self._listen_to_all()
        asking = asyncio.create_task(self._ask(consultation, words))
        gone = asyncio.create_task(self._gone.wait())
        try:
            await asyncio.wait({asking, gone, enough}, return_when=asyncio.FIRST_COMPLETED)
            if enough.done():
                return Dialled("caller_left")
            if gone.done() or not asking.done():
                return Dialled("hung_up")
            answer: Outcome = asking.result()
            if answer == "accepted":
                return await self._join((await words)[2])
            return Dialled(answer)
        finally:
            for task in (asking, gone, *([self._listening] if self._listening else ())):
                task.cancel()

    async def _ask(self, consultation: Consultation, words: asyncio.Task[tuple[Frames, Frames, Frames]]) -> Answer:
        await self._exchange.floor.open_ears()
        briefing, again, _ = await words
        self._call.recorder.event("employee_told", words=self._told)
        return await consultation.ask(briefing, again)

    def _record(self, words: str) -> None:
        self._call.recorder.event("employee_said", words=words)

    async def _tell_answered(self) -> None:
        with contextlib.suppress(StoreError):
            await self._call.store.transfer_report(
                call_id=self._call.id, attempt=self._ring["attempt"], state="answered"
            )

    # The employee takes the call

    async def _join(self, introduction: Frames) -> Dialled:
        if self._identity not in self._exchange.room.remote_participants:
            return Dialled("hung_up")
        floor = self._exchange.floor
        # From here on the leaving of either ends the call.
        self._call.connected = self._exchange.connected = self._identity
        floor.grant(caller={VOICE}, employee={VOICE})
        await asyncio.gather(floor.join(), self._hold.silence())
        self._accepted()
        await self._introduce(introduction)
        floor.grant()
        return Dialled("accepted")

    async def _introduce(self, frames: Frames) -> None:
        """One sentence to both; then the agent is silent for good."""
        session = self._call.session
        if session is None or not frames or self._call.ended.is_set():
            return
        words = self._call.sentence("introduction", self._ring)
        speech = session.say(words, audio=stream_of(frames), allow_interruptions=False)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(INTRODUCTION_S):
                await speech.wait_for_playout()

    def _accepted(self) -> None:
        self._call.recorder.event("connected", to=self._ring["name"])
        self._hold.taken(self._ring["name"])
        self._call.work.background(self._tell_accepted())

    async def _tell_accepted(self) -> None:
        try:
            await self._call.work.finish_write(
                self._call.store.transfer_report(
                    call_id=self._call.id,
                    attempt=self._ring["attempt"],
                    state="accepted",
                    sip_reason=self._refused or None,
                )
            )
        except StoreError as error:
            logger.warning("an accepted transfer was not written", extra={"code": error.code})

    # What the room tells

    @contextmanager
    def _events(self) -> Iterator[None]:
        room = self._exchange.room
        handlers: dict[Any, Any] = {
            "participant_connected": self._came,
            "participant_disconnected": self._left,
            "track_subscribed": self._heard,
            "sip_dtmf_received": self._key,
        }
        for name, handler in handlers.items():
            room.on(name, handler)
        try:
            yield
        finally:
            for name, handler in handlers.items():
                room.off(name, handler)
            if self._losing is not None:
                self._losing.cancel()

    def _came(self, person: rtc.RemoteParticipant) -> None:
        if person.identity == self._identity and self._losing is not None:
            self._losing.cancel()

    def _left(self, person: rtc.RemoteParticipant) -> None:
        # While it rings the request's own error says why.
        if person.identity == self._identity and self._consultation is not None:
            within_s = SOON_S if person.disconnect_reason in LEFT else COME_BACK_S
            self._losing = asyncio.get_running_loop().call_later(within_s, self._gone.set)

    def _heard(self, track: rtc.Track, _: rtc.RemoteTrackPublication, person: rtc.RemoteParticipant) -> None:
        if person.identity == self._identity and self._consultation is not None:
            self._listen(track)

    def _key(self, event: rtc.SipDTMF) -> None:
        if event.participant is not None and event.participant.identity == self._identity and self._consultation:
            self._consultation.press(event.digit)

    def _listen_to_all(self) -> None:
        person = self._exchange.room.remote_participants.get(self._identity)
        for publication in person.track_publications.values() if person else ():
            if publication.track is not None:
                self._listen(publication.track)

    def _listen(self, track: rtc.Track) -> None:
        if self._consultation is not None and isinstance(track, rtc.RemoteAudioTrack):
            if self._listening is not None:
                self._listening.cancel()
            self._listening = asyncio.create_task(self._consultation.listen(track), name="employee-ears")


async def _first(*waits: Any) -> None:
    """Return when the first of these has come."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
