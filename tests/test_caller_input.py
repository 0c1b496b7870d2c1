"""What a caller keys or types while nobody is there to take it: nothing of it is lost, and its order is kept."""

from __future__ import annotations

import pytest

from agent.caller_input import CallerInput
from agent.chat import text_call
from tests.support.calls import COMPANY, MIKE, STRANGER
from tests.support.stacks import Supabase


async def test_what_is_typed_before_the_line_is_there_is_answered_when_it_is(supabase: Supabase) -> None:
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        early = CallerInput(call.call, "sip_caller")
        await early.type("what is your address")
        assert "Industrial Road" not in " ".join(await call.answer())
        await early.line_is_there()
        assert "Industrial Road" in " ".join(await call.answer())


async def test_what_comes_while_earlier_words_are_answered_waits_behind_them(
    supabase: Supabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        early, heard = CallerInput(call.call, "sip_caller"), list[str]()

        async def hear(words: str) -> None:
            heard.append(words)
            if words == "first":
                await early.type("third")

        monkeypatch.setattr(call.call, "hear", hear)
        for words in ("first", "second"):
            await early.type(words)
        await early.line_is_there()
    assert heard == ["first", "second", "third"]


async def test_badge_keyed_before_the_line_is_there_counts(supabase: Supabase) -> None:
    async with text_call(supabase.settings, from_number=MIKE, to_number=COMPANY) as call:
        early = CallerInput(call.call, "sip_caller")
        for key in "101#":
            early.press(key)
        assert "PIN" not in " ".join(await call.answer())
        await early.line_is_there()
        assert "PIN" in " ".join(await call.answer())


async def test_line_that_is_there_takes_keys_and_words_at_once(supabase: Supabase) -> None:
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        caller = CallerInput(call.call, "sip_caller")
        await caller.line_is_there()
        await call.answer()
        await caller.type("what is your address")
        assert "Industrial Road" in " ".join(await call.answer())


async def test_words_typed_to_a_person_are_not_the_lines(supabase: Supabase) -> None:
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        caller = CallerInput(call.call, "sip_caller")
        await caller.line_is_there()
        await call.answer()
        call.call.connected = "office-1"
        await caller.type("what is your address")
        assert await call.answer() == []
