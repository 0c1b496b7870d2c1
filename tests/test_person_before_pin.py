"""A technician's telephone gets a person at any moment: before badge and PIN, between them, and after."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from agent.chat import text_call
from agent.lines.hold import HoldLine
from agent.other_language import go_on_in
from tests.support.calls import COMPANY, MIKE, STRANGER, rows
from tests.support.exchange import Switchboard
from tests.support.stacks import Supabase
from tests.support.transfers import KAREN


@pytest.mark.parametrize(
    ("steps", "verified"),
    [
        (["a person"], False),
        (["get me the office please"], False),
        (["#0#"], False),
        (["#101#", "#0#"], False),
        (["#101#", "I need to talk to somebody"], False),
        (["#101#2010#", "#0"], True),
    ],
    ids=["said", "asked for the office", "key", "key for a PIN", "said for a PIN", "key after the PIN"],
)
async def test_somebody_of_the_office_is_rung(supabase: Supabase, steps: list[str], verified: bool) -> None:
    exchange: Any = Switchboard()
    async with text_call(supabase.settings, from_number=MIKE, to_number=COMPANY) as call:
        call.call.hold_line = partial(HoldLine, call.call, exchange)
        await call.answer()
        for step in steps:
            await (call.keys(step[1:]) if step.startswith("#") else call.say(step))
        phone = await exchange.next()
        assert phone.number == KAREN
        assert (call.call.verified is not None) is verified
    assert await rows(supabase, "select count(*) from pin_attempts") == [(1 if verified else 0,)]


async def test_key_of_a_spanish_caller_gets_somebody_too(supabase: Supabase) -> None:
    exchange: Any = Switchboard()
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        call.call.hold_line = partial(HoldLine, call.call, exchange)
        await call.answer()
        go_on_in(call.call, "es")
        await call.keys("0")
        assert (await exchange.next()).number == KAREN
