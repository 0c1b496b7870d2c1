"""What the voice bench makes of a recording."""

from __future__ import annotations

import numpy as np
import pytest

from agent.speech import speech
from bench.chart import bars
from bench.listening import Turn, judged, spoken_s, stopped_after
from bench.stage import ACKNOWLEDGED, LONG, mind
from bench.turns import Measured, table
from bench.utterances import SAID, TOOL_TURNS, mu_law
from fieldline.lab.audio import RATE, Pcm, level, tone


def silence(seconds: float) -> Pcm:
    return np.zeros(int(seconds * RATE), np.int16)


def test_answer_is_timed_from_the_callers_last_sound() -> None:
    turn = judged("digits", np.concatenate([silence(1.5), tone(440, 1.0)]), RATE)
    assert turn.delay_s == pytest.approx(0.5, abs=0.011)
    assert not turn.cut_off


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


def test_chart_shows_every_figure_and_escapes_names() -> None:
    svg = bars("A & B", "s", {"yes <or> no": {"ours": 0.7, "plain": 1.4}}, ("ours", "plain"))
    assert svg.count("<rect") == 1 + 2 + 2
    assert "yes &lt;or&gt; no" in svg
    assert "0.70" in svg
    assert "1.40" in svg
