"""Transcription of a file in OpenAI's form, as Groq serves Whisper and livekit-plugins-openai asks for it.

From the plugin's source (`stt.py`, `_recognize_impl`): `POST /audio/transcriptions`, multipart with `file` (a WAV),
`model`, `language`, `prompt`, `response_format` json; it reads `text`. From documentation: the `x_groq` field.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import BodyPartReader, web

from fieldline.lab.providers.deepgram_stt import pcm_of_wav
from fieldline.lab.providers.delays import Clock
from fieldline.lab.providers.faults import Connection, Gate
from fieldline.lab.providers.hearing import Repertoire


class Whisper:
    """`/audio/transcriptions`. `requests` holds the form fields of every request, without the sound."""

    def __init__(self, gate: Gate, clock: Clock, repertoire: Repertoire) -> None:
        self.gate = gate
        self.requests: list[dict[str, str]] = []
        self._clock = clock
        self._repertoire = repertoire

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Where it is served."""
        return [web.post(f"{prefix}/audio/transcriptions", self.transcribe)]

    async def transcribe(self, request: web.Request) -> web.StreamResponse:
        """One file."""
        await self.gate.admit(request, bearer(request))
        fields, sound = await _form(request)
        self.requests.append(fields)
        text = self._repertoire.transcript(pcm_of_wav(sound))
        await asyncio.sleep(self._clock.draw("stt_file"))
        answer = json.dumps({"text": text, "x_groq": {"id": "lab"}})
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        async with Connection(self.gate, request, response) as connection:
            # In pieces, so that a cut leaves half an answer.
            for begin in range(0, len(answer), 8):
                await connection.send(answer[begin : begin + 8])
        return response


def bearer(request: web.Request) -> str:
    """The key of a request in OpenAI's form."""
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


async def _form(request: web.Request) -> tuple[dict[str, str], bytes]:
    fields: dict[str, str] = {}
    sound = b""
    reader: Any = await request.multipart()
    while isinstance(part := await reader.next(), BodyPartReader):
        if part.name == "file":
            sound = bytes(await part.read())
        else:
            fields[str(part.name)] = await part.text()
    return fields, sound
