"""Doctor's look at the voice's providers: one real request to each that is configured, and how to mend what comes back.

A request is the smallest that a provider charges for; what it costs is a fraction of a cent in all.
"""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import aiohttp
import yaml

from fieldline.doctor.finding import Finding
from fieldline.settings import Settings

#: A provider that takes longer than this is of no use on the telephone.
PATIENCE_S = 8.0
CHAINS = ("stt", "llm", "tts")
Answer = tuple[int, str]
#: A provider's options in providers.yaml.
Options = Mapping[str, Any]
Ask = Callable[[aiohttp.ClientSession, Settings, str, Options], Awaitable[Answer]]


@dataclass(frozen=True)
class Asked:
    """One provider in one role: what its finding is called, its key, and the request."""

    name: str
    chain: str
    variable: str
    site: str
    ask: Ask

    @property
    def serves(self) -> tuple[str, str]:
        """The chain, and the provider by its name in providers.yaml."""
        return self.chain, self.name.split(": ")[1]


async def examine_voice(settings: Settings) -> list[Finding]:
    """A finding for each provider that has a key, all asked at once; a warning when none has."""
    try:
        chains: dict[str, Any] = yaml.safe_load(settings.providers_file.read_text(encoding="utf-8"))
        links = _distinct(chains)
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        return [Finding("providers", "broken", f"{settings.providers_file}: {error!r}", "see docs/providers.md")]
    asked = [
        (named, key, link)
        for one in ASKED
        if (key := _key(settings, one.variable))
        for named, link in _named(one, [link for chain, link in links if (chain, link["provider"]) == one.serves])
    ]
    if not asked:
        return [Finding("providers", "warning", "no keys: the line uses its offline ears, rules and voice", "set keys")]
    timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
        return list(await asyncio.gather(*(_finding(session, settings, *one) for one in asked)))


def _distinct(chains: Mapping[str, Any]) -> list[tuple[str, Options]]:
    """The links of everybody's chains and of companies' own, each model and voice once, with their chain's name."""
    found: dict[tuple[str, ...], tuple[str, Options]] = {}
    owners = [{chain: chains[chain] for chain in CHAINS}, *(chains.get("companies") or {}).values()]
    for owner, chain in product(owners, CHAINS):
        for link in owner.get(chain) or ():
            asked_for = (str(link.get(name)) for name in ("provider", "model", "voice_id"))
            found.setdefault((chain, *asked_for), (chain, link))
    return list(found.values())


def _named(one: Asked, links: list[Options]) -> list[tuple[Asked, Options]]:
    """A provider asked once for each of its links; several are told apart by model and voice."""
    if len(links) < 2:
        return [(one, link) for link in links]
    return [
        (replace(one, name=" ".join([one.name, *(link[name] for name in ("model", "voice_id") if name in link)])), link)
        for link in links
    ]


def _key(settings: Settings, variable: str) -> str:
    secret = getattr(settings, variable.lower())
    return secret.get_secret_value() if secret else ""


async def _finding(
    session: aiohttp.ClientSession, settings: Settings, one: Asked, key: str, options: Options
) -> Finding:
    try:
        status, said = await one.ask(session, settings, key, options)
    except TimeoutError:
        return Finding(
            one.name, "broken", f"no answer in {PATIENCE_S:.0f} s", "callers are served by the next provider"
        )
    except (aiohttp.ClientError, OSError) as error:
        mend = "is the network open to it? a proxy goes into HTTPS_PROXY"
        return Finding(one.name, "broken", f"cannot be reached: {str(error) or type(error).__name__}", mend)
    if status < 300:
        return Finding(one.name, "ok", "answered a real request")
    return Finding(one.name, "broken", f"HTTP {status}: {said[:120]}", _mend(status, one))


def _mend(status: int, one: Asked) -> str:
    if status in (401, 403):
        return f"{one.variable} is not accepted: make a new key at {one.site}"
    if status in (402, 429):
        return f"quota or rate limit: look at plan and billing at {one.site}"
    if status in (400, 404, 422):
        return "model or voice is not known there: see providers.yaml, or the address in the *_BASE_URL variable"
    return "the provider has trouble: see its status page; callers are served by the next one"


async def _post(session: aiohttp.ClientSession, url: str, headers: dict[str, str], **body: object) -> Answer:
    async with session.post(url, headers=headers, **body) as response:  # type: ignore[arg-type]
        if response.status < 300:
            await response.content.readany()
            return response.status, ""
        return response.status, " ".join((await response.text()).split())


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _quiet() -> bytes:
    """A tenth of a second of silence as WAV."""
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(16_000)
        wav.writeframes(bytes(3_200))
    return file.getvalue()


