"""A participant of kind agent that says what a test tells it to, with livekit-agents' own conventions."""

from __future__ import annotations

import asyncio
from types import TracebackType

import numpy as np
from livekit import api, rtc

from fieldline.lab.audio import RATE, tone
from fieldline.lab.phone import AGENT_STATE, CHAT_TOPIC
from fieldline.lab.sip import Server
from fieldline.lab.transcript import FINAL, SEGMENT, TOPIC

FRAME = RATE // 50


class EchoAgent:
    """Joins a room, collects typed words, and answers with a tone and a transcript."""

    def __init__(self, server: Server, room: str, caller: str) -> None:
        self.typed: asyncio.Queue[str] = asyncio.Queue()
        self._server, self._room_name, self._caller = server, room, caller
        self._room = rtc.Room()
        self._source = rtc.AudioSource(RATE, 1)
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> EchoAgent:
        token = (
            api.AccessToken(self._server.key, self._server.secret)
            .with_identity("agent-echo")
            .with_kind("agent")
            .with_grants(api.VideoGrants(room_join=True, room=self._room_name, can_update_own_metadata=True))
        )
        self._room.register_text_stream_handler(CHAT_TOPIC, self._on_typed)
        await self._room.connect(self._server.url, token.to_jwt())
        await self._room.local_participant.publish_track(rtc.LocalAudioTrack.create_audio_track("voice", self._source))
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self._room.disconnect()
        await self._source.aclose()

    async def answers(self, text: str, *, caller_said: str = "") -> None:
        """Report what the caller said, then speak: a tone, and `text` as its transcript."""
        me = self._room.local_participant
        if caller_said:
            attributes = {FINAL: "true", SEGMENT: "SG_caller"}
            caller = await me.stream_text(topic=TOPIC, sender_identity=self._caller, attributes=attributes)
            await caller.write(caller_said)
            await caller.aclose()
        await me.set_attributes({AGENT_STATE: "speaking"})
        own = await me.stream_text(
            topic=TOPIC, sender_identity=me.identity, attributes={FINAL: "false", SEGMENT: "SG_agent"}
        )
        for word in text.split():
            await own.write(f"{word} ")
        sound = tone(660, 0.4)
        for begin in range(0, len(sound), FRAME):
            frame = np.ascontiguousarray(sound[begin : begin + FRAME])
            await self._source.capture_frame(rtc.AudioFrame(frame.tobytes(), RATE, 1, len(frame)))
        await self._source.wait_for_playout()
        await own.aclose(attributes={FINAL: "true"})
        await me.set_attributes({AGENT_STATE: "listening"})

    def _on_typed(self, reader: rtc.TextStreamReader, _participant: str) -> None:
        task = asyncio.create_task(self._read(reader))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, reader: rtc.TextStreamReader) -> None:
        self.typed.put_nowait(await reader.read_all())
