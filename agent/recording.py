"""The recording of a call, where the company records calls: the caller and the line, after the announcement.

The line says first that the call is recorded, and cannot be interrupted; until that was heard the caller's side stays
silent in the file, and a caller who leaves before leaves no file. Silent stay also: the caller while badge and PIN are
keyed (some carriers send the tones as sound), and both sides while anybody else is in the call: people of the office
were not asked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from livekit import rtc
from livekit.agents.voice import SpeechHandle

from agent.call import Call
from agent.greeting import recording_facts
from agent.sound_file import RATE, Channel, SoundFile
from agent.sound_spool import Slip, SoundSpool

#: Sound this much behind the clock is complete.
BEHIND_S = 0.5
WRITE_EVERY_S = 1.0
FRAME_MS = 20

SIP = rtc.ParticipantKind.PARTICIPANT_KIND_SIP


def attach_recording(call: Call, room: rtc.Room, caller: str) -> None:
    """Record this call, if its company records calls."""
    if call.company["settings"]["recording"]:
        call.work.background(_record(call, room, caller), lasting=True)


async def _record(call: Call, room: rtc.Room, caller: str) -> None:
    await call.arrived.wait()
    # A call that another job had begun has been greeted by that one: it is told again.
    told = call.greeting_said or call.say("recording_announcement", recording_facts(call.company), interruptible=False)
    slip = Slip(f"recordings/{call.id}/{call.facts['session_id']}.ogg", call.id, call.facts["session_id"])
    with SoundSpool(call.settings.spool).writing(slip) as path:
        recording = Recording(call, room, caller)
        try:
            await recording.run(path, told)
        finally:
            if not recording.announced:
                path.unlink(missing_ok=True)


class Recording:
    """Follows the tracks of a room. `clock` gives seconds that only go forward."""

    def __init__(self, call: Call, room: rtc.Room, caller: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._call = call
        self._room = room
        self._caller = caller
        self._clock = clock
        self._began = clock()
        self._left, self._right = Channel(), Channel()
        self.announced = False

    async def run(self, path: Path, announcement: SpeechHandle) -> None:
        """Record until cancelled; what was heard until then is in the file."""
        with SoundFile(path) as file:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._wait_for(announcement))
                    group.create_task(self._follow(self._left, self._callers_track, self._caller_may))
                    group.create_task(self._follow(self._right, self._lines_track, self._line_may))
                    while True:
                        await asyncio.sleep(WRITE_EVERY_S)
                        await asyncio.to_thread(self._write, file, self._now() - int(BEHIND_S * RATE))
            finally:
                self._write(file, self._now())

    async def _wait_for(self, announcement: SpeechHandle) -> None:
        await announcement.wait_for_playout()
        self.announced = not announcement.interrupted
        self._call.recorder.event("recording" if self.announced else "not_recorded")

    def _now(self) -> int:
        return int((self._clock() - self._began) * RATE)

    def _write(self, file: SoundFile, until: int) -> None:
        if until > 0:
            file.write(self._left.take(until), self._right.take(until))

    async def _follow(self, channel: Channel, track: Callable[[], rtc.Track | None], may: Callable[[], bool]) -> None:
        """Put a track's sound where it was heard; one that is replaced is followed again."""
        while True:
            found = track()
            if found is None:
                await asyncio.sleep(BEHIND_S)
                continue
            stream = rtc.AudioStream.from_track(track=found, sample_rate=RATE, num_channels=1, frame_size_ms=FRAME_MS)
            try:
                async for event in stream:
                    samples = np.frombuffer(event.frame.data, np.int16)
                    channel.put(self._now() - len(samples), samples if may() else np.zeros_like(samples))
            finally:
                await stream.aclose()
            await asyncio.sleep(BEHIND_S)

    def _callers_track(self) -> rtc.Track | None:
        person = self._room.remote_participants.get(self._caller)
        return _sound_of(person.track_publications.values()) if person else None

    def _lines_track(self) -> rtc.Track | None:
        return _sound_of(self._room.local_participant.track_publications.values())

    def _line_may(self) -> bool:
        return not any(
            person.kind == SIP and identity != self._caller and person.attributes.get("sip.callStatus") == "active"
            for identity, person in self._room.remote_participants.items()
        )

    def _caller_may(self) -> bool:
        return self.announced and not self._call.reading and self._line_may()


def _sound_of(publications: Iterable[rtc.TrackPublication]) -> rtc.Track | None:
    """The microphone among these: hold music and other sounds are tracks of their own."""
    for publication in publications:
        if publication.source == rtc.TrackSource.SOURCE_MICROPHONE and publication.track is not None:
            return publication.track
    return None
