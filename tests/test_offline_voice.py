"""The voice that needs no cloud: it speaks, survives the death of its process, and can be missing."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from livekit.agents import APIConnectionError, APIConnectOptions

from agent.offline.espeak import EspeakProcess, EspeakUnavailable
from agent.offline.voice import SAMPLE_RATE, OfflineTTS, sentences

GREETING = "Thank you for calling. An automated assistant answers. How can I help?"


@pytest.fixture
async def voice():
    voice = OfflineTTS()
    yield voice
    await voice.aclose()


async def spoken(voice: OfflineTTS, text: str) -> np.ndarray:
    stream = voice.synthesize(text, conn_options=APIConnectOptions(max_retry=0))
    async with stream:
        frames = [event.frame async for event in stream]
    assert {frame.sample_rate for frame in frames} == {SAMPLE_RATE}
    return np.concatenate([np.frombuffer(frame.data, dtype=np.int16) for frame in frames])


async def test_greeting_is_speech_of_a_plausible_length(voice: OfflineTTS):
    pcm = await spoken(voice, GREETING)
    assert 3.0 < len(pcm) / SAMPLE_RATE < 8.0
    assert np.sqrt(np.mean(pcm.astype(float) ** 2)) > 300
    assert np.abs(pcm.astype(int)).max() <= 32767


async def test_sentences_come_one_by_one(voice: OfflineTTS):
    stream = voice.synthesize(GREETING)
    async with stream:
        first = await anext(aiter(stream))
        assert first.frame.duration < 1.0
    assert sentences(GREETING) == [
        "Thank you for calling.",
        "An automated assistant answers.",
        "How can I help?",
    ]


async def test_text_without_a_word_is_a_short_pause_and_no_error(voice: OfflineTTS):
    assert not (await spoken(voice, "…")).any()


async def test_control_characters_and_markup_are_harmless(voice: OfflineTTS):
    assert len(await spoken(voice, "Cat 6 \x00\x07 <b>cable</b> & [[tests]] é 漢")) > SAMPLE_RATE


async def test_killed_process_is_replaced(voice: OfflineTTS):
    await spoken(voice, "One moment.")
    pid = voice._process.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert len(await spoken(voice, "Still here after all.")) > SAMPLE_RATE
    assert voice._process.pid not in (None, pid)


async def test_repeated_sentence_comes_from_the_cache(voice: OfflineTTS):
    voice.prewarm(["One moment."])
    voice._process.close()
    assert voice.pcm("One moment.")
    assert voice._process.pid is None


async def test_many_at_once_do_not_mix(voice: OfflineTTS):
    texts = [" ".join(["again"] * n) + "." for n in range(1, 7)]
    together = await asyncio.gather(*(spoken(voice, text) for text in texts))
    other = OfflineTTS()
    for text, pcm in zip(texts, together, strict=True):
        assert len(pcm) == pytest.approx(len(await spoken(other, text)), rel=0.03)
    await other.aclose()


async def test_spanish_sounds_unlike_english(voice: OfflineTTS):
    spanish = OfflineTTS("es-US")
    text = "Buenos días, gracias por llamar."
    assert not np.array_equal(await spoken(spanish, text), await spoken(voice, text))
    await spanish.aclose()


@pytest.mark.parametrize(
    "command",
    [
        ["/nonexistent/espeak"],
        [sys.executable, "-c", "raise SystemExit(1)"],
        [sys.executable, "-c", "print('no frame at all, and no end of it')"],
    ],
    ids=["missing", "dies", "nonsense"],
)
async def test_line_without_the_process_is_told_so(command: list[str], caplog: pytest.LogCaptureFixture):
    voice = OfflineTTS(process=EspeakProcess(command))
    assert voice.available() is False
    assert "offline voice unavailable" in caplog.text
    voice.prewarm(["nothing breaks"])
    with pytest.raises(APIConnectionError):
        await spoken(voice, "Hello.")


def test_unknown_voice_is_named_and_the_next_text_works():
    process = EspeakProcess()
    with pytest.raises(EspeakUnavailable, match="xx-nowhere"):
        process.speak("hello", "xx-nowhere")
    assert process.speak("hello", "en-us")[1]
    process.close()
    process.close()


def test_worker_secrets_do_not_reach_the_process(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SUPABASE_SECRET_KEY", "not for espeak")
    process = EspeakProcess()
    process.start()
    assert b"not for espeak" not in Path(f"/proc/{process.pid}/environ").read_bytes()
    process.close()
