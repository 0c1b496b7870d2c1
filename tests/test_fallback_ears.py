"""A chain of ears, each link failing for real while a caller speaks: the real plugins, stand-ins for their services."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import stt, utils

from agent.fallback import links as links_module
from agent.fallback.ears import EarsChain
from agent.fallback.links import Link, Switch
from fieldline.lab.providers import Delays, Fault, ProviderStandIns
from tests.support.clouds import clip, deepgram_ears, frames, groq_ears, quiet

CLOCK_IN = "good morning, clock me in on truck two oh one please"


class Words(stt.STT):
    """The last ears: hear the same words in everything."""

    def __init__(self) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        self.heard: list[float] = []

    async def _recognize_impl(self, buffer: Any, **_: Any) -> stt.SpeechEvent:
        self.heard.append(rtc.combine_audio_frames(buffer).duration)
        data = stt.SpeechData(language="en", text="offline words")  # pyright: ignore[reportArgumentType]
        return stt.SpeechEvent(stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[data])


@pytest.fixture
async def clouds(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ProviderStandIns]:
    monkeypatch.setattr(links_module, "PROBE_FIRST_S", 0.05)
    monkeypatch.setattr(links_module, "PROBE_LONGEST_S", 0.2)
    async with utils.http_context.open(), ProviderStandIns(Delays.none()) as running:
        yield running


def switches_of(chain: EarsChain) -> list[Switch]:
    found: list[Switch] = []
    chain.links.listeners.append(found.append)
    return found


class Line:
    """A caller on a chain of ears, in real time, with a VAD that knows when he speaks."""

    def __init__(self, chain: EarsChain) -> None:
        self.chain = chain
        self.finals: list[str] = []
        self.stream = chain.stream()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for event in self.stream:
            if event.type == stt.SpeechEventType.FINAL_TRANSCRIPT and event.alternatives[0].text:
                self.finals.append(event.alternatives[0].text)

    async def play(self, sound: Any) -> None:
        for frame in frames(sound):
            self.stream.push_frame(frame)
            await asyncio.sleep(frame.duration)

    async def say(self, sound: Any, *, meanwhile: Any = None) -> None:
        await self.play(quiet(0.3))
        self.chain.caller(True)
        half = len(sound) // 2
        await self.play(sound[:half])
        if meanwhile is not None:
            meanwhile()
        await self.play(np.concatenate([sound[half:], quiet(0.25)]))
        self.chain.caller(False)

    async def understood(self, count: int) -> list[str]:
        async with asyncio.timeout(20):
            while len(self.finals) < count:
                await self.play(quiet(0.1))
        return self.finals

    async def hang_up(self) -> None:
        self.stream.end_input()
        await self.stream.aclose()
        self._reading.cancel()
        await self.chain.aclose()


@pytest.fixture
def ears(clouds: ProviderStandIns) -> EarsChain:
    clouds.know(CLOCK_IN, clip("clock-in"))
    clouds.know("what's my next job", clip("next-job"))
    return EarsChain(
        [
            Link("deepgram", deepgram_ears(clouds), 1.0),
            Link("groq", groq_ears(clouds), 5.0),
            Link("offline", Words(), 1.0),
        ]
    )


@pytest.mark.parametrize("fault", ["refuse", "hang", "429", "500", "garbage", "wrong_key", "cut", "trickle"])
async def test_words_that_are_being_said_when_ears_fail_are_not_lost(
    clouds: ProviderStandIns, ears: EarsChain, fault: Fault
) -> None:
    found = switches_of(ears)
    line = Line(ears)
    await line.say(clip("next-job"))
    assert await line.understood(1) == ["what's my next job"]
    await line.say(clip("clock-in"), meanwhile=lambda: clouds.fail("deepgram_stt", fault))
    count = 2
    while len(words := " ".join((await line.understood(count))[1:])) < len(CLOCK_IN):
        count += 1
    assert words == CLOCK_IN
    assert fault == "trickle" or [(s.provider, s.now) for s in found] == [("deepgram", "groq")]
    await line.hang_up()


async def test_ears_that_are_back_are_used_again(clouds: ProviderStandIns, ears: EarsChain) -> None:
    found = switches_of(ears)
    line = Line(ears)
    clouds.fail("deepgram_stt", "500")
    await line.say(clip("next-job"))
    assert await line.understood(1) == ["what's my next job"]
    clouds.mend()
    while not found[-1].up:  # they hear along, and have to understand something first
        await line.say(clip("clock-in"))
        await line.understood(len(line.finals) + 1)
    count = len(line.finals)
    transcribed = len(clouds.groq_stt.requests)
    await line.say(clip("next-job"))
    assert (await line.understood(count + 1))[count] == "what's my next job"
    assert len(clouds.groq_stt.requests) == transcribed
    await line.hang_up()


async def test_noise_is_no_sign_that_ears_are_deaf(clouds: ProviderStandIns, ears: EarsChain) -> None:
    found = switches_of(ears)
    line = Line(ears)
    await line.say(clip("done"))  # nobody knows this sound
    await line.say(clip("next-job"))
    assert await line.understood(1) == ["what's my next job"]
    assert found == []
    await line.hang_up()


@pytest.mark.parametrize("fault", ["refuse", "hang", "429", "500", "garbage", "wrong_key", "cut", "trickle"])
async def test_ears_that_get_whole_utterances_may_fail_too(clouds: ProviderStandIns, fault: Fault) -> None:
    alone = EarsChain([Link("groq", groq_ears(clouds), 0.6), Link("offline", Words(), 1.0)])
    found = switches_of(alone)
    clouds.fail("groq_stt", fault)
    line = Line(alone)
    await line.say(clip("got-here"))
    assert await line.understood(1) == ["offline words"]
    assert [(s.provider, s.now) for s in found] == [("groq", "offline")]
    await line.hang_up()


async def test_all_ears_in_the_cloud_out_leaves_the_offline_ones(clouds: ProviderStandIns, ears: EarsChain) -> None:
    clouds.fail_all("refuse")
    line = Line(ears)
    await line.say(clip("next-job"))
    assert await line.understood(1) == ["offline words"]
    await line.hang_up()
