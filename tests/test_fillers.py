"""A late answer is announced, a prompt one is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from agent.fillers import filled


async def answer(*pieces: str, after: asyncio.Event | None = None) -> AsyncIterator[str]:
    if after is not None:
        await after.wait()
    for piece in pieces:
        yield piece


async def test_prompt_answer_has_no_filler() -> None:
    assert [item async for item in filled(answer("a", "b"), lambda: ["um"], after_s=60)] == ["a", "b"]


async def test_late_answer_comes_after_fillers() -> None:
    ready = asyncio.Event()
    fillers = 0

    def filler() -> list[str]:
        nonlocal fillers
        fillers += 1
        if fillers == 2:
            ready.set()
        return ["um"]

    heard = [item async for item in filled(answer("a", after=ready), filler, after_s=0.01, every_s=0.01)]
    assert heard[-1] == "a"
    assert heard[:2] == ["um", "um"]


async def test_answer_without_words_ends() -> None:
    assert [item async for item in filled(answer(), lambda: ["um"], after_s=60)] == []


async def test_caller_who_barges_in_stops_the_wait() -> None:
    stream = filled(answer("a", after=asyncio.Event()), lambda: ["um"], after_s=0.01, every_s=60)
    assert await anext(stream) == "um"
    await stream.aclose()  # pyright: ignore[reportAttributeAccessIssue]
