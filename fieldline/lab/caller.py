"""Two ways to be on the line: with a lab phone in a room, or as text without one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from fieldline.lab.audio import loud_s, seconds
from fieldline.lab.phone import DEADLOCK_S, LabPhone, PhoneError
from fieldline.lab.scenario import Kind
from fieldline.lab.sip import Server, SipLeg
from fieldline.lab.speak import Speaker
from fieldline.settings import Settings


@dataclass(frozen=True)
class Action:
    """What somebody does: words to say or type, keys to press, a file to play, hanging up, or nothing but listening.

    With `reaches` the words are for the other person on the line; with `hold` (patterns) music follows these
    words of the line's, so their sound has no end to wait for.
    """

    kind: Kind
    words: str = ""
    clip: Path | None = None
    reaches: bool = False
    hold: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The action in a transcript; keys may be a PIN and are never shown."""
        match self.kind:
            case "keys":
                return "".join("•" if key.isdigit() else key for key in self.words)
            case "play":
                return f"[{Path(self.words).name}]"
            case "hang_up":
                return "hangs up"
        return self.words


@dataclass(frozen=True)
class Reply:
    """What the line answered.

    `understood` is what the line took the caller to have said, where it tells. `delay_s`: from the end of the
    caller's speech to the first sound (in a room, in samples of the phone's recording) or to the text (without one).
    `began_s` is when the answer began, in seconds of the call. `happened`: the text is no words of the line's, but what
    came of the action on the other telephone.
    """

    text: str
    delay_s: float | None = None
    understood: str = ""
    began_s: float | None = None
    ended: bool = False
    happened: bool = False


class Caller(Protocol):
    """Somebody on the line."""

    @property
    def room(self) -> str | None:
        """The call's room, as the call log names it."""
        ...

    def elapsed_s(self) -> float:
        """Seconds since the call began."""
        ...

    async def act(self, action: Action) -> Reply:
        """Do it and wait for the answer. Raises PhoneError when none comes, or the call is over."""
        ...

    async def other(self) -> Caller:
        """Who was rung for this call, once the telephone there rings. Raises PhoneError when nobody can be."""
        ...


class TextCall(Protocol):
    """What `agent.chat.text_call` gives: the same call without a room."""

    call: Any

    async def say(self, text: str) -> list[str]:
        """A typed turn; the sentences of the answer."""
        ...

    async def keys(self, digits: str) -> list[str]:
        """Pressed keys; the sentences of the answer."""
        ...

    async def answer(self) -> list[str]:
        """What the line has said since the last time."""
        ...

    async def hang_up(self) -> None:
        """The caller puts the telephone down."""
        ...


#: So much of what is said must be loud on the other telephone too: codecs and jitter swallow an edge now and then.
REACHED = 0.7

#: `agent.chat.text_call`; handed in by whoever may start the agent, since the hall never imports it.
StartTextCall = Callable[..., AbstractAsyncContextManager[Any]]


class PhoneCaller:
    """Somebody with a lab phone. `rung` brings the telephone that the line rings for this call."""

    def __init__(self, phone: LabPhone, rung: Callable[[], Awaitable[LabPhone]] | None = None) -> None:
        self.phone = phone
        self._rung = rung
        self._other: PhoneCaller | None = None

    @property
    def room(self) -> str | None:
        return self.phone.leg.room

    def elapsed_s(self) -> float:
        return seconds(self.phone.recording.now())

    async def other(self) -> PhoneCaller:
        if self._other is None:
            if self._rung is None:
                raise PhoneError("Nobody is there whom the line could ring.")
            try:
                async with asyncio.timeout(DEADLOCK_S):
                    self._other = PhoneCaller(await self._rung())
            except TimeoutError:
                raise PhoneError(f"No other telephone rang within {DEADLOCK_S:g} s.") from None
            self._other._other = self
        return self._other

    async def act(self, action: Action) -> Reply:
        began = self.phone.recording.now()
        if action.reaches or action.kind == "hang_up":
            return await self._act_on_the_other(action)
        await self._do(action)
        heard = await (self.phone.told(action.hold) if action.hold else self.phone.hear())
        understood = " ".join(self.phone.transcript.said_by("caller", began))
        return Reply(heard.text, heard.first_audio_s, understood, heard.began_s, heard.ended)

    async def _do(self, action: Action) -> None:
        match action.kind:
            case "say" if action.clip is None:
                await self.phone.say(action.words)
            case "say" | "play":
                await self.phone.play(action.clip or Path(action.words))
            case "keys":
                await self.phone.keys(action.words)
            case "type":
                await self.phone.type(action.words)

    async def _act_on_the_other(self, action: Action) -> Reply:
        there = (await self.other()).phone
        if action.kind == "hang_up":
            at = there.recording.now()
            await self.phone.hang_up()
            await there.until_ended()
            return Reply(
                f"the other call ends after {seconds(there.recording.now() - at):.2f} s", ended=True, happened=True
            )
        here_from, there_from = self.phone.recording.now(), there.recording.now()
        await self._do(action)
        said_s = loud_s(self.phone.recording.said_tape.since(here_from))
        heard_s = await there.until_heard(said_s * REACHED, there_from)
        return Reply(f"heard on the other telephone ({heard_s:.1f} of {said_s:.1f} s)", happened=True)


class TextCaller:
    """A caller at a keyboard: no room, no sound, the same line."""

    def __init__(self, call: TextCall) -> None:
        self._call = call
        self._began = time.monotonic()

    @property
    def room(self) -> str | None:
        return self._call.call.dialled.room

    def elapsed_s(self) -> float:
        return time.monotonic() - self._began

    async def other(self) -> Caller:
        raise PhoneError("A text call rings nobody.")

    async def act(self, action: Action) -> Reply:
        if self._call.call.ended.is_set():
            raise PhoneError(f"The call is over ({self._call.call.end_reason}).")
        began = time.monotonic()
        try:
            async with asyncio.timeout(DEADLOCK_S):
                sentences = await self._do(action)
        except TimeoutError:
            raise PhoneError(f"The line did not answer within {DEADLOCK_S:g} s.") from None
        took = time.monotonic() - began
        return Reply(" ".join(sentences), took, began_s=self.elapsed_s(), ended=self._call.call.ended.is_set())

    async def _do(self, action: Action) -> list[str]:
        match action.kind:
            case "say" | "type":
                return await self._call.say(action.words)
            case "keys":
                return await self._call.keys(action.words)
            case "listen":
                return await self._call.answer()
            case "hang_up":
                await self._call.hang_up()
                return []
        raise PhoneError("A text call has no sound: a file cannot be played.")


@asynccontextmanager
async def phone_call(
    settings: Settings,
    from_number: str,
    to_number: str,
    *,
    speaker: Speaker | None = None,
    record: Path | None = None,
    rung: Callable[[], Awaitable[LabPhone]] | None = None,
) -> AsyncIterator[PhoneCaller]:
    """A call by lab phone to the line that `settings` name; hung up at the end, recorded to `record`."""
    async with LabPhone(server_of(settings), SipLeg(from_number, to_number, settings.agent_name), speaker=speaker) as p:
        try:
            yield PhoneCaller(p, rung)
        finally:
            if record:
                p.save(record)


def server_of(settings: Settings) -> Server:
    """The livekit-server of these settings. Raises PhoneError naming what is not set."""
    secret = settings.livekit_api_secret
    if not (settings.livekit_url and settings.livekit_api_key and secret):
        raise PhoneError("No livekit-server is configured: set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET.")
    return Server(settings.livekit_url, settings.livekit_api_key, secret.get_secret_value())
