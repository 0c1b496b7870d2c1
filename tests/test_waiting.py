"""Processes that wait for calls are replaced when the callers who came have been greeted."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent import waiting
from agent.waiting import LOCAL_WAITING, WAITING, Replacing, waiting_of
from fieldline.settings import load_settings


class FakePool:
    """Remembers what it was told, and says when that was something new."""

    def __init__(self) -> None:
        self.told: list[int] = []
        self.refilled = asyncio.Event()

    def set_target_idle_processes(self, num_idle_processes: int) -> None:
        self.told.append(num_idle_processes)
        if num_idle_processes:
            self.refilled.set()


async def test_six_who_call_at_once_are_greeted_before_processes_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "GREETED_S", 0.02)
    pool = FakePool()
    replacing = Replacing(pool, 6)
    for _ in range(6):
        replacing.call_came()
    assert pool.told == [0]
    await pool.refilled.wait()
    assert pool.told == [0, 6]


async def test_processes_are_replaced_although_calls_keep_coming(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "LONGEST_S", 0.05)
    pool = FakePool()
    replacing = Replacing(pool, 6)
    while not pool.refilled.is_set():
        replacing.call_came()
        await asyncio.sleep(0.005)  # calls that come one after the other, not a wait
    assert pool.told[:2] == [0, 6]


def test_number_of_waiting_processes_follows_the_setting_and_the_mode() -> None:
    assert waiting_of(load_settings(worker_waiting=4)) == 4
    assert waiting_of(load_settings()) == LOCAL_WAITING
    production = SimpleNamespace(worker_waiting=None, worker_calls=40, env="production")
    assert waiting_of(cast(Any, production)) == WAITING
    production.worker_calls = 2
    assert waiting_of(cast(Any, production)) == 2
