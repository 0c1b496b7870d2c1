"""What a caller of the office leaves behind while the database is away is written when it is back."""

from __future__ import annotations

import pytest

from agent.chat import text_call
from agent.lines import tools
from tests.support.calls import COMPANY, STRANGER, rows
from tests.support.stacks import Supabase
from tests.support.text_calls import FlakyStore


@pytest.mark.parametrize(
    ("wish", "kept"),
    [
        ("tell Karen Miller that the gate is open", ("message", "the gate is open")),
        ("can Karen Miller call me back", ("callback", None)),
    ],
)
async def test_what_was_confirmed_while_the_database_is_away_is_kept_and_what_was_not_is_not(
    supabase: Supabase, monkeypatch: pytest.MonkeyPatch, wish: str, kept: tuple[str, str | None]
) -> None:
    monkeypatch.setattr(tools, "LATER_S", 0.05)
    store = await FlakyStore.open(supabase.settings)
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY, store=store) as call:
        await call.answer()
        store.down = True
        assert "kept what you said" not in " ".join(await call.say(wish))
        store.down = False
        await call.say(wish)
        assert "Is that right?" in " ".join(await call.say("Jane Doe"))
        store.down = True
        assert "kept what you said" in " ".join(await call.say("yes"))
        store.down = False
        await call.hear_about("has been written down")
    await store.aclose()
    found = await rows(supabase, "select kind, message_text from messages")
    assert len(found) == 1 and found[0][0] == kept[0] and (kept[1] is None or found[0][1] == kept[1])
