"""What the load bench makes of its steps. The bench itself is run by hand."""

from __future__ import annotations

import os

from bench.listening import Turn
from bench.load import Step, table
from bench.page import listed
from bench.stage import FLOOR_S


def test_calls_held_are_told_for_each_core_and_answers_beside_their_floor() -> None:
    quick, slow, missed = Turn("load", 0.9), Turn("load", 1.9), Turn("load", None, missed=True)
    ours = [Step(1, [quick], 0.2, 120.0), Step(6, [quick] * 6, 0.1, 100.0), Step(12, [slow] * 12, 0.1, 90.0)]
    plain = [Step(1, [quick], 0.2, 80.0), Step(6, [quick] * 5 + [missed], 0.1, 70.0)]
    rows = {row["name"]: row for row in table({"ours": ours, "vad": plain}, {"ours": [1.0], "vad": [3.0]})}
    assert rows["calls at once, p95 under 1.5 s"]["ours"] == 6
    each_core = rows["the same for each core"]
    assert (each_core["ours"], each_core["baseline"]) == (6 / (os.cpu_count() or 1), 1 / (os.cpu_count() or 1))
    assert rows["6 calls, p95"]["floor"] == round(FLOOR_S, 3)
    assert "12 calls, p95" not in rows
    assert "| 6 calls, p95 | s | 6 | 0.90 | 0.90 | 1.00 | 0.71 |" in listed(list(rows.values()))
