"""A lab phone: what a telephone call looks like from inside LiveKit, without a telephone.

It joins as a participant of kind SIP with the attributes that livekit-sip sets, asks for the agent through its
token as the SIP dispatch rule would, and behaves like livekit-sip where it matters: it subscribes to everything
about 100 ms after the answer, and its attributes are not its own to change.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from livekit import rtc

from fieldline.errors import FieldlineError
from fieldline.lab.audio import RATE, Pcm, first_audio, loud_s, read_wav, seconds, write_wav
from fieldline.lab.line import Earpiece, Microphone
from fieldline.lab.recording import Recording
from fieldline.lab.sip import KEY_CODES, Server, SipLeg
from fieldline.lab.speak import Speaker
from fieldline.lab.transcript import Transcript

ANSWER_DELAY_S = 0.1  # livekit-sip subscribes this long after the answer
KEY_GAP_S = 0.15  # a quick thumb: tone and pause
QUIET_S = 0.9  # an agent that has been silent for so long has finished
DEADLOCK_S = 30.0
AGENT_STATE = "lk.agent.state"
CHAT_TOPIC = "lk.chat"


class PhoneError(FieldlineError):
    """The phone could not do what a caller wanted: nobody answered, or the call is over."""


@dataclass(frozen=True)
class Heard:
    """What the agent said in one turn.

    `first_audio_s` runs from the end of the caller's own speech (or last key) to the agent's first sound, in
    samples of the phone's recording; None when the agent was already speaking or stayed silent. `began_s` is when
    the first sound of the turn was heard, in seconds of the call.
    """

    text: str
    first_audio_s: float | None
    pcm: Pcm
    began_s: float | None = None
    ended: bool = False


class LabPhone:
    """One phone, one call: `async with LabPhone(server, SipLeg(from_number=…, to_number=…)) as phone`."""

    def __init__(self, server: Server, leg: SipLeg, *, speaker: Speaker | None = None) -> None:
        self.leg = leg
        self.ended = asyncio.Event()
        self.end_reason = ""
        self.recording = Recording()
        self.transcript = Transcript(leg.identity, self.recording.now)
        self._server = server
        self._speaker = speaker or Speaker()
        self._rtc = rtc.Room()
        self._microphone = Microphone(self.recording)
        self._earpiece = Earpiece(self.recording)
        self._heard = False
        self._connected = asyncio.Event()
        self._answer: asyncio.Task[None] | None = None
        self._leaving: asyncio.Task[None] | None = None
        self._turn_at = 0  # where the caller's last words or keys ended

    async def __aenter__(self) -> LabPhone:
        self._attach()
        try:
            await self._rtc.connect(
                self._server.url, self.leg.token(self._server), rtc.RoomOptions(auto_subscribe=False)
            )
        except rtc.ConnectError as error:
            raise PhoneError(f"The call did not go through: {error}") from error
        await self._microphone.publish(self._rtc)
        self._answer = asyncio.create_task(self._subscribe_to_all())
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.hang_up()

    # What a caller does

    async def play(self, sound: Pcm | Path) -> None:
        """Say `sound` into the line, in real time. Raises PhoneError when the call has ended."""
        self._must_be_on()
        pcm = await asyncio.to_thread(read_wav, sound) if isinstance(sound, Path) else sound
        playing = asyncio.ensure_future(self._microphone.play(pcm))
        over = asyncio.create_task(self.ended.wait())
        await asyncio.wait({playing, over}, return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        if not playing.done():
            playing.cancel()
            raise PhoneError(f"The call ended while the caller spoke ({self.end_reason}).")
        self._turn_at = playing.result()

    async def say(self, text: str) -> None:
        """Say `text` with a synthetic voice. Raises PhoneError when the call has ended, NoVoice without one."""
        await self.play(await asyncio.to_thread(self._speaker.speak, text))

    def speak_with(self, speaker: Speaker) -> None:
        """Whose voice `say` has from now on."""
        self._speaker = speaker

    async def keys(self, digits: str, *, within: float = DEADLOCK_S) -> None:
        """Press keys; waits first until both sides list each other, since earlier keys would be lost.

        Raises:
            PhoneError: nobody listens within `within` seconds, or the call has ended.
            ValueError: a key that no telephone has.
        """
        if unknown := set(digits) - set(KEY_CODES):
            raise ValueError(f"No telephone has the key {sorted(unknown)}")
        await self.connected(within=within)
        for number, digit in enumerate(digits):
            if number:
                await asyncio.sleep(KEY_GAP_S)
            self._must_be_on()
            await self._rtc.local_participant.publish_dtmf(code=KEY_CODES[digit], digit=digit)
        self._turn_at = self.recording.now()

    async def type(self, text: str, *, within: float = DEADLOCK_S) -> None:
        """Send `text` as the agent's text input: a turn without speech. Raises PhoneError like `keys`."""
        await self.connected(within=within)
        self._turn_at = self.recording.now()
        await self._rtc.local_participant.send_text(text, topic=CHAT_TOPIC)

    async def hear(self, within: float = DEADLOCK_S, *, quiet: float = QUIET_S) -> Heard:
        """Wait until the agent has spoken since the caller's last turn and been quiet for `quiet` seconds.

        Returns early, with `ended`, when the call is over.

        Raises:
            PhoneError: the agent has not finished within `within` seconds.
        """
        begin = self._turn_at
        await self._until(lambda: self._agent_finished(begin, int(quiet * RATE)), within)
        return self._what_was_heard(begin)

    async def told(self, patterns: Sequence[str], within: float = DEADLOCK_S) -> Heard:
        """Wait until the agent has said all of `patterns` since the caller's last turn, whatever sound follows.

        Raises:
            PhoneError: it has not within `within` seconds.
        """

        def said() -> bool:
            words = " ".join(self.transcript.said_by("agent", self._turn_at))
            return not self.transcript.agent_talking() and all(re.search(p, words, re.IGNORECASE) for p in patterns)

        await self._until(said, within, f"The agent did not say {' and '.join(patterns)}")
        return self._what_was_heard(self._turn_at)

    async def first_sound(self, within: float = DEADLOCK_S) -> None:
        """Wait until something is heard after the caller's last turn. Raises PhoneError like `hear`."""
        await self._until(lambda: (self.recording.last_heard or 0) > self._turn_at, within)

    async def until_heard(self, sound_s: float, since: int, within: float = DEADLOCK_S) -> float:
        """Wait until so many seconds of sound were heard from position `since` on; returns how many there are.

        Raises:
            PhoneError: they were not within `within` seconds, or the call ended before.
        """

        def heard_s() -> float:
            return loud_s(self.recording.heard_tape.since(since))

        await self._until(lambda: heard_s() >= sound_s, within, f"{sound_s:.1f} s of sound did not come")
        if heard_s() < sound_s:
            raise PhoneError(f"The call ended with {heard_s():.1f} of {sound_s:.1f} s heard ({self.end_reason}).")
        return heard_s()

    async def until_ended(self, within: float = DEADLOCK_S) -> None:
        """Wait until the call is over. Raises PhoneError when it still goes on after `within` seconds."""
        await self._until(self.ended.is_set, within, "The call did not end")

    async def connected(self, *, within: float = DEADLOCK_S) -> None:
        """Wait until somebody in the room listens to this phone and each lists the other. Raises PhoneError."""
        await self._until(self._connected.is_set, within, "Nobody answered")
        self._must_be_on()

    async def hang_up(self) -> None:
        """Leave the room; safe to repeat, also while it is under way."""
        self._end("hung up")
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._leave(), name="lab-phone-leaves")
        await asyncio.shield(self._leaving)

    async def _leave(self) -> None:
        if self._answer:
            self._answer.cancel()
            await asyncio.gather(self._answer, return_exceptions=True)
        await self._microphone.aclose()
        await self._earpiece.aclose()
        await self._rtc.disconnect()
        await self.transcript.aclose()

    # What a lab wants to know

    @property
    def agent_here(self) -> bool:
        """Whether an agent is in the room now."""
        return any(p.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT for p in self.others())

    @property
    def turn_at(self) -> int:
        """Where the caller's last words or keys ended, in samples of the recording."""
        return self._turn_at

    def others(self) -> Sequence[rtc.RemoteParticipant]:
        """Everybody else in the room."""
        return list(self._rtc.remote_participants.values())

    def on(self, event: str, callback: Callable[..., None]) -> None:
        """Listen to one of the room's own events (livekit.rtc.Room), such as sip_dtmf_received."""
        self._rtc.on(event, callback)  # pyright: ignore[reportArgumentType]

    def save(self, path: Path) -> None:
        """Write the recording as stereo WAV: left what the phone said, right what it heard."""
        write_wav(path, self.recording.said, self.recording.heard)

    def conversation(self) -> str:
        """The transcript so far, on one line."""
        return " / ".join(f"{line.speaker}: {line.text}" for line in self.transcript.lines) or "nothing was said"

    # Wiring

    def _attach(self) -> None:
        self.transcript.attach(self._rtc)
        self._rtc.on("track_subscribed", lambda track, *_: self._earpiece.listen(track))
        self._rtc.on("track_published", self._on_published)
        self._rtc.on("local_track_subscribed", self._on_heard)
        self._rtc.on("participant_active", self._on_listed)
        self._rtc.on("disconnected", self._on_disconnected)

    async def _subscribe_to_all(self) -> None:
        await asyncio.sleep(ANSWER_DELAY_S)
        for participant in self.others():
            for publication in participant.track_publications.values():
                publication.set_subscribed(True)

    def _on_published(self, publication: rtc.RemoteTrackPublication, _participant: rtc.RemoteParticipant) -> None:
        if self._answer and self._answer.done():
            publication.set_subscribed(True)

    def _on_heard(self, *_: object) -> None:
        self._heard = True
        self._on_listed()

    def _on_listed(self, *_: object) -> None:
        # Being subscribed to shows that somebody lists this phone; others() shows whom it lists itself.
        if self._heard and self.others():
            self._connected.set()

    def _on_disconnected(self, reason: rtc.DisconnectReason.ValueType) -> None:
        self._end(rtc.DisconnectReason.Name(reason).lower().replace("_", " "))

    def _end(self, reason: str) -> None:
        if not self.ended.is_set():
            self.end_reason = reason
            self.ended.set()

    def _must_be_on(self) -> None:
        if self.ended.is_set():
            raise PhoneError(f"The call is over ({self.end_reason}).")

    async def _until(self, holds: Callable[[], bool], within: float, failed: str = "The agent did not finish") -> None:
        limit = self.recording.now() + int(within * RATE)
        while not (self.ended.is_set() or holds()):
            if self.recording.now() > limit:
                raise PhoneError(f"{failed} within {within:g} s. So far: {self.conversation()}")
            await asyncio.sleep(0.02)

    def _agent_finished(self, begin: int, quiet: int) -> bool:
        last = self.recording.last_heard
        busy = any(p.attributes.get(AGENT_STATE) in {"thinking", "speaking"} for p in self.others())
        if last is None or last <= begin or busy or self.transcript.agent_talking():
            return False
        return self.recording.now() - last >= quiet

    def _what_was_heard(self, begin: int) -> Heard:
        pcm = self.recording.heard_tape.since(begin)
        first = first_audio(pcm)
        text = " ".join(" ".join(self.transcript.said_by("agent", begin)).split())
        speaking_already = first is not None and first == 0
        delay = None if first is None or speaking_already else seconds(first)
        began = None if first is None else seconds(begin + first)
        return Heard(text, delay, pcm, began, self.ended.is_set())
