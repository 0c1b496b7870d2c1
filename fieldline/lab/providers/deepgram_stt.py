"""Deepgram's streaming speech to text, as livekit-plugins-deepgram uses it.

From the plugin's source (`stt.py`): the address `/v1/listen` with its query, `Authorization: Token …`, linear16 in
binary frames of 50 ms, the text frames KeepAlive, Finalize and CloseStream; and all it reads of `SpeechStarted`,
`Results` (`is_final`, `speech_final`, `metadata.request_id`, `channel.alternatives[0]` with `transcript`,
`confidence` and `words`), `UtteranceEnd` and `Metadata`. The file form is read by the same plugin from
`results.channels[0].alternatives`.

From Deepgram's documentation: `channel_index`, `start`, `duration`, `from_finalize`, `last_word_end`, the fields of
`Metadata`, the close code 1011 after 10 s without sound or KeepAlive, and the bodies of errors.
"""

from __future__ import annotations

import asyncio
import io
import json
import wave
from typing import Any, NoReturn

import numpy as np
from aiohttp import WSMsgType, web

from fieldline.lab.audio import RATE, Pcm, from_bytes, resample
from fieldline.lab.providers.delays import Clock
from fieldline.lab.providers.ear import Ear
from fieldline.lab.providers.faults import Connection, Gate
from fieldline.lab.providers.hearing import FRAME, Repertoire, Word

#: Time between two interim results while somebody speaks.
INTERIM_S = 0.3
#: A stream that sends neither sound nor KeepAlive is closed (documented).
IDLE_S = 10.0
CONFIDENCE = 0.98


class DeepgramEars:
    """`/v1/listen`: websocket and file. `streams` holds the query of every stream that was opened."""

    def __init__(self, gate: Gate, clock: Clock, repertoire: Repertoire) -> None:
        self.gate = gate
        self.streams: list[dict[str, list[str]]] = []
        self._clock = clock
        self._repertoire = repertoire

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Where it is served."""
        return [web.get(f"{prefix}/v1/listen", self.stream), web.post(f"{prefix}/v1/listen", self.file)]

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        """One caller's stream."""
        await self.gate.admit(request, key_of(request))
        _check(request)
        self.streams.append({name: request.query.getall(name) for name in set(request.query)})
        websocket = web.WebSocketResponse()
        async with Connection(self.gate, request, websocket) as connection:
            await _Stream(connection, self._clock, self._repertoire, request).run()
        return websocket

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A whole file at once."""
        await self.gate.admit(request, key_of(request))
        _check(request)
        text = self._repertoire.transcript(pcm_of_wav(await request.read()))
        await asyncio.sleep(self._clock.draw("stt_file"))
        alternative = {"transcript": text, "confidence": CONFIDENCE, "words": []}
        answer = {"metadata": {"request_id": "lab"}, "results": {"channels": [{"alternatives": [alternative]}]}}
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        async with Connection(self.gate, request, response) as connection:
            await connection.send(json.dumps(answer))
        return connection.response


def _check(request: web.Request) -> None:
    """Key terms are nova-3's, and Flux has an address of its own (documented). Raises HTTPBadRequest."""
    model = request.query.get("model", "")
    if model.startswith("flux"):
        refuse("Flux models are served at /v2/listen.")
    if "keyterm" in request.query and not model.startswith("nova-3"):
        refuse("Keyterm Prompting is only available for transcription using Nova-3.")


def refuse(words: str) -> NoReturn:
    """Say no to a request as Deepgram does. Raises HTTPBadRequest."""
    raise web.HTTPBadRequest(text=json.dumps({"err_code": "INVALID_QUERY_PARAMETER", "err_msg": words}))


def key_of(request: web.Request) -> str:
    return request.headers.get("Authorization", "").removeprefix("Token ")


def pcm_of_wav(body: bytes) -> Pcm:
    """16 kHz samples of a WAV file in memory. Raises HTTPBadRequest for anything else."""
    try:
        with wave.open(io.BytesIO(body)) as file:
            return resample(from_bytes(file.readframes(file.getnframes())), file.getframerate())
    except (wave.Error, EOFError):
        raise web.HTTPBadRequest(text='{"err_code": "Bad Request", "err_msg": "not audio"}') from None


