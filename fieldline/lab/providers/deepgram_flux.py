"""Deepgram's Flux, ears that know when a turn is over, as livekit-plugins-deepgram uses it.

From the plugin's source (`stt_v2.py`): the address `/v2/listen` with its query, `Authorization: Token …`, linear16 in
binary frames, the text frames Configure and CloseStream; and all it reads of `TurnInfo` (`event`, `transcript`,
`words` with `word` and `confidence`, `audio_window_start`, `audio_window_end`, `request_id`), `ConfigureSuccess` and
`Error`.

From Deepgram's documentation: `Connected` as the first message, `sequence_id`, `turn_index`, an Update every quarter of
a second, and `end_of_turn_confidence`.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

from aiohttp import WSMsgType, web

from fieldline.lab.audio import RATE
from fieldline.lab.providers.deepgram_stt import CONFIDENCE, at_16_khz, key_of, refuse
from fieldline.lab.providers.delays import Clock
from fieldline.lab.providers.ear import Ear
from fieldline.lab.providers.faults import Connection, Gate
from fieldline.lab.providers.hearing import FRAME, Repertoire, Word

#: Time between two updates while somebody speaks, and silence after which a turn may be over.
UPDATE_S, TURN_S = 0.25, 0.2


class FluxEars:
    """`/v2/listen`. `streams` holds the query of every stream that was opened, `configured` what changed in them."""

    def __init__(self, gate: Gate, clock: Clock, repertoire: Repertoire) -> None:
        self.gate = gate
        self.streams: list[dict[str, list[str]]] = []
        self.configured: list[dict[str, object]] = []
        self._clock = clock
        self._repertoire = repertoire

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Where it is served."""
        return [web.get(f"{prefix}/v2/listen", self.stream)]

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        """One caller's stream."""
        await self.gate.admit(request, key_of(request))
        if not request.query.get("model", "").startswith("flux"):
            refuse("No such model is served here.")
        self.streams.append({name: request.query.getall(name) for name in set(request.query)})
        websocket = web.WebSocketResponse()
        async with Connection(self.gate, request, websocket) as connection:
            await _Stream(self, connection, self._clock, Ear(self._repertoire), request).run()
        return websocket


class _Stream:
    """The state of one websocket."""

    def __init__(self, ears: FluxEars, connection: Connection, clock: Clock, ear: Ear, request: web.Request) -> None:
        self._ears = ears
        self._connection = connection
        self._clock = clock
        self._ear = ear
        self._rate = int(request.query.get("sample_rate", RATE))
        self._turn = self._sequence = 0
        self._speaking = False
        self._began_s = self._updated_s = 0.0
        self._ending: asyncio.Task[None] | None = None

    async def run(self) -> None:
        await self._send({"type": "Connected"})
        try:
            while (message := await self._connection.receive()).type in (WSMsgType.BINARY, WSMsgType.TEXT):
                if message.type == WSMsgType.BINARY:
                    await self._hear(message.data)
                elif await self._control(json.loads(message.data)):
                    return
        finally:
            self._not_yet()

    async def _control(self, packet: dict[str, object]) -> bool:
        """A text frame; whether the stream is over."""
        if packet["type"] == "Configure":
            self._ears.configured.append(packet)
            await self._send({"type": "ConfigureSuccess"})
        if packet["type"] != "CloseStream":
            return False
        self._not_yet()
        await self._end()
        await self._connection.websocket.close()
        return True

    async def _hear(self, data: bytes) -> None:
        ear = self._ear
        pcm = at_16_khz(data, self._rate)
        for begin in range(0, len(pcm), FRAME):
            ear.hear(pcm[begin : begin + FRAME])
            if ear.silent_s == 0.0:
                self._not_yet()
            elif self._speaking and ear.silent_s >= TURN_S and self._ending is None:
                self._ending = asyncio.create_task(self._end_later(self._clock.draw("stt_final")))
        if ear.speaking and ear.now_s - self._updated_s >= UPDATE_S:
            self._updated_s = ear.now_s
            if words := ear.interim():
                await self._turn_info("Update" if self._speaking else "StartOfTurn", words)

    def _not_yet(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    async def _end_later(self, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        self._ending = None
        with suppress(ConnectionError, RuntimeError):  # the client has gone, or the fault has dropped it
            await self._end()

    async def _end(self) -> None:
        words = self._ear.final()
        if not (words or self._speaking):
            return
        if not self._speaking:
            await self._turn_info("StartOfTurn", words)
        await self._turn_info("EndOfTurn", words)
        self._speaking = False
        self._turn += 1
        self._began_s = self._ear.now_s

    async def _turn_info(self, event: str, words: list[Word]) -> None:
        self._speaking = True
        await self._send(
            {
                "type": "TurnInfo",
                "event": event,
                "turn_index": self._turn,
                "audio_window_start": round(self._began_s, 2),
                "audio_window_end": round(self._ear.now_s, 2),
                "transcript": " ".join(word.text for word in words),
                "words": [{"word": word.text, "confidence": CONFIDENCE} for word in words],
                "end_of_turn_confidence": 0.9 if event == "EndOfTurn" else 0.1,
            }
        )

    async def _send(self, message: dict[str, object]) -> None:
        await self._connection.send({"request_id": "lab", "sequence_id": self._sequence, **message})
        self._sequence += 1
