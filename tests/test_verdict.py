"""The carrier's verdict on the caller's number stands with the call, in a real room and without one."""

from __future__ import annotations

from fieldline.telephony import VERDICT
from tests.support.calls import STRANGER, closed, phone, rows
from tests.support.stacks import Supabase


async def test_the_verdict_of_the_carrier_is_kept_with_the_call(stack: Supabase) -> None:
    async with phone(stack, STRANGER, attributes={VERDICT: "TN-Validation-Passed-A"}) as caller:
        await caller.hear()
    await closed(stack)
    assert await rows(stack, "select verstat from call_logs") == [("TN-Validation-Passed-A",)]


async def test_a_call_that_nobody_vouches_for_has_none(stack: Supabase) -> None:
    async with phone(stack, STRANGER) as caller:
        await caller.hear()
    await closed(stack)
    assert await rows(stack, "select verstat from call_logs") == [(None,)]
