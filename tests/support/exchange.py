"""An exchange without a room: telephones that a test answers, and a hold whose sound nobody hears."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from livekit import rtc

from agent.exchange import Dialled
from tests.support.calls import DEADLOCK_S


class Telephone:
    """One attempt's telephone: it rings until it is answered, refuses, or is let go."""

    def __init__(self, exchange: Switchboard, identity: str, number: str) -> None:
        self.number = number
        self.reached: asyncio.Future[Dialled] = asyncio.get_running_loop().create_future()
        self.silent, self.briefed = asyncio.Event(), asyncio.Event()
        self._exchange, self._identity = exchange, identity

    async def answer(self) -> None:
        """Pick up, and hear the briefing."""
        person: Any = SimpleNamespace(identity=self._identity, track_publications={})
        self._exchange.room.remote_participants[self._identity] = person
        self.reached.set_result(Dialled())
        await asyncio.wait_for(self.briefed.wait(), DEADLOCK_S)

    def refuse(self) -> None:
        self.reached.set_result(Dialled("busy", 486, "Busy Here"))

    def press(self, key: str) -> None:
        """A key in the briefing."""
        person = SimpleNamespace(identity=self._identity)
        self._exchange.room.emit("sip_dtmf_received", SimpleNamespace(participant=person, digit=key))

    def let_go(self) -> None:
        """The leg is taken out of the room."""
        self._exchange.room.remote_participants.pop(self._identity, None)
        if not self.reached.done():
            self.reached.set_result(Dialled("no_answer"))
        self.silent.set()


class Music:
    """What is played on hold: nothing."""

    def choose(self, kind: str) -> None: ...

    def play(self) -> None: ...

    async def pause(self) -> None: ...


class Announcer:
    """The voice for the employee: no sound, at once."""

    def __init__(self, exchange: Switchboard) -> None:
        self._exchange = exchange

    async def prepare(self, words: str) -> list[rtc.AudioFrame]:
        return []

    async def play(self, frames: list[rtc.AudioFrame]) -> None:
        self._exchange.phones[-1].briefed.set()


class Floor:
    """Nobody hears anybody; who is let go leaves."""

    def __init__(self, exchange: Switchboard) -> None:
        self._exchange = exchange

    def admit(self, identity: str) -> None: ...

    def grant(self, **tracks: Any) -> None: ...

    async def open_ears(self) -> None: ...

    async def join(self) -> None: ...

    async def dismiss(self) -> None:
        self._exchange.phones[-1].let_go()

    def forget(self) -> None: ...


class Room(rtc.EventEmitter[str]):
    """Tells of keys, and knows who is in it."""

    def __init__(self) -> None:
        super().__init__()
        self.remote_participants: dict[str, Any] = {}


class Switchboard:
    """Stands for `agent.exchange.Exchange`."""

    def __init__(self) -> None:
        self.room, self.floor = Room(), Floor(self)
        self.ears: Any = None
        self.connected: str | None = None
        self.phones: list[Telephone] = []
        self._ringing: asyncio.Queue[Telephone] = asyncio.Queue()

    async def next(self) -> Telephone:
        """The next telephone that rings."""
        return await asyncio.wait_for(self._ringing.get(), DEADLOCK_S)

    async def prepare(self, hold_music: str) -> tuple[Music, Announcer]:
        return Music(), Announcer(self)

    async def refer(self, ring: dict[str, Any]) -> Dialled:
        return Dialled("failed", 405, "Method Not Allowed")

    async def dial(self, ring: dict[str, Any], identity: str) -> Dialled:
        phone = Telephone(self, identity, ring["number"])
        self.phones.append(phone)
        self._ringing.put_nowait(phone)
        return await phone.reached
