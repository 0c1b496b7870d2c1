"""Stand-ins of the voice's providers, and the real plugins pointed at them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents import APIConnectOptions, llm, stt, tts
from livekit.plugins import deepgram, elevenlabs, openai
from openai import AsyncOpenAI

from agent.providers import Link, OpenAIModel, build
from fieldline.lab.audio import RATE, Pcm, line_noise, read_wav
from fieldline.lab.providers import Delays, Mind, ProviderStandIns
from fieldline.settings import Settings, load_settings, variable
from tests.support.stacks import Supabase

PROVIDERS = Path(__file__).parents[2] / "providers.yaml"
DEMO = Path(__file__).parents[2] / "fieldline/demo/audio"
#: A plugin that has not answered by then never will: a test that waits for it has found a deadlock.
ONCE = APIConnectOptions(max_retry=0, timeout=20.0)
QUICK = APIConnectOptions(max_retry=0, timeout=0.5)


def clip(name: str) -> Pcm:
    """The sound of one of the demo's clips."""
    return read_wav(DEMO / f"{name}.wav")


@asynccontextmanager
async def worker_on_clouds(stack: Supabase, mind: Mind, said: Mapping[str, str]) -> AsyncIterator[ProviderStandIns]:
    """The stand-ins, with the stack's worker started anew on them; `said` are clips and what they mean."""
    async with ProviderStandIns(Delays(seed=1), mind=mind) as running:
        for name, text in said.items():
            running.know(text, clip(name))
        before = dict(os.environ)
        os.environ |= running.environ()
        try:
            await stack.stack.stop_part("worker")
            await stack.stack.start_part("worker")
            yield running
        finally:
            os.environ.clear()
            os.environ.update(before)
            await stack.stack.stop_part("worker")
            await stack.stack.start_part("worker")


class Rules(llm.LLM):
    """The last model: says the same sentence whatever it is asked."""

    def chat(self, **asked: Any) -> llm.LLMStream:
        return _Said(self, chat_ctx=asked["chat_ctx"], tools=[], conn_options=ONCE)


class _Said(llm.LLMStream):
    async def _run(self) -> None:
        delta = llm.ChoiceDelta(role="assistant", content="Rules say so.")
        self._event_ch.send_nowait(llm.ChatChunk(id="rules", delta=delta))


def quiet(length_s: float) -> Pcm:
    """A telephone line on which nobody speaks."""
    return line_noise(int(length_s * RATE))


def frames(*sounds: Pcm) -> list[rtc.AudioFrame]:
    """Sounds one after the other as frames of 20 ms."""
    pcm = np.concatenate(sounds)
    step = RATE // 50
    return [
        rtc.AudioFrame(pcm[at : at + step].tobytes(), RATE, 1, step) for at in range(0, len(pcm) // step * step, step)
    ]


def deepgram_ears(clouds: ProviderStandIns, **options: Any) -> deepgram.STT:
    env = clouds.environ()
    url = f"{env['DEEPGRAM_BASE_URL']}/v1/listen"
    return deepgram.STT(**{"api_key": env["DEEPGRAM_API_KEY"], "base_url": url, **options})


def groq_ears(clouds: ProviderStandIns, **options: Any) -> openai.STT:
    env = clouds.environ()
    return openai.STT(
        **{
            "api_key": env["GROQ_API_KEY"],
            "base_url": env["GROQ_BASE_URL"],
            "model": "whisper-large-v3-turbo",
            **options,
        }
    )


def openai_model(clouds: ProviderStandIns, **options: Any) -> OpenAIModel:
    """As the line builds it, from the stand-ins' key and address."""
    env = clouds.environ()
    key = options.pop("api_key", env["OPENAI_API_KEY"])
    client = AsyncOpenAI(api_key=key, base_url=env["OPENAI_BASE_URL"], max_retries=0)
    return OpenAIModel(client, **options)


def groq_model(clouds: ProviderStandIns) -> OpenAIModel:
    """As the line builds it."""
    link = Link.model_validate({"provider": "groq", "model": "llama-3.3-70b-versatile"})
    return build(settings_on(clouds), "llm", link)


def settings_on(clouds: ProviderStandIns, **changed: Any) -> Settings:
    """The settings of a worker that has all keys, with the stand-ins' addresses."""
    fields = {field for field in Settings.model_fields if variable(field) in clouds.environ()}
    given = {field: clouds.environ()[variable(field)] for field in fields}
    return load_settings(**{**given, "providers_file": PROVIDERS, **changed})


def eleven_voice(clouds: ProviderStandIns, **options: Any) -> elevenlabs.TTS:
    env = clouds.environ()
    given = {"api_key": env["ELEVEN_API_KEY"], "base_url": env["ELEVEN_BASE_URL"], "encoding": "pcm_24000"}
    return elevenlabs.TTS(**{**given, **options})


def aura_voice(clouds: ProviderStandIns, **options: Any) -> deepgram.TTS:
    env = clouds.environ()
    url = f"{env['DEEPGRAM_BASE_URL']}/v1/speak"
    return deepgram.TTS(**{"api_key": env["DEEPGRAM_API_KEY"], "base_url": url, **options})


async def heard(ears: stt.STT, sound: Sequence[rtc.AudioFrame]) -> list[stt.SpeechEvent]:
    """All events of a stream that is fed with `sound` at once and then closed."""
    async with ears.stream(conn_options=ONCE) as stream:
        for frame in sound:
            stream.push_frame(frame)
        stream.end_input()
        return [event async for event in stream if event.type != stt.SpeechEventType.RECOGNITION_USAGE]


def words_of(events: Sequence[stt.SpeechEvent]) -> str:
    """The final transcripts, joined."""
    finals = [event for event in events if event.type == stt.SpeechEventType.FINAL_TRANSCRIPT]
    return " ".join(event.alternatives[0].text for event in finals)


async def spoken(stream: AsyncIterable[tts.SynthesizedAudio]) -> tuple[float, str]:
    """Seconds of sound of a voice's stream, and the words that came with it."""
    seconds, words = 0.0, ""
    async for audio in stream:
        seconds += audio.frame.duration
        words += "".join(str(word) for word in audio.frame.userdata.get("lk.timed_transcripts", []))
    return seconds, words


async def answered(model: llm.LLM, text: str, tools: list[Any] | None = None) -> llm.CollectedResponse:
    """What a model answers to one sentence."""
    context = llm.ChatContext.empty()
    context.add_message(role="user", content=text)
    return await model.chat(chat_ctx=context, tools=tools or [], conn_options=ONCE).collect()
