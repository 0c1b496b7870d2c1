"""More workers by starting more: they share the calls, and one that is told to stop ends none of its own."""

from __future__ import annotations

import pytest

from bench.workers import share
from tests.support.stacks import Supabase

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

CALLS = 6


async def test_a_worker_that_drains_keeps_its_calls_and_gets_no_new_ones(stack: Supabase) -> None:
    went = await share(stack.stack, CALLS)
    assert (went.greeted, went.lost) == (CALLS, 0), went
    assert 0 < went.second <= CALLS // 2, "the workers did not share the first calls"
    assert went.second_later == 0, "a worker that stops took another call"
    assert went.exit_code == 0, "the worker did not end by itself after its last call"
