"""The record of a call: nothing is lost, and nothing is written twice."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from agent.recorder import Recorder
from agent.spool import Facts, ship_leftovers
from fieldline.errors import StoreUnavailable

OPENING: Facts = {"room": "call-1", "from_number": "+12025550101", "to_number": "+12025550100"}
ENDING: Facts = {"status": "completed", "end_reason": "caller_hung_up"}


class FakeLog:
    """The store's three functions, kept in memory; `down` makes it unreachable."""

    def __init__(self) -> None:
        self.down = False
        self.rows: dict[tuple[str, int], Facts] = {}
        self.opened: list[str] = []
        self.endings: list[Facts] = []
        self.written = asyncio.Event()

    async def call_open(self, **arguments: Any) -> Facts:
        self._reach()
        self.opened.append(arguments["room"])
        return {"call_id": "c1", "session_id": "s1", "next_sequence": 1}

    async def call_append(self, *, call_id: str, session_id: str, items: list[Facts]) -> Facts:
        self._reach()
        for item in items:
            self.rows.setdefault((session_id, item["sequence"]), item)
        self.written.set()
        return {"stored": len(items)}

    async def call_close(self, *, call_id: str, **ending: Any) -> Facts:
        self._reach()
        self.endings.append(ending)
        return ending

    def _reach(self) -> None:
        if self.down:
            raise StoreUnavailable("down")

    def said(self) -> list[str]:
        return [self.rows[key]["content"] for key in sorted(self.rows)]


@pytest.fixture
def log() -> FakeLog:
    return FakeLog()


def opened(log: FakeLog, folder: Path) -> Recorder:
    recorder = Recorder(log, folder, OPENING)
    recorder.opened("c1", "s1", 1)
    return recorder


async def test_what_was_said_is_written_while_the_call_goes_on(log: FakeLog, tmp_path: Path) -> None:
    recorder = opened(log, tmp_path)
    recorder.add("user", "clock me in")
    await asyncio.wait_for(log.written.wait(), 10)
    assert log.said() == ["clock me in"]
    await recorder.aclose(ENDING)


async def test_call_that_ends_well_leaves_nothing_on_disk(log: FakeLog, tmp_path: Path) -> None:
    recorder = opened(log, tmp_path)
    recorder.add("user", "goodbye")
    assert await recorder.aclose(ENDING)
    assert log.said() == ["goodbye"]
    assert log.endings == [ENDING]
    assert list(tmp_path.iterdir()) == []


async def test_key_is_recorded_without_its_digit(log: FakeLog, tmp_path: Path) -> None:
    recorder = opened(log, tmp_path)
    recorder.key()
    await recorder.aclose(ENDING)
    assert log.said() == ["•"]


async def test_words_said_while_the_database_is_down_are_written_later(log: FakeLog, tmp_path: Path) -> None:
    recorder = opened(log, tmp_path)
    log.down = True
    recorder.add("user", "the panel is wet")
    assert not await recorder.aclose(ENDING)
    assert log.said() == []
    log.down = False
    assert await ship_leftovers(log, tmp_path) == 1
    assert log.said() == ["the panel is wet"]
    assert log.endings == [ENDING]
    assert list(tmp_path.iterdir()) == []


async def test_leftovers_stay_while_the_database_is_down(log: FakeLog, tmp_path: Path) -> None:
    log.down = True
    await opened(log, tmp_path).aclose(ENDING)
    with pytest.raises(StoreUnavailable):
        await ship_leftovers(log, tmp_path)
    assert len(list(tmp_path.glob("*.jsonl"))) == 1


async def test_killed_job_leaves_its_words_for_the_next(log: FakeLog, tmp_path: Path) -> None:
    recorder = opened(log, tmp_path)
    log.down = True
    recorder.add("user", "put down a note")
    kill(recorder)
    log.down = False
    assert await ship_leftovers(log, tmp_path) == 1
    assert log.said() == ["put down a note"]
    assert log.endings == []


async def test_half_written_last_line_costs_only_itself(log: FakeLog, tmp_path: Path) -> None:
    recorder = opened(log, tmp_path)
    log.down = True
    recorder.add("user", "first")
    kill(recorder)
    path = next(tmp_path.glob("*.jsonl"))
    path.write_text(path.read_text() + '{"sequence": 9, "conte')
    log.down = False
    await ship_leftovers(log, tmp_path)
    assert log.said() == ["first"]


async def test_shipping_twice_writes_once(log: FakeLog, tmp_path: Path) -> None:
    recorder = opened(log, tmp_path)
    recorder.add("user", "hello")
    await asyncio.wait_for(log.written.wait(), 10)
    kill(recorder)
    await ship_leftovers(log, tmp_path)
    assert log.said() == ["hello"]


async def test_live_calls_file_is_left_alone(log: FakeLog, tmp_path: Path) -> None:
    recorder = opened(log, tmp_path)
    recorder.add("user", "still talking")
    assert await ship_leftovers(log, tmp_path) == 0
    assert await recorder.aclose(ENDING)


async def test_call_that_was_never_opened_is_opened_afterwards(log: FakeLog, tmp_path: Path) -> None:
    log.down = True
    recorder = Recorder(log, tmp_path, OPENING)
    recorder.event("trouble")
    await recorder.aclose({"status": "failed", "end_reason": "error"})
    log.down = False
    await ship_leftovers(log, tmp_path)
    assert log.opened == ["call-1"]
    assert log.endings == [{"status": "failed", "end_reason": "error"}]


async def test_file_can_be_read_by_its_owner_only(log: FakeLog, tmp_path: Path) -> None:
    recorder = opened(log, tmp_path / "spool")
    path = next((tmp_path / "spool").glob("*.jsonl"))
    assert path.stat().st_mode & 0o077 == 0
    assert json.loads(path.read_text().splitlines()[0]) == {"opening": OPENING}
    await recorder.aclose(ENDING)


def kill(recorder: Recorder) -> None:
    """End a recorder as kill -9 does: its lock goes, its file stays."""
    assert recorder._task is not None
    recorder._task.cancel()
    recorder._file.close(shipped=False)
