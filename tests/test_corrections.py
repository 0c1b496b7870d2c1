"""A correction right after replaces what was done, and nothing is written twice: read from the rows."""

from __future__ import annotations

from tests.support.calls import rows
from tests.support.stacks import Supabase
from tests.support.text_calls import mike


async def test_correction_right_after_replaces_what_was_booked(supabase: Supabase) -> None:
    async with mike(supabase) as call:
        await call.say("clock me in on truck two oh one")
        await call.say("I've arrived")
        before = await total_used(supabase)
        await call.say("I used three r j forty five connectors")
        assert await total_used(supabase) - before == 3
        assert "four" in " ".join(await call.say("no, four")).lower()
        assert await total_used(supabase) - before == 4


async def test_another_truck_right_after_is_the_one_of_the_same_clock_in(supabase: Supabase) -> None:
    async with mike(supabase) as call:
        await call.say("clock me in on truck two oh one")
        said = " ".join(await call.say("no, two oh four"))
    assert said.startswith("All right, you're clocked in on truck two oh four instead of two oh one.")
    clocked = (
        "select k.number from technician_clock_records r join technicians t on t.id = r.technician_id"
        " join trucks k on k.id = r.truck_id where t.badge = '101' and r.clock_out_time is null"
    )
    assert await rows(supabase, clocked) == [(204,)]


async def total_used(supabase: Supabase) -> float:
    """What stock movements of use add up to, taken back ones subtracted."""
    found = await rows(supabase, "select coalesce(-sum(change), 0) from stock_movements")
    return float(found[0][0])
