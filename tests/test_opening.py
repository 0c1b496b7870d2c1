"""The first seconds of a call whose database is slow, out, or has no such number; the voice is replaced by a list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from agent import opening
from agent.call import Call
from fieldline.errors import Refusal, StoreUnavailable


class Words:
    """A sentence that is heard at once."""

    async def wait_for_playout(self) -> None:
        return


class Caller:
    """A call whose row comes when `row` is set, and what its caller hears."""

    language = "en"

    def __init__(self) -> None:
        self.row, self.ended = asyncio.Event(), asyncio.Event()
        self.heard: list[str] = []
        self.waits = asyncio.Event()
        self.end_reason = self.status = ""
        self.error: Exception | None = None

    async def open(self) -> None:
        if self.error is not None:
            raise self.error
        await self.row.wait()

    def sentence(self, name: str) -> str:
        return name

    def say(self, words: str, **_: Any) -> Words:
        self.heard.append(words)
        self.waits.set()
        return Words()

    async def comes(self) -> bool:
        return await opening.open_call(
            cast(Any, None), cast(Call, self), cast(Any, None), cast(Any, None), answered=True
        )


@pytest.fixture
def caller(monkeypatch: pytest.MonkeyPatch) -> Caller:
    caller = Caller()

    @asynccontextmanager
    async def voice(*_: Any) -> AsyncIterator[Caller]:
        yield caller

    monkeypatch.setattr(opening, "_bare_voice", voice)
    monkeypatch.setattr(opening, "OPEN_S", 0.01)
    return caller


async def test_caller_of_a_quick_database_is_told_nothing(caller: Caller) -> None:
    caller.row.set()
    assert await caller.comes()
    assert caller.heard == []


async def test_caller_of_a_slow_database_is_asked_to_wait_and_served(caller: Caller) -> None:
    served = asyncio.create_task(caller.comes())
    await caller.waits.wait()
    caller.row.set()
    assert await served
    assert caller.heard == ["One moment."]


async def test_caller_of_a_database_that_never_answers_is_told_so_in_the_end(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "ASK_EVERY_S", 0.01)
    assert not await caller.comes()
    assert len(set(caller.heard)) == 5 and caller.heard[-1] == "database_trouble"
    assert caller.end_reason == "error"


@pytest.mark.parametrize(
    ("error", "heard"),
    [
        (StoreUnavailable("no connection"), "database_trouble"),
        (Refusal("FL006", "unknown_number", {}), "unknown_number"),
    ],
)
async def test_caller_who_cannot_be_served_is_told_at_once(caller: Caller, error: Exception, heard: str) -> None:
    caller.error = error
    assert not await caller.comes()
    assert caller.heard == [heard]


async def test_call_that_could_not_be_taken_stays_so_when_its_room_is_emptied(caller: Caller) -> None:
    caller.error = StoreUnavailable("no connection")
    assert not await caller.comes()
    Call.end(cast(Call, caller), "caller_hung_up")
    assert (caller.status, caller.end_reason) == ("failed", "error")


async def test_caller_who_leaves_while_he_waits_ends_the_waiting(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "ASK_EVERY_S", 0.01)
    caller.ended.set()
    assert not await caller.comes()
    assert caller.end_reason == "" and "database_trouble" not in caller.heard