def at_16_khz(data: bytes, rate: int) -> Pcm:
    """Samples at a rate that divides 16 kHz, or is divided by it, at 16 kHz: good enough for ears that are no model."""
    pcm = from_bytes(data)
    return np.repeat(pcm, RATE // rate) if rate < RATE else pcm[:: rate // RATE]


class _Stream:
    """The state of one websocket."""

    def __init__(self, connection: Connection, clock: Clock, repertoire: Repertoire, request: web.Request) -> None:
        asked = request.query
        self._connection = connection
        self._clock = clock
        self._ear = Ear(repertoire)
        self._rate = int(asked.get("sample_rate", RATE))
        self._interims = asked.get("interim_results", "false") == "true"
        self._vad_events = asked.get("vad_events", "false") == "true"
        endpointing = asked.get("endpointing", "10")
        self._endpointing_s = None if endpointing == "false" else float(endpointing) / 1000
        gap = asked.get("utterance_end_ms")
        self._utterance_end_s = float(gap) / 1000 if gap else None
        self._utterance_open = False
        self._interim_at_s = 0.0
        self._due_s: float | None = None
        self._final: asyncio.Task[None] | None = None

    async def run(self) -> None:
        try:
            while True:
                try:
                    async with asyncio.timeout(IDLE_S):
                        message = await self._connection.receive()
                except TimeoutError:
                    await self._connection.websocket.close(code=1011, message=b"NET-0001")
                    return
                if message.type == WSMsgType.BINARY:
                    await self._hear(message.data)
                elif message.type != WSMsgType.TEXT or await self._control(json.loads(message.data)["type"]):
                    return
        finally:
            self._not_yet()

    async def _control(self, kind: str) -> bool:
        """A text frame; whether the stream is over."""
        if kind == "Finalize":
            await self._results(self._ear.final(), final=True, from_finalize=True)
        if kind != "CloseStream":
            return False
        self._not_yet()
        await self._results(self._ear.final(), final=True)
        summary = {"request_id": "lab", "duration": round(self._ear.now_s, 2), "channels": 1}
        await self._connection.send({"type": "Metadata", "transaction_key": "deprecated", **summary})
        await self._connection.websocket.close()
        return True

    async def _hear(self, data: bytes) -> None:
        pcm = at_16_khz(data, self._rate)
        for begin in range(0, len(pcm), FRAME):
            await self._hear_frame(pcm[begin : begin + FRAME])
        ear = self._ear
        if self._due_s is not None and self._final is None:
            self._final = asyncio.create_task(self._finalise(max(0.0, self._due_s - ear.silent_s)))
        elif ear.speaking and self._interims and ear.now_s - self._interim_at_s >= INTERIM_S:
            self._interim_at_s = ear.now_s
            await self._results(ear.interim(), final=False)
        await self._utterance_end()

    async def _hear_frame(self, pcm: Pcm) -> None:
        """A pause is over after its delay, by the sound (which may come faster than it was spoken) or by the clock."""
        ear = self._ear
        started = ear.hear(pcm)
        if ear.silent_s == 0.0:
            self._not_yet()
        if started and self._vad_events:
            at = {"timestamp": round(ear.last_loud_s, 2)}
            await self._connection.send({"type": "SpeechStarted", "channel": [0], **at})
        if ear.speaking and self._endpointing_s is not None and ear.silent_s >= max(0.01, self._endpointing_s):
            if self._due_s is None:
                self._due_s = self._clock.draw("stt_final")
            if ear.silent_s >= self._due_s:
                self._not_yet()
                await self._pause()

    def _not_yet(self) -> None:
        """What was about to become final is not: speech goes on, or it is final already."""
        self._due_s = None
        if self._final is not None:
            self._final.cancel()
            self._final = None

    async def _finalise(self, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        self._due_s, self._final = None, None
        try:
            await self._pause()
        except (ConnectionError, RuntimeError):
            return  # the client has gone, or the fault has dropped it

    async def _pause(self) -> None:
        words = self._ear.final()
        self._utterance_open |= bool(words)
        await self._results(words, final=True)

    async def _utterance_end(self) -> None:
        ear, gap_s = self._ear, self._utterance_end_s
        if self._utterance_open and gap_s is not None and not ear.speaking and ear.now_s - ear.words_until_s >= gap_s:
            self._utterance_open = False
            await self._connection.send(
                {"type": "UtteranceEnd", "channel": [0, 1], "last_word_end": round(ear.words_until_s, 2)}
            )

    async def _results(self, words: list[Word], *, final: bool, from_finalize: bool = False) -> None:
        if not words and not final:
            return
        await self._connection.send(results(words, final=final, from_finalize=from_finalize))


def results(words: list[Word], *, final: bool, from_finalize: bool = False) -> dict[str, Any]:
    """A `Results` message."""
    start = words[0].start if words else 0.0
    alternative = {
        "transcript": " ".join(word.text for word in words),
        "confidence": CONFIDENCE if words else 0.0,
        "words": [
            {
                "word": word.text.lower().strip(".,?!"),
                "punctuated_word": word.text,
                "start": round(word.start, 2),
                "end": round(word.end, 2),
                "confidence": CONFIDENCE,
            }
            for word in words
        ],
    }
    return {
        "type": "Results",
        "channel_index": [0, 1],
        "start": round(start, 2),
        "duration": round((words[-1].end - start) if words else 0.0, 2),
        "is_final": final,
        "speech_final": final and not from_finalize,
        "from_finalize": from_finalize,
        "channel": {"alternatives": [alternative]},
        "metadata": {"request_id": "lab", "model_uuid": "lab", "model_info": {"name": "lab"}},
    }
