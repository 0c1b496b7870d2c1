"""A call is recorded only where the company says so, only after the announcement, and never while a PIN is keyed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from agent.sound_file import RATE, Channel, Samples, SoundFile
from agent.sound_length import seconds_of
from agent.speech import speech
from fieldline.storage import open_storage
from tests.support.calls import MIKE, closed, has_heard, job_process, phone, rows, until
from tests.support.stacks import Supabase

#: Writes twenty seconds and is killed before it can close the file.
DIES = """
import os, pathlib, signal, sys
import numpy as np
from agent.sound_file import RATE, SoundFile
with SoundFile(pathlib.Path(sys.argv[1])) as file:
    for _ in range(20):
        file.write(np.ones(RATE, np.int16), np.ones(RATE, np.int16))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def sound(seconds: float, level: int = 8000) -> Samples:
    return (np.sin(np.arange(int(seconds * RATE)) / 5) * level).astype(np.int16)


def played(path: Path) -> tuple[Samples, Samples]:
    """The caller's side and the line's side of a file."""
    with av.open(str(path)) as container:
        frames = [np.asarray(frame.to_ndarray(), np.float32) for frame in container.decode(audio=0)]
    both = np.concatenate([f if f.shape[0] == 2 else f.reshape(-1, 2).T for f in frames], axis=1)
    return both[0], both[1]


def loud(side: Samples) -> float:
    return float(np.abs(side).max())


def test_sound_stands_where_it_was_heard() -> None:
    channel = Channel()
    channel.put(RATE, np.ones(100, np.int16))
    channel.put(RATE + 90, np.full(100, 2, np.int16))  # a little early: it belongs to what was before
    taken = channel.take(2 * RATE)
    assert len(taken) == 2 * RATE and not taken[:RATE].any() and not taken[RATE + 200 :].any()
    assert list(taken[RATE + 99 : RATE + 101]) == [1, 2]


def test_what_comes_in_portions_is_whole() -> None:
    channel, whole = Channel(), sound(1.0)
    for begin in range(0, RATE, 320):
        channel.put(begin, whole[begin : begin + 320])
    assert np.array_equal(np.concatenate([channel.take(until) for until in (5000, 5000, 9999, RATE)]), whole)


def test_a_source_that_stalls_and_hurries_stays_near_the_clock() -> None:
    channel = Channel()
    for at in (0, 5 * RATE):
        for _ in range(400):  # eight seconds at once
            channel.put(at, np.ones(320, np.int16))
    channel.take(5 * RATE)
    assert channel._end <= 8 * RATE


def test_both_sides_are_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "1.ogg"
    with SoundFile(path) as file:
        file.write(sound(1.0), np.zeros(RATE, np.int16))
        file.write(np.zeros(RATE, np.int16), sound(1.0))
    left, right = played(path)
    half = len(left) // 2
    assert loud(left[:half]) > 0.1 > loud(left[half + 2000 :]) and loud(right[half:]) > 0.1 > loud(right[: half - 2000])
    assert seconds_of(path) == pytest.approx(2.0, abs=0.1)
    assert path.stat().st_size < 20_000


def test_what_a_dead_process_wrote_can_be_played(tmp_path: Path) -> None:
    path = tmp_path / "1.ogg"
    died = subprocess.run([sys.executable, "-c", DIES, str(path)], check=False)
    assert died.returncode == -signal.SIGKILL and seconds_of(path) >= 15


def test_the_announcement_is_part_of_the_greeting() -> None:
    facts = {"greeting": "Hello, Northgate", "recording": True, "first_name": "Mike"}
    said = speech("en").say("greeting", facts, "UTC")
    assert said.index("This call is recorded.") < said.index("Hi Mike")
    own = speech("en").say("greeting", {**facts, "announcement": "We record calls"}, "UTC")
    assert "We record calls." in own and "This call is recorded" not in own
    assert "recorded" not in speech("en").say("greeting", {**facts, "recording": False}, "UTC")


async def recorded(stack: Supabase) -> Path:
    """The file of the only recording, once it lies in the storage."""
    found: list[str] = []

    async def there() -> bool:
        found[:] = [row[0] for row in await rows(stack, "select path from call_recordings")]
        return bool(found)

    await until(there)
    (path,) = found
    storage = open_storage(stack.settings)
    copy = stack.settings.home / "recording.ogg"
    copy.write_bytes(await storage.get(path))
    return copy


async def wants_recordings(stack: Supabase) -> None:
    await rows(
        stack,
        "update company_info set settings = settings || '{\"recording\": true}' returning true",
    )


async def test_a_call_is_recorded_from_its_announcement_on(stack: Supabase) -> None:
    await wants_recordings(stack)
    async with phone(stack) as caller:
        await caller.hear()
        assert await has_heard(caller, "This call is recorded.")
        await caller.keys("101#")
        await caller.hear()
        await caller.keys("2010#")
        await caller.hear()
        await caller.play(sound(1.5))
        await caller.hear()
    await closed(stack)
    left, right = played(await recorded(stack))
    assert loud(right) > 0.05, "the line is heard"
    assert loud(left) > 0.05, "the caller is heard"
    events = await rows(stack, "select content from voice_agent_interactions where interaction_type = 'event'")
    assert ("recording",) in events
    assert (await rows(stack, "select recording_url is not null from call_logs")) == [(True,)]


async def test_a_company_that_does_not_record_keeps_nothing(stack: Supabase) -> None:
    async with phone(stack, MIKE) as caller:
        await caller.hear()
        assert not await has_heard(caller, "recorded")
    await closed(stack)
    assert await rows(stack, "select 1 from call_recordings") == []
    assert not list((stack.settings.spool / "sounds").glob("*.ogg"))


async def test_what_a_job_that_died_had_recorded_is_kept(stack: Supabase) -> None:
    await wants_recordings(stack)
    async with phone(stack) as caller:
        await caller.hear()
        await caller.keys("101#")
        await caller.hear()
        os.kill(job_process(stack, caller.leg.room), signal.SIGKILL)
        assert await recorded(stack)
    await closed(stack)
