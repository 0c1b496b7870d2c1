"""Keys and typed words of a caller, in their order; what comes before a line is there waits for it.

A caller who is asked to wait for the database, or who types before the greeting, has said what he wants already.
"""

from __future__ import annotations

from livekit import rtc

from agent.call import Call

#: The topic on which LiveKit's clients send typed words.
CHAT = "lk.chat"


class CallerInput:
    """What the telephone `caller` sends beside its sound, from the first moment of the call to its end."""

    def __init__(self, call: Call, caller: str) -> None:
        self._call, self._caller = call, caller
        self._early: list[tuple[str, str]] | None = []

    def attach(self, room: rtc.Room) -> None:
        """Take the keys and words of this room's caller. Only his: whoever is rung has keys too."""
        room.on("sip_dtmf_received", self._key)
        room.register_text_stream_handler(CHAT, self._words)

    def detach(self, room: rtc.Room) -> None:
        """Nobody listens any more."""
        room.off("sip_dtmf_received", self._key)
        room.unregister_text_stream_handler(CHAT)

    def press(self, key: str) -> None:
        """A key of the caller's."""
        if self._early is None:
            self._call.press(key)
        else:
            self._early.append(("key", key))

    async def type(self, words: str) -> None:
        """Words that the caller has typed."""
        if self._early is None:
            await self._hear(words)
        else:
            self._early.append(("words", words))

    async def line_is_there(self) -> None:
        """Give the line what came before it, once it has begun to speak; what comes meanwhile waits behind it."""
        await self._call.arrived.wait()
        while self._early:
            kind, what = self._early.pop(0)
            if kind == "key":
                self._call.press(what)
            else:
                await self._hear(what)
        self._early = None

    async def _hear(self, words: str) -> None:
        if self._call.connected is None and not self._call.ended.is_set():
            await self._call.hear(words)

    def _key(self, event: rtc.SipDTMF) -> None:
        if event.participant is not None and event.participant.identity == self._caller:
            self.press(event.digit)

    def _words(self, reader: rtc.TextStreamReader, identity: str) -> None:
        if identity == self._caller:
            self._call.work.background(self._read(reader))

    async def _read(self, reader: rtc.TextStreamReader) -> None:
        await self.type(await reader.read_all())
