"""A late answer is announced, a prompt one is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from agent import fillers as fillers_module
from agent.fillers import FILLER_AFTER_S, FILLER_EVERY_S, Silence, filled


async def answer(*pieces: str, after: asyncio.Event | None = None) -> AsyncIterator[str]:
    if after is not None:
        await after.wait()
    for piece in pieces:
        yield piece


async def test_prompt_answer_has_no_filler() -> None:
    assert [item async for item in filled(answer("a", "b"), lambda: ["um"], lambda: 60)] == ["a", "b"]


async def test_late_answer_comes_after_fillers() -> None:
    ready = asyncio.Event()
    fillers = 0

    def filler() -> list[str]:
        nonlocal fillers
        fillers += 1
        if fillers == 2:
            ready.set()
        return ["um"]

    heard = [item async for item in filled(answer("a", after=ready), filler, lambda: 0.01)]
    assert heard[-1] == "a"
    assert heard[:2] == ["um", "um"]


async def test_answer_without_words_ends() -> None:
    assert [item async for item in filled(answer(), lambda: ["um"], lambda: 60)] == []


async def test_filler_without_sound_is_asked_for_again_and_not_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fillers_module, "ASK_AGAIN_S", 60.0)
    ready, first, asked = asyncio.Event(), asyncio.Event(), 0

    def filler() -> list[str]:
        nonlocal asked
        asked += 1
        first.set()
        return []

    async def turns() -> None:
        await first.wait()
        for _ in range(100):
            await asyncio.sleep(0)
        ready.set()

    others = asyncio.create_task(turns())
    assert [item async for item in filled(answer("a", after=ready), filler, lambda: 0.0)] == ["a"]
    assert asked == 1
    await others


async def test_caller_who_barges_in_stops_the_wait() -> None:
    stream = filled(answer("a", after=asyncio.Event()), lambda: ["um"], iter([0.01, 60.0]).__next__)
    assert await anext(stream) == "um"
    await stream.aclose()  # pyright: ignore[reportAttributeAccessIssue]


def test_time_that_the_ears_took_counts_as_silence_already() -> None:
    clock = [10.0]
    silence = Silence(lambda: clock[0])
    silence.began(ago_s=0.25)
    clock[0] += 0.5
    assert silence.due_s() == pytest.approx(FILLER_AFTER_S - 0.75)
    clock[0] += 5
    assert silence.due_s() == 0


def test_words_that_are_there_get_the_time_that_a_voice_needs() -> None:
    silence = Silence(lambda: 10.0)
    silence.began()
    assert silence.voice_due_s() > silence.due_s()
    silence.filled()
    assert silence.voice_due_s() == silence.due_s() == FILLER_EVERY_S


def test_a_second_filler_waits_whoever_said_the_first() -> None:
    clock = [10.0]
    silence = Silence(lambda: clock[0])
    silence.began()
    clock[0] += FILLER_AFTER_S
    silence.filled()
    assert silence.due_s() == pytest.approx(FILLER_EVERY_S)
    silence.began()
    assert silence.due_s() == pytest.approx(FILLER_AFTER_S)


def test_an_answer_prepared_while_the_caller_still_speaks_is_not_late_yet() -> None:
    silence = Silence(lambda: 10.0)
    silence.broken()
    assert silence.due_s() == FILLER_AFTER_S
