"""All the providers of the voice, on loopback.

    async with ProviderStandIns(Delays(seed=7), mind=rules) as clouds:
        os.environ |= clouds.environ()
        clouds.know("clock me in", pcm)     # what a caller will play is this
        clouds.fail("openai_llm", "hang")   # in the middle of a call
        clouds.mend("openai_llm")

They speak the protocols as the installed plugins use them; what they answer is ours: words by the sound that is played
(hearing.py), answers by a `Mind`, voices by a `Voice`.
"""

from __future__ import annotations

import secrets
from typing import Self

from aiohttp import web
from aiohttp.typedefs import Handler

from fieldline.lab.audio import Pcm
from fieldline.lab.providers.chat import Chat, Mind, parrot
from fieldline.lab.providers.deepgram_flux import FluxEars
from fieldline.lab.providers.deepgram_stt import DeepgramEars
from fieldline.lab.providers.deepgram_tts import DeepgramVoice
from fieldline.lab.providers.delays import Clock, Delays
from fieldline.lab.providers.elevenlabs import ElevenLabsVoice
from fieldline.lab.providers.faults import SERVICES, Fault, Gate, Service
from fieldline.lab.providers.hearing import Repertoire
from fieldline.lab.providers.sound import Voice, murmur
from fieldline.lab.providers.whisper import Whisper

#: A murmur for each voice, so that a recording tells who spoke (Hz).
ELEVEN_HERTZ, AURA_HERTZ = 220.0, 330.0


class ProviderStandIns:
    """Deepgram, Groq, OpenAI and ElevenLabs at one address. `url` is there once it runs."""

    def __init__(self, delays: Delays | None = None, *, mind: Mind = parrot, voice: Voice | None = None) -> None:
        clock = Clock(delays or Delays())
        names = ("DEEPGRAM_API_KEY", "OPENAI_API_KEY", "ELEVEN_API_KEY", "GROQ_API_KEY")
        self.keys = {name: secrets.token_hex(16) for name in names}
        deepgram, openai, eleven, groq = (self.keys[name] for name in names)
        self.repertoire = Repertoire()
        self.deepgram_stt = DeepgramEars(Gate("deepgram_stt", deepgram), clock, self.repertoire)
        self.deepgram_flux = FluxEars(self.deepgram_stt.gate, clock, self.repertoire)
        self.deepgram_tts = DeepgramVoice(Gate("deepgram_tts", deepgram), clock, voice or murmur(AURA_HERTZ))
        self.openai_llm = Chat(Gate("openai_llm", openai), clock, mind)
        self.elevenlabs_tts = ElevenLabsVoice(Gate("elevenlabs_tts", eleven), clock, voice or murmur(ELEVEN_HERTZ))
        self.groq_llm = Chat(Gate("groq_llm", groq), clock, mind)
        self.groq_stt = Whisper(Gate("groq_stt", groq), clock, self.repertoire)
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 2**20)
        app.add_routes(
            [
                *self.deepgram_stt.routes("/deepgram"),
                *self.deepgram_flux.routes("/deepgram"),
                *self.deepgram_tts.routes("/deepgram"),
            ]
        )
        app.add_routes([*self.openai_llm.routes("/openai/v1"), *self.elevenlabs_tts.routes("/elevenlabs/v1")])
        app.add_routes([*self.groq_llm.routes("/groq/v1"), *self.groq_stt.routes("/groq/v1")])
        app.middlewares.append(_dropped)
        # A client that gives up ends its handler, also one that a fault has hung.
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_exc: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def environ(self) -> dict[str, str]:
        """Keys and addresses, by the names that the worker reads."""
        return {
            **self.keys,
            "DEEPGRAM_BASE_URL": f"{self.url}/deepgram",
            "OPENAI_BASE_URL": f"{self.url}/openai/v1",
            "ELEVEN_BASE_URL": f"{self.url}/elevenlabs/v1",
            "GROQ_BASE_URL": f"{self.url}/groq/v1",
        }

    def know(self, text: str, pcm: Pcm) -> None:
        """A caller will play `pcm` (16 kHz), and these are its words."""
        self.repertoire.know(text, pcm)

    def expect(self, *texts: str) -> None:
        """Speech that is no known sound means these, one after the other."""
        self.repertoire.expect(*texts)

    def gate(self, service: Service) -> Gate:
        """The door of a service."""
        return getattr(self, service).gate

    def fail(self, service: Service, fault: Fault) -> None:
        """From now on a service goes wrong in this way, also for connections that are open."""
        self.gate(service).fail(fault)

    def fail_all(self, fault: Fault) -> None:
        """Every service goes wrong in this way."""
        for service in SERVICES:
            self.fail(service, fault)

    def mend(self, *services: Service) -> None:
        """These work again; all of them when none is named."""
        for service in services or SERVICES:
            self.gate(service).fail(None)


@web.middleware
async def _dropped(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A connection that a fault has dropped is no error of ours."""
    try:
        return await handler(request)
    except (ConnectionError, RuntimeError):
        if request.transport is not None and not request.transport.is_closing():
            raise
        return web.Response()
