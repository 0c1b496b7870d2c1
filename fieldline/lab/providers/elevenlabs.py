"""ElevenLabs' multi-context websocket and its streaming request, as livekit-plugins-elevenlabs uses them.

From the plugin's source (`tts.py`): the address `/text-to-speech/{voice}/multi-stream-input` with `output_format` and
`auto_mode` in the query, the header `xi-api-key`; a context opens with `{text: " ", voice_settings, context_id}`,
goes on with `{text, context_id, flush}` and ends with `{context_id, close_context}`; of what comes back it reads
`contextId`, `audio`, `normalizedAlignment` or `alignment` (`chars`, `charStartTimesMs`, `charDurationsMs`), `isFinal`
and `error`.

From documentation: the chunk schedule. Without `auto_mode` sound is made once 120, 160, 250, 290 characters wait, or on
`flush`; with it, each flushed sentence is spoken at once. Alignment counts from the chunk it comes with.
"""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from fieldline.lab.providers.delays import Clock
from fieldline.lab.providers.faults import Connection, Gate
from fieldline.lab.providers.sound import Voice

SCHEDULE = (120, 160, 250, 290)
#: Seconds of sound in one message.
CHUNK_S = 0.4


@dataclass
class _Context:
    """Text of one context that waits to be spoken, and the task that speaks."""

    schedule: list[int]
    waiting: str = ""
    spoken: int = 0
    ready: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)
    task: asyncio.Task[None] | None = None

    def enough(self) -> bool:
        """Whether so much text waits that sound is made without a flush."""
        return len(self.waiting) >= self.schedule[min(self.spoken, len(self.schedule) - 1)]


class ElevenLabsVoice:
    """`/text-to-speech`. `spoken` holds every text that was made into sound, `streams` every stream's query."""

    def __init__(self, gate: Gate, clock: Clock, voice: Voice) -> None:
        self.gate = gate
        self.spoken: list[str] = []
        self.streams: list[dict[str, str]] = []
        self._clock = clock
        self._voice = voice

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Where it is served."""
        at = f"{prefix}/text-to-speech/{{voice}}"
        return [web.get(f"{at}/multi-stream-input", self.stream), web.post(f"{at}/stream", self.whole)]

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        """A connection with any number of contexts."""
        await self.gate.admit(request, request.headers.get("xi-api-key", ""))
        self.streams.append(dict(request.query))
        rate = _rate(request)
        websocket = web.WebSocketResponse()
        contexts: dict[str, _Context] = {}
        async with Connection(self.gate, request, websocket) as connection:
            try:
                while (message := await connection.receive()).type == WSMsgType.TEXT:
                    self._read(connection, contexts, json.loads(message.data), rate)
            finally:
                for context in contexts.values():
                    if context.task is not None:
                        context.task.cancel()
        return websocket

    def _read(self, connection: Connection, contexts: dict[str, _Context], packet: dict[str, Any], rate: int) -> None:
        name = packet["context_id"]
        context = contexts.get(name)
        if context is None:
            schedule = packet.get("generation_config", {}).get("chunk_length_schedule", SCHEDULE)
            context = contexts[name] = _Context(list(schedule))
            context.task = asyncio.create_task(self._speak(connection, name, context, rate))
        context.waiting += packet.get("text", "")
        closing = bool(packet.get("close_context"))
        if context.waiting.strip() and (packet.get("flush") or closing or context.enough()):
            context.ready.put_nowait(context.waiting.strip())
            context.waiting = ""
            context.spoken += 1
        if closing:
            context.ready.put_nowait(None)
            contexts.pop(name)

    async def _speak(self, connection: Connection, name: str, context: _Context, rate: int) -> None:
        try:
            while (text := await context.ready.get()) is not None:
                self.spoken.append(text)
                pcm = await asyncio.to_thread(self._voice, text, rate)
                await asyncio.sleep(self._clock.draw("tts_first"))
                for chunk, alignment in _chunks(text, pcm, rate):
                    audio = base64.b64encode(chunk).decode()
                    timing = {"alignment": alignment, "normalizedAlignment": alignment}
                    await connection.send({"audio": audio, "contextId": name, "isFinal": None, **timing})
                    await asyncio.sleep(len(chunk) / 2 / rate / self._clock.delays.tts_speed)
            await connection.send({"contextId": name, "isFinal": True})
        except (ConnectionError, RuntimeError):
            return  # the client has gone, or the fault has dropped it

    async def whole(self, request: web.Request) -> web.StreamResponse:
        """One text, its sound streamed as raw samples."""
        await self.gate.admit(request, request.headers.get("xi-api-key", ""))
        rate = _rate(request)
        text = (await request.json())["text"]
        self.spoken.append(text)
        pcm = await asyncio.to_thread(self._voice, text, rate)
        await asyncio.sleep(self._clock.draw("tts_first"))
        response = web.StreamResponse(headers={"Content-Type": "audio/pcm"})
        async with Connection(self.gate, request, response) as connection:
            for chunk, _ in _chunks(text, pcm, rate):
                await connection.send(chunk)
        return response


def _rate(request: web.Request) -> int:
    """Samples a second of the format asked for. Raises HTTPBadRequest for anything but raw samples."""
    kind, _, rate = request.query.get("output_format", "").partition("_")
    if kind != "pcm":
        raise web.HTTPBadRequest(text=json.dumps({"detail": {"status": "invalid_output_format"}}))
    return int(rate)


def _chunks(text: str, pcm: bytes, rate: int) -> list[tuple[bytes, dict[str, Any]]]:
    """Sound in pieces, each with the characters that are spoken in it."""
    size = int(rate * CHUNK_S) * 2
    starts = range(0, len(pcm), size)
    spoken = f"{text} "
    chunks = []
    for start in starts:
        chunk = pcm[start : start + size]
        first, last = (round(len(spoken) * at / len(pcm)) for at in (start, start + len(chunk)))
        chars = list(spoken[first:last])
        each_ms = len(chunk) / 2 / rate * 1000 / max(1, len(chars))
        times = [int(each_ms * n) for n in range(len(chars))]
        chunks.append(
            (chunk, {"chars": chars, "charStartTimesMs": times, "charDurationsMs": [int(each_ms)] * len(chars)})
        )
    return chunks
