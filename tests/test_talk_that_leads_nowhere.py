"""A caller who is not understood, turn after turn: let go kindly, but never for the turn that is understood at last."""

from __future__ import annotations

from agent.lines.base import Line
from tests.support.stacks import Supabase
from tests.support.text_calls import mike


async def test_caller_who_is_never_understood_is_let_go_kindly(supabase: Supabase) -> None:
    async with mike(supabase) as call:
        said = ""
        while not call.call.ended.is_set():
            said = " ".join(await call.say("purple monkey dishwasher"))
        assert "call the office" in said
        assert call.call.end_reason == "loop"


async def test_caller_who_is_understood_at_last_is_served(supabase: Supabase) -> None:
    async with mike(supabase) as call:
        for _ in range(Line.patience):
            await call.say("purple monkey dishwasher")
        assert "clocked in" in " ".join(await call.say("clock me in on truck two oh one"))
        assert "two oh one" in " ".join(await call.say("am I clocked in"))


async def test_caller_who_is_understood_at_last_hears_why_it_cannot_be_done(supabase: Supabase) -> None:
    async with mike(supabase) as call:
        for _ in range(Line.patience):
            await call.say("purple monkey dishwasher")
        assert "not clocked in" in " ".join(await call.say("clock me out"))
        assert not call.call.ended.is_set()
