"""Who hears whom in a call's room: the agent's tracks by permission, people by subscription and by a gate.

Everything stays in the caller's own room. Until the two are joined:
- the agent's tracks are granted person by person, so a briefing cannot reach the caller whatever a telephone asks for;
- the employee's leg may subscribe to nothing (the gate) until it has been told what it may not hear;
- each leg's microphone is taken from the other, again and again: telephones subscribe to all they find, when they
  answer and when their connection comes back, and the last word wins;
- when the employee's connection breaks in the briefing, nobody hears anybody until it is back: it would ask for the
  caller, and the caller's telephone for its new microphone, before anything could be refused.

livekit-server acts on a new grant at its tick of 3 s only; asking for the track once more makes it look at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Iterable
from typing import Any

import aiohttp
from livekit import api, rtc

from fieldline.rescue import LEG, OFFICE

logger = logging.getLogger(__name__)

#: Names of the agent's tracks: the session's own voice, the music, and the voice that only the employee hears.
VOICE, HOLD, BRIEFING = "roomio_audio", "fieldline-hold", "fieldline-briefing"

#: A telephone asks for every track about 0.1 s after its answer; what is refused before that is asked for again.
ASKS_FOR_ALL_S = 0.3
#: The separation is said again after these times, then every so often: it costs two small requests.
AGAIN_S = (0.05, 0.15, 0.3, 0.5)
EVERY_S = 0.7
#: A leg that comes back may hear everything from its join on, 75 ms after it had left at the earliest (measured).
BACK_S = 0.03
#: A grant is nudged after these times; the first may come before the server has taken the grant in.
NUDGES_S = (0.03, 0.1, 0.3)
API_ERRORS = (api.TwirpError, aiohttp.ClientError, TimeoutError)


def is_office(participant: Any) -> bool:
    """Whether this leg was dialled by the line; takes a room's participant or the server's description of one."""
    return dict(participant.attributes).get(LEG) == OFFICE


class Floor:
    """The hearing rules of one call. `caller` and `employee` are identities; without an employee nobody is rung."""

    def __init__(self, room: rtc.Room, lk: api.LiveKitAPI, caller: str) -> None:
        self.room, self.caller = room, caller
        self.employee: str | None = None
        self.apart = True
        self._lk = lk
        #: Who may subscribe to nothing at the moment.
        self._deaf: set[str] = set()
        self._briefed = False
        self._heard_by: dict[str, set[str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._keeper: asyncio.Task[None] | None = None
        self._new_track = asyncio.Event()

    # The agent's own tracks

    def grant(self, *, caller: Iterable[str] = (), employee: Iterable[str] = ()) -> None:
        """Who hears which of the agent's tracks from now on; whatever is not named is heard by nobody."""
        self._heard_by = {self.caller: set(caller)}
        if self.employee is not None:
            self._heard_by[self.employee] = set(employee)
        tracks = self._own_tracks()
        self.room.local_participant.set_track_subscription_permissions(
            allow_all_participants=False,
            participant_permissions=[
                rtc.ParticipantTrackPermission(
                    participant_identity=identity,
                    allow_all=False,
                    allowed_track_sids=[tracks[name] for name in names if name in tracks],
                )
                for identity, names in self._heard_by.items()
            ],
        )
        for identity in self._heard_by:
            self._start(self._nudge(identity))

    async def _nudge(self, identity: str) -> None:
        for wait_s in NUDGES_S:
            await asyncio.sleep(wait_s)
            tracks = self._own_tracks()
            wanted = [tracks[name] for name in self._heard_by.get(identity, ()) if name in tracks]
            if wanted and identity in self.room.remote_participants:
                await self._subscribe(identity, wanted, True)

    def _own_tracks(self) -> dict[str, str]:
        return {track.name: track.sid for track in self.room.local_participant.track_publications.values()}

    # People

    def admit(self, identity: str) -> None:
        """Somebody is about to be rung under this identity: from its first moment in the room it hears nobody."""
        self.employee, self.apart, self._briefed = identity, True, False
        self.room.on("participant_connected", self._connected)
        self.room.on("participant_disconnected", self._disconnected)
        self.room.on("track_published", self._published)
        self._keeper = asyncio.create_task(self._keep_apart(), name="floor")

    async def open_ears(self) -> None:
        """The employee has answered and may hear the agent: never before the caller's voice was taken from them."""
        self._briefed = True
        await asyncio.sleep(ASKS_FOR_ALL_S)
        await self._separate()
        await self._open_gates()
        await self._separate()

    async def join(self) -> None:
        """The two hear each other."""
        self.apart = False
        if self._keeper is not None:
            self._keeper.cancel()
        await asyncio.gather(self._open_gates(), self._microphones(subscribe=True))
        self._start(self._stay_joined())

    async def dismiss(self) -> None:
        """The employee's leg leaves the room, and a phone that rings falls silent (17 ms, measured)."""
        if self.employee is not None:
            await self.remove(self.employee)
            self._deaf.discard(self.employee)
            await self._open_gates()

    async def remove(self, identity: str) -> None:
        """Take a leg out of the room; harmless when it has gone already."""
        with contextlib.suppress(*API_ERRORS):
            await self._lk.room.remove_participant(api.RoomParticipantIdentity(room=self.room.name, identity=identity))

    def forget(self) -> None:
        """Nobody is rung any more."""
        self.room.off("participant_connected", self._connected)
        self.room.off("participant_disconnected", self._disconnected)
        self.room.off("track_published", self._published)
        for task in {*self._tasks, *({self._keeper} if self._keeper else ())}:
            task.cancel()
        self.employee, self._keeper, self._briefed = None, None, False

    def _connected(self, participant: rtc.RemoteParticipant) -> None:
        if participant.identity == self.employee and self.apart:
            self._start(self._receive())

    async def _receive(self) -> None:
        """A leg that has just come, or come back, and so asks for everything."""
        assert self.employee is not None
        await self._shut_gate(self.employee)
        if self._briefed:
            await self.open_ears()

    def _disconnected(self, participant: rtc.RemoteParticipant) -> None:
        if participant.identity == self.employee and self.apart and self._briefed:
            self._start(self._await_return(participant.identity))

    async def _await_return(self, employee: str) -> None:
        """Until somebody whose connection broke is back, or is no longer waited for: dismiss() opens the gates then."""
        self._start(self._shut_gate(self.caller))
        while employee not in self.room.remote_participants:
            # Not one after the other, for the same reason.
            self._start(self._shut_gate(employee))
            await asyncio.sleep(BACK_S)

    def _published(self, _: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant) -> None:
        if participant.identity in (self.employee, self.caller):
            self._new_track.set()

    async def _keep_apart(self) -> None:
        """Until the two are joined. A track that is new is asked for as soon as it is there, or a little later."""
        waits = iter(AGAIN_S)
        while True:
            self._new_track.clear()
            # Not awaited: a request about somebody who is away just now takes a second to fail.
            self._start(self._separate())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._new_track.wait(), next(waits, EVERY_S))
                waits = iter(AGAIN_S)

    async def _stay_joined(self) -> None:
        for wait_s in AGAIN_S:
            await asyncio.sleep(wait_s)
            await self._microphones(subscribe=True)

    async def _shut_gate(self, identity: str) -> None:
        self._deaf.add(identity)
        await self._gate(identity, opened=False)

    async def _open_gates(self) -> None:
        """Whoever could hear nothing hears again what is theirs; a gate that stays shut would leave a caller alone."""
        opened, self._deaf = self._deaf, set()
        await asyncio.gather(*(self._open_gate(identity) for identity in opened))

    async def _open_gate(self, identity: str) -> None:
        for wait_s in (*AGAIN_S, 0.0):
            if identity not in self.room.remote_participants or await self._gate(identity, opened=True):
                break
            await asyncio.sleep(wait_s)
        self._start(self._nudge(identity))

    async def _gate(self, identity: str, *, opened: bool) -> bool:
        # Without can_update_metadata the leg could not tell its status any more.
        permission = api.ParticipantPermission(
            can_subscribe=opened, can_publish=True, can_publish_data=True, can_update_metadata=True
        )
        return await self._ask(
            self._lk.room.update_participant(
                api.UpdateParticipantRequest(room=self.room.name, identity=identity, permission=permission)
            )
        )

    async def _separate(self) -> None:
        if self.apart:
            await self._microphones(subscribe=False)

    async def _microphones(self, *, subscribe: bool) -> None:
        if self.employee is not None:
            await asyncio.gather(
                *(
                    self._subscribe(listener, self._tracks_of(speaker), subscribe)
                    for listener, speaker in ((self.caller, self.employee), (self.employee, self.caller))
                    if listener in self.room.remote_participants and self._tracks_of(speaker)
                )
            )

    def _tracks_of(self, identity: str) -> list[str]:
        person = self.room.remote_participants.get(identity)
        return [track.sid for track in person.track_publications.values()] if person else []

    async def _subscribe(self, listener: str, tracks: list[str], subscribe: bool) -> None:
        await self._ask(
            self._lk.room.update_subscriptions(
                api.UpdateSubscriptionsRequest(
                    room=self.room.name, identity=listener, track_sids=tracks, subscribe=subscribe
                )
            )
        )

    async def _ask(self, request: Coroutine[Any, Any, Any]) -> bool:
        """Whether the server did it."""
        try:
            await request
        except API_ERRORS as error:
            # Somebody has just left; what is still true is said again soon.
            logger.debug("the floor was not changed", extra={"reason": str(error)})
            return False
        return True

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
