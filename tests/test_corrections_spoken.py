"""A caller corrects himself right after he has spoken, in a room on the providers' stand-ins: read from the rows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from fieldline.lab.audio import RATE
from fieldline.lab.providers import Answer, ProviderStandIns, text_of
from tests.support.calls import DEADLOCK_S, mike, rows
from tests.support.clouds import clip, quiet, worker_on_clouds
from tests.support.stacks import Supabase

pytestmark = pytest.mark.long

#: Sounds that stand for these words: stand-ins look sounds up.
SAID = {
    "clock-in": "clock me in on truck two oh one",
    "next-job": "what is on truck two oh one",
    "rj45": "no two oh two",
}
#: A breath before the correction, seconds.
BREATH_S = 0.5


async def mind(messages: list[dict[str, Any]], _tools: list[dict[str, Any]]) -> Answer:
    """Does what was asked first, for the truck that was named last, and says what the tool said."""
    last = next(m for m in reversed(messages) if m["role"] in ("user", "tool"))
    if last["role"] == "tool":
        return Answer(text_of(last))
    asked = " ".join(text_of(m) for m in messages if m["role"] == "user")
    tool = "clock_in" if "clock me in" in asked else "check_stock"
    return Answer(calls=((tool, {"truck": 202 if "two oh two" in text_of(last) else 201}),))


@pytest.fixture
async def clouds(stack: Supabase) -> AsyncIterator[ProviderStandIns]:
    async with worker_on_clouds(stack, mind, SAID) as running:
        yield running


async def trucks(stack: Supabase) -> list[int]:
    """On which trucks Mike is clocked in now."""
    found = await rows(
        stack,
        "select t.number from technician_clock_records r join trucks t on t.id = r.truck_id"
        " join technicians p on p.id = r.technician_id where p.badge = '101' and r.clock_out_time is null",
    )
    return [number for (number,) in found]


async def calls_of_tools(stack: Supabase) -> list[str]:
    """The tool calls of the record with their arguments."""
    found = await rows(
        stack, "select data -> 'arguments' from voice_agent_interactions where interaction_type = 'tool_call'"
    )
    return [json.dumps(arguments, sort_keys=True) for (arguments,) in found]


async def nothing_ran_twice(stack: Supabase) -> None:
    calls = await calls_of_tools(stack)
    assert calls and len(calls) == len(set(calls))


async def test_correction_a_breath_later_is_answered(stack: Supabase, clouds: ProviderStandIns) -> None:
    breath = quiet(BREATH_S)[: int(BREATH_S * RATE)]
    async with mike(stack) as caller:
        await caller.play(np.concatenate([clip("next-job"), breath, clip("rj45")]))
        assert "two oh two" in (await caller.hear(DEADLOCK_S, quiet=2.0)).text.lower()
    await nothing_ran_twice(stack)


async def test_correction_over_the_answer_to_a_write_is_heard_and_writes_nothing_twice(
    stack: Supabase, clouds: ProviderStandIns
) -> None:
    async with mike(stack) as caller:
        await caller.play(clip("clock-in"))
        await caller.first_sound(DEADLOCK_S)
        await caller.play(clip("rj45"))
        assert "already clocked in on truck two oh one" in (await caller.hear(DEADLOCK_S, quiet=2.0)).text
    assert await trucks(stack) == [201]
    await nothing_ran_twice(stack)
