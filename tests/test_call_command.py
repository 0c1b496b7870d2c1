"""`fieldline call`: the order of its actions, text calls, and what it says when there is nothing to call.

Category: lines (a text call on the real database), and the command without a network.
"""

from __future__ import annotations

import json

import pytest

from agent.chat import text_call
from fieldline.lab import call
from fieldline.lab.call import CallRequest, actions_in_order, place_call
from fieldline.lab.caller import Action
from fieldline.settings import load_settings
from tests.support.stacks import Supabase

MIKE, LINE = "+12025550101", "+12025550100"


def test_actions_keep_the_order_of_the_command_line() -> None:
    line = ["--from", MIKE, "--keys", "101#", "--say", "what's next", "--type=clock me in", "--play", "a.wav", "--json"]

    assert actions_in_order(line) == [
        Action("keys", "101#"),
        Action("say", "what's next"),
        Action("type", "clock me in"),
        Action("play", "a.wav"),
    ]


def test_an_actions_words_may_look_like_an_option() -> None:
    assert actions_in_order(["--say", "--keys", "--keys=1"]) == [Action("say", "--keys"), Action("keys", "1")]


async def test_a_text_call_prints_its_turns_and_its_row(
    supabase: Supabase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(call, "running_settings", lambda: supabase.settings)
    actions = [Action("keys", "101#2010#"), Action("type", "what's my next job")]
    request = CallRequest(MIKE, LINE, actions, no_room=True, as_json=True)

    code = await place_call(request, start_text_call=text_call)

    printed = capsys.readouterr()
    result = json.loads(printed.out)
    assert code == 0
    assert "ten fifty seven" in result["turns"][2]["heard"]
    assert result["call_log"]["verified_as"] == "Mike Johnson"
    assert result["call_log"]["status"] == "completed"
    assert "2010" not in printed.out + printed.err


async def test_a_chat_reads_lines_until_an_empty_one(
    supabase: Supabase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = iter(["/keys 101#2010#", "what's my status", ""])
    monkeypatch.setattr(call, "running_settings", lambda: supabase.settings)
    monkeypatch.setattr(call, "_read_line", lambda: next(typed))

    code = await place_call(CallRequest(MIKE, LINE, [], no_room=True, chat=True), start_text_call=text_call)

    assert code == 0
    assert "You're not clocked in" in " ".join(capsys.readouterr().out.split())


async def test_a_call_without_a_server_fails_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(call, "running_settings", lambda: load_settings(supabase_url="http://127.0.0.1:9"))

    code = await place_call(CallRequest(MIKE, LINE, []), start_text_call=text_call)

    assert code == 1
    assert "set LIVEKIT_URL" in " ".join(capsys.readouterr().out.split())
