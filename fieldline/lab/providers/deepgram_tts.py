"""Deepgram's text to speech (Aura), as livekit-plugins-deepgram uses it.

From the plugin's source (`tts.py`): the address `/v1/speak` with `model`, `encoding` linear16 and `sample_rate`,
`Authorization: Token …`; text frames `Speak` (with `text`), `Flush` and `Close`; back come binary frames of samples,
then `Flushed`, and it reads `Warning` and `Error`. The request form takes `{text}` and streams raw samples.

From documentation: `Metadata` as the first message, `sequence_id`, and that text waits until there is enough of it (a
sentence, here) or a `Flush`.
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress

from aiohttp import WSMsgType, web

from fieldline.lab.providers.delays import Clock
from fieldline.lab.providers.faults import Connection, Gate
from fieldline.lab.providers.sound import Voice

#: Seconds of sound in one message.
CHUNK_S = 0.2
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


class DeepgramVoice:
    """`/v1/speak`. `spoken` holds every text that was made into sound."""

    def __init__(self, gate: Gate, clock: Clock, voice: Voice) -> None:
        self.gate = gate
        self.spoken: list[str] = []
        self._clock = clock
        self._voice = voice

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Where it is served."""
        return [web.get(f"{prefix}/v1/speak", self.stream), web.post(f"{prefix}/v1/speak", self.whole)]

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        """One connection: texts in, sound out, in order."""
        await self.gate.admit(request, request.headers.get("Authorization", "").removeprefix("Token "))
        websocket = web.WebSocketResponse()
        queue: asyncio.Queue[str | int] = asyncio.Queue()
        async with Connection(self.gate, request, websocket) as connection:
            speaking = asyncio.create_task(self._speak(connection, queue, int(request.query["sample_rate"])))
            try:
                await self._listen(connection, queue)
            finally:
                speaking.cancel()
        return websocket

    async def _listen(self, connection: Connection, queue: asyncio.Queue[str | int]) -> None:
        waiting, flushes = "", 0
        while (message := await connection.receive()).type == WSMsgType.TEXT:
            packet = json.loads(message.data)
            if packet["type"] == "Close":
                return
            waiting += packet.get("text", "")
            *complete, waiting = _SENTENCE_END.split(waiting)
            if packet["type"] == "Flush":
                complete, waiting = [*complete, waiting], ""
            for sentence in complete:
                if sentence.strip():
                    queue.put_nowait(sentence.strip())
            if packet["type"] == "Flush":
                queue.put_nowait(flushes)
                flushes += 1

    async def _speak(self, connection: Connection, queue: asyncio.Queue[str | int], rate: int) -> None:
        with suppress(ConnectionError, RuntimeError):
            await connection.send({"type": "Metadata", "request_id": "lab", "model_name": "lab"})
            while True:
                item = await queue.get()
                if isinstance(item, int):
                    await connection.send({"type": "Flushed", "sequence_id": item})
                    continue
                self.spoken.append(item)
                pcm = await asyncio.to_thread(self._voice, item, rate)
                await asyncio.sleep(self._clock.draw("tts_first"))
                for chunk in pieces(pcm, rate):
                    await connection.send(chunk)
                    await asyncio.sleep(len(chunk) / 2 / rate / self._clock.delays.tts_speed)

    async def whole(self, request: web.Request) -> web.StreamResponse:
        """One text, its sound streamed as raw samples."""
        await self.gate.admit(request, request.headers.get("Authorization", "").removeprefix("Token "))
        text = (await request.json())["text"]
        self.spoken.append(text)
        rate = int(request.query["sample_rate"])
        pcm = await asyncio.to_thread(self._voice, text, rate)
        await asyncio.sleep(self._clock.draw("tts_first"))
        response = web.StreamResponse(headers={"Content-Type": "audio/pcm"})
        async with Connection(self.gate, request, response) as connection:
            for chunk in pieces(pcm, rate):
                await connection.send(chunk)
        return response


def pieces(pcm: bytes, rate: int) -> list[bytes]:
    """Samples in messages of CHUNK_S."""
    size = int(rate * CHUNK_S) * 2
    return [pcm[start : start + size] for start in range(0, len(pcm), size)]
