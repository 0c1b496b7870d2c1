"""Two ways to be on the line: with a lab phone in a room, or as text without one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from fieldline.lab.audio import seconds
from fieldline.lab.phone import DEADLOCK_S, LabPhone, PhoneError
from fieldline.lab.scenario import Kind
from fieldline.lab.sip import Server, SipLeg
from fieldline.lab.speak import Speaker
from fieldline.settings import Settings


@dataclass(frozen=True)
class Action:
    """What a caller does: words to say or type, keys to press, a file to play, or nothing but listening."""

    kind: Kind
    words: str = ""
    clip: Path | None = None

    @property
    def shown(self) -> str:
        """The action in a transcript; keys may be a PIN and are never shown."""
        match self.kind:
            case "keys":
                return "".join("•" if key.isdigit() else key for key in self.words)
            case "play":
                return f"[{Path(self.words).name}]"
        return self.words


@dataclass(frozen=True)
class Reply:
    """What the line answered.

    `understood` is what the line took the caller to have said, where it tells. `delay_s`: from the end of the
    caller's speech to the first sound (in a room, in samples of the phone's recording) or to the text (without one).
    `began_s` is when the answer began, in seconds of the call.
    """

    text: str
    delay_s: float | None = None
    understood: str = ""
    began_s: float | None = None
    ended: bool = False


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


#: `agent.chat.text_call`; handed in by whoever may start the agent, since the hall never imports it.
StartTextCall = Callable[..., AbstractAsyncContextManager[Any]]


class PhoneCaller:
    """A caller with a lab phone."""

    def __init__(self, phone: LabPhone) -> None:
        self.phone = phone

    @property
    def room(self) -> str | None:
        return self.phone.leg.room

    def elapsed_s(self) -> float:
        return seconds(self.phone.recording.now())

    async def act(self, action: Action) -> Reply:
        began = self.phone.recording.now()
        match action.kind:
            case "say" if action.clip is None:
                await self.phone.say(action.words)
            case "say" | "play":
                await self.phone.play(action.clip or Path(action.words))
            case "keys":
                await self.phone.keys(action.words)
            case "type":
                await self.phone.type(action.words)
        heard = await self.phone.hear()
        understood = " ".join(self.phone.transcript.said_by("caller", began))
        return Reply(heard.text, heard.first_audio_s, understood, heard.began_s, heard.ended)


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
        raise PhoneError("A text call has no sound: a file cannot be played.")


@asynccontextmanager
async def phone_call(
    settings: Settings, from_number: str, to_number: str, *, speaker: Speaker | None = None, record: Path | None = None
) -> AsyncIterator[PhoneCaller]:
    """A call by lab phone to the line that `settings` name; hung up at the end, recorded to `record`."""
    async with LabPhone(server_of(settings), SipLeg(from_number, to_number, settings.agent_name), speaker=speaker) as p:
        try:
            yield PhoneCaller(p)
        finally:
            if record:
                p.save(record)


def server_of(settings: Settings) -> Server:
    """The livekit-server of these settings. Raises PhoneError naming what is not set."""
    secret = settings.livekit_api_secret
    if not (settings.livekit_url and settings.livekit_api_key and secret):
        raise PhoneError("No livekit-server is configured: set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET.")
    return Server(settings.livekit_url, settings.livekit_api_key, secret.get_secret_value())