async def _deepgram_ears(session: aiohttp.ClientSession, settings: Settings, key: str, options: Options) -> Answer:
    base, model = settings.deepgram_base_url or DEEPGRAM, options.get("model", "nova-3")
    if model.startswith("flux"):
        return await _flux(session, f"{base}/v2/listen?model={model}&encoding=linear16&sample_rate=16000", key)
    url = f"{base}/v1/listen?model={model}"
    headers = {"Authorization": f"Token {key}", "Content-Type": "audio/wav"}
    return await _post(session, url, headers, data=_quiet())


async def _flux(session: aiohttp.ClientSession, url: str, key: str) -> Answer:
    """Flux only streams: a connection that opens, and closes after the same silence."""
    try:
        async with session.ws_connect(url, headers={"Authorization": f"Token {key}"}) as websocket:
            await websocket.send_bytes(bytes(3_200))
            await websocket.send_str('{"type": "CloseStream"}')
            first = await websocket.receive()
            return (200, "") if first.type == aiohttp.WSMsgType.TEXT else (500, "the connection was closed")
    except aiohttp.WSServerHandshakeError as error:
        return error.status, error.message


async def _deepgram_voice(session: aiohttp.ClientSession, settings: Settings, key: str, options: Options) -> Answer:
    base = settings.deepgram_base_url or DEEPGRAM
    model = options.get("model", "aura-2-andromeda-en")
    url = f"{base}/v1/speak?model={model}&encoding=linear16&container=none&sample_rate=24000"
    return await _post(session, url, {"Authorization": f"Token {key}"}, json={"text": "Hi."})


async def _openai(session: aiohttp.ClientSession, settings: Settings, key: str, options: Options) -> Answer:
    return await _chat(session, settings.openai_base_url or OPENAI, key, options.get("model", "gpt-4o-mini"))


async def _groq(session: aiohttp.ClientSession, settings: Settings, key: str, options: Options) -> Answer:
    return await _chat(session, settings.groq_base_url or GROQ, key, options.get("model", "llama-3.3-70b-versatile"))


async def _chat(session: aiohttp.ClientSession, base: str, key: str, model: str) -> Answer:
    body = {"model": model, "messages": [{"role": "user", "content": "Say OK."}], "max_completion_tokens": 3}
    return await _post(session, f"{base}/chat/completions", _bearer(key), json=body)


async def _groq_ears(session: aiohttp.ClientSession, settings: Settings, key: str, options: Options) -> Answer:
    form = aiohttp.FormData()
    form.add_field("file", _quiet(), filename="quiet.wav", content_type="audio/wav")
    form.add_field("model", options.get("model", "whisper-large-v3-turbo"))
    return await _post(session, f"{settings.groq_base_url or GROQ}/audio/transcriptions", _bearer(key), data=form)


async def _elevenlabs(session: aiohttp.ClientSession, settings: Settings, key: str, options: Options) -> Answer:
    base = settings.eleven_base_url or ELEVENLABS
    url = f"{base}/text-to-speech/{options.get('voice_id', ELEVEN_VOICE)}/stream?output_format=pcm_24000"
    body = {"text": "Hi.", "model_id": options.get("model", "eleven_flash_v2_5")}
    return await _post(session, url, {"xi-api-key": key}, json=body)


DEEPGRAM, OPENAI = "https://api.deepgram.com", "https://api.openai.com/v1"
GROQ, ELEVENLABS = "https://api.groq.com/openai/v1", "https://api.elevenlabs.io/v1"
#: The voice where providers.yaml names none.
ELEVEN_VOICE = "EXAVITQu4vr4xnSDxMaL"

ASKED = (
    Asked("ears: deepgram", "stt", "DEEPGRAM_API_KEY", "console.deepgram.com", _deepgram_ears),
    Asked("ears: groq", "stt", "GROQ_API_KEY", "console.groq.com", _groq_ears),
    Asked("model: openai", "llm", "OPENAI_API_KEY", "platform.openai.com", _openai),
    Asked("model: groq", "llm", "GROQ_API_KEY", "console.groq.com", _groq),
    Asked("voice: elevenlabs", "tts", "ELEVEN_API_KEY", "elevenlabs.io", _elevenlabs),
    Asked("voice: deepgram", "tts", "DEEPGRAM_API_KEY", "console.deepgram.com", _deepgram_voice),
)
