"""Whether a worker says truly that it lives, that it could take a call, and what it has done."""

from __future__ import annotations

from fieldline.stack.web import request
from tests.support.calls import closed, phone, until
from tests.support.stacks import Supabase


async def test_worker_that_could_take_a_call_says_so(stack: Supabase) -> None:
    address = f"http://127.0.0.1:{stack.settings.worker_port}"
    assert (await request("GET", f"{address}/health"))[0] == 200
    status, parts = await request("GET", f"{address}/ready")
    assert (status, parts) == (200, {"registered": True, "database": True, "livekit": True})


async def test_worker_without_a_database_lives_and_is_not_ready(stack: Supabase) -> None:
    address = f"http://127.0.0.1:{stack.settings.worker_port}"
    await stack.stack.stop_part("rest")
    try:
        assert (await request("GET", f"{address}/health"))[0] == 200
        status, parts = await request("GET", f"{address}/ready")
    finally:
        await stack.stack.start_part("rest")
    assert status == 503
    assert parts == {"registered": True, "database": False, "livekit": True}


async def test_call_is_counted_by_how_it_ended(stack: Supabase) -> None:
    async with phone(stack) as caller:
        await caller.first_sound()
    await closed(stack)

    async def counted() -> bool:
        return 'fieldline_calls_total{end_reason="caller_hung_up"}' in await metrics(stack)

    await until(counted)
    figures = await metrics(stack)
    assert "fieldline_greeting_seconds_bucket" in figures
    assert "lk_agents_worker_load" in figures


async def metrics(stack: Supabase) -> str:
    """The worker's page for Prometheus."""
    _, page = await request("GET", f"http://127.0.0.1:{stack.settings.metrics_port}/metrics")
    return str(page)
