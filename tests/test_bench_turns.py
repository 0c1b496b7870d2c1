"""What the voice bench makes of a recording."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from agent.lines.base import Line
from agent.speech import speech
from bench import listening, turns
from bench.chart import bars
from bench.listening import Turn, judged, spoken_s, stopped_after
from bench.long_answer import SPEAKS_S, was_cut
from bench.stage import ACKNOWLEDGED, FLOOR_S, LONG, TOKENS_OF_ANSWER, TOOL_FLOOR_S, mind
from bench.turns import SHORT_TOOL_EVERY, TOOL_EVERY, TOOL_TURN, Measured, Script, table, with_tools
from bench.utterances import SAID, TOOL_TURNS, Utterance, mu_law
from fieldline.lab.audio import RATE, SILENCE, Pcm, level, tone
from fieldline.lab.phone import PhoneError


def silence(seconds: float) -> Pcm:
    return np.zeros(int(seconds * RATE), np.int16)


def test_answer_is_timed_from_the_callers_last_sound() -> None:
    turn = judged("digits", np.concatenate([silence(1.5), tone(440, 1.0)]), RATE)
    assert turn.delay_s == pytest.approx(0.5, abs=0.011)
    assert not turn.cut_off


def test_silence_of_a_turn_is_the_longest_until_the_end_of_the_answer() -> None:
    heard = np.concatenate([silence(1.5), tone(440, 0.5), silence(0.8), tone(440, 0.5), silence(2)])
    assert judged("digits", heard, RATE).silence_s == pytest.approx(0.8, abs=0.03)
    assert judged("digits", silence(4), RATE).silence_s == 3.0
    assert judged("digits", np.concatenate([tone(440, 1.0), silence(4)]), RATE).silence_s is None


def test_agent_that_speaks_before_the_caller_has_finished_has_cut_him_off() -> None:
    turn = judged("digits", np.concatenate([silence(0.5), tone(440, 1.0)]), RATE)
    assert turn.cut_off
    assert turn.delay_s is None


def test_silence_is_a_missed_turn() -> None:
    assert judged("digits", silence(3), RATE).missed


def test_answer_that_a_filler_announces_is_marked() -> None:
    heard = np.concatenate([silence(1.5), tone(440, 1.0)])
    assert judged("digits", heard, RATE, f"{speech('en').FILLERS[0]} All right.").filler
    assert not judged("digits", heard, RATE, "All right.").filler


def test_stop_is_the_start_of_the_silence_that_lasts() -> None:
    heard = np.concatenate([tone(440, 0.4), silence(0.1), tone(440, 0.1), silence(1.0), tone(440, 1.0)])
    assert stopped_after(heard) == pytest.approx(0.6, abs=0.02)
    assert stopped_after(tone(440, 2.0)) is None
    assert spoken_s(heard) == pytest.approx(1.5, abs=0.05)


def test_there_are_forty_utterances_of_nine_kinds() -> None:
    assert len(SAID) == 9
    assert sum(map(len, SAID.values())) >= 40


def test_a_telephone_line_keeps_loudness_and_loses_what_is_above_four_kilohertz() -> None:
    assert level(mu_law(tone(1000, 0.5))) == pytest.approx(level(tone(1000, 0.5)), abs=0.5)
    assert level(mu_law(tone(6000, 0.5))) < level(tone(6000, 0.5)) - 20


def test_nod_cut_an_answer_that_fell_silent_or_became_another() -> None:
    assert not was_cut(SPEAKS_S, [])
    assert not was_cut(SPEAKS_S, [LONG[60:90]])
    assert was_cut(0.2, [])
    assert was_cut(SPEAKS_S, [ACKNOWLEDGED])


@pytest.mark.parametrize("every", [SHORT_TOOL_EVERY, TOOL_EVERY])
def test_a_tool_is_used_before_our_line_gives_up(every: int) -> None:
    said = [utterance(kind) for kind in SAID] + [(utterance("nod"), utterance("over"))] * 3
    without, tools = 0, 0
    for step in with_tools(said, [utterance(TOOL_TURN)], every):
        tool = isinstance(step, Utterance) and step.kind == TOOL_TURN
        tools += tool
        without = 0 if tool else without + (1 if isinstance(step, Utterance) else 4)
        assert without < Line.patience
    assert tools


async def test_turn_in_which_the_call_ends_is_missed_and_the_next_call_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    @asynccontextmanager
    async def call(system: str, *, greeted: Any) -> AsyncIterator[Any]:
        calls.append(system)
        await greeted(None)
        yield SimpleNamespace(ended=asyncio.Event())

    async def greeted(_: object, found: Measured) -> None:
        found.greetings.append(0.5)

    async def take_turn(_: object, kind: str, __: Pcm) -> Turn:
        if kind == "second":
            raise PhoneError("The call ended.")
        return Turn(kind, 0.7)

    monkeypatch.setattr(turns, "_greeted", greeted)
    monkeypatch.setattr(turns, "take_turn", take_turn)
    script = Script([utterance(kind) for kind in ("first", "second", "third")], utterance("long"), 3)
    found = await turns._measure(SimpleNamespace(call=call), "ours", script)  # pyright: ignore[reportArgumentType]
    assert [(turn.kind, turn.missed) for turn in found.turns] == [("first", False), ("second", True), ("third", False)]
    assert len(calls) == 3


class Telephone:
    """Somebody to whom the agent answers at length, or not at all."""

    def __init__(self, answer_s: float) -> None:
        self.answer_s = answer_s
        self.ended = asyncio.Event()
        self.turn_at, self.heard_out = 0, False
        self.recording = SimpleNamespace(
            now=lambda: 0, heard_tape=SimpleNamespace(since=lambda _: tone(440, answer_s) if answer_s else silence(9))
        )
        self.transcript = SimpleNamespace(said_by=lambda *_: [])

    async def play(self, _: Pcm) -> None:
        return

    async def first_sound(self, _within: float) -> None:
        if not self.answer_s:
            raise PhoneError("nothing was heard")

    async def hear(self, within: float, *, quiet: float) -> None:
        if within < self.answer_s + quiet:
            raise PhoneError("The agent did not finish")
        self.heard_out = True


@pytest.mark.parametrize("answer_s", [12.0, 0.0])
async def test_next_turn_waits_for_the_end_of_a_long_answer_and_not_for_one_that_never_comes(answer_s: float) -> None:
    phone = Telephone(answer_s)
    turn = await listening.take_turn(phone, TOOL_TURN, SILENCE)  # pyright: ignore[reportArgumentType]
    assert (turn.missed, phone.heard_out) == (not answer_s, bool(answer_s))


def utterance(kind: str) -> Utterance:
    return Utterance(kind, kind, SILENCE)


async def test_the_mind_uses_tools_for_tool_turns_only() -> None:
    tools = [{"function": {"name": name}} for name in ("next_job", "my_status")]
    for text in TOOL_TURNS:
        assert (await mind([{"role": "user", "content": text}], tools)).calls
    for lines in SAID.values():
        for line in lines:
            assert (await mind([{"role": "user", "content": line}], tools)).text == ACKNOWLEDGED
    assert (await mind([{"role": "user", "content": "tell me everything about this job"}], tools)).text == LONG


def test_rows_compare_every_kind_with_every_baseline() -> None:
    ours = Measured([Turn("digits", 0.7), Turn("digits", None, cut_off=True)], [0.8], [0.3], [False])
    plain = Measured([Turn("digits", 1.4), Turn("digits", 1.4)], [1.0], [0.6], [True])
    rows = {row["name"]: row for row in table({"ours": ours, "vad": plain})}
    assert rows["digits: p50 / vad"]["ratio"] == 0.5
    assert rows["digits: cut-offs / vad"]["ours"] == 1
    assert rows["nods: cut-offs / vad"]["baseline"] == 1
    assert rows["barge-in stops the agent: p95 / vad"]["ratio"] == 0.5


def test_silences_and_tool_turns_have_rows_and_floors_of_their_own() -> None:
    ours = Measured([Turn(TOOL_TURN, 0.7, silence_s=0.7)], [0.8], [0.3], [False], [1.6])
    plain = Measured([Turn(TOOL_TURN, 1.4, silence_s=1.4)], [1.0], [0.6], [True], [0.9])
    rows = {row["name"]: row for row in table({"ours": ours, "vad": plain})}
    longest = rows["anywhere: longest silence / vad"]
    assert (longest["ours"], longest["baseline"], longest["n"]) == (1.6, 1.4, 3)
    assert rows["tool turn: p50 / vad"]["floor"] == pytest.approx(TOOL_FLOOR_S)


def test_floor_is_of_the_answer_that_is_given() -> None:
    assert len(re.findall(r"\w+|[^\w\s]", ACKNOWLEDGED)) == TOKENS_OF_ANSWER
    assert TOOL_FLOOR_S < FLOOR_S


def test_chart_shows_every_figure_and_escapes_names() -> None:
    svg = bars("A & B", "s", {"yes <or> no": {"ours": 0.7, "plain": 1.4}}, ("ours", "plain"))
    assert svg.count("<rect") == 1 + 2 + 2
    assert "yes &lt;or&gt; no" in svg
    assert "0.70" in svg
    assert "1.40" in svg
