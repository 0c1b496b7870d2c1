"""A worker that is full leaves the next call to another one, and counts those that are on their way."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any, cast

from agent.capacity import CALLS_PER_CORE, COMING_S, LOCAL_CALLS, Capacity, calls_of
from fieldline.settings import load_settings


class Request:
    """A job request that remembers its answer."""

    def __init__(self, number: int) -> None:
        self.id, self.room, self.answer = f"AJ_{number}", SimpleNamespace(name=f"call-{number}"), ""

    async def accept(self) -> None:
        self.answer = "accepted"

    async def reject(self, *, terminate: bool) -> None:
        self.answer = "ended" if terminate else "left to others"


async def ask(capacity: Capacity, number: int) -> str:
    request = Request(number)
    await capacity.decide(cast(Any, request))
    return request.answer


def serving(*numbers: int) -> Any:
    return SimpleNamespace(active_jobs=[SimpleNamespace(job=SimpleNamespace(id=f"AJ_{n}")) for n in numbers])


async def test_burst_fills_a_worker_and_the_rest_goes_elsewhere() -> None:
    capacity = Capacity(6)
    capacity.attach(serving())
    assert [await ask(capacity, n) for n in range(6)] == ["accepted"] * 6
    assert await ask(capacity, 6) == "left to others"
    assert capacity.load() == 1.0


async def test_call_that_has_arrived_counts_once() -> None:
    capacity = Capacity(2)
    await ask(capacity, 1)
    capacity.attach(serving(1))
    assert capacity.calls() == 1
    assert await ask(capacity, 2) == "accepted"


async def test_place_of_a_call_that_never_arrived_is_free_again() -> None:
    clock = [0.0]
    capacity = Capacity(1, lambda: clock[0])
    capacity.attach(serving())
    assert await ask(capacity, 1) == "accepted"
    assert await ask(capacity, 2) == "left to others"
    clock[0] += COMING_S + 1
    assert await ask(capacity, 3) == "accepted"


def test_number_of_calls_follows_the_setting_the_mode_and_the_machine() -> None:
    assert calls_of(load_settings(worker_calls=3)) == 3
    assert calls_of(load_settings()) == LOCAL_CALLS
    production = cast(Any, SimpleNamespace(worker_calls=None, env="production"))
    assert calls_of(production) == CALLS_PER_CORE * (os.cpu_count() or 1)
