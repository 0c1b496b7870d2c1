"""The demo and the scenario runner: what makes them pass, fail, and say why.

Category: files and fakes without a network. The demo's real call is in tests/test_calls_in_rooms.py.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from fieldline.demo import run as demo
from fieldline.demo.run import SCRIPT
from fieldline.lab.audio import RATE, last_audio, read_wav
from fieldline.lab.caller import Action, Caller, Reply
from fieldline.lab.phone import PhoneError
from fieldline.lab.rows import Rows
from fieldline.lab.runner import OpenCall, Outcome, run
from fieldline.lab.scenario import CallScript, RowCheck, Scenario, Step, load, load_all
from fieldline.lab.show import Transcript, as_json, latency, latency_line, rows_table
from tests.support.scenarios import SCENARIOS


class FakeCaller:
    """Hears the given replies, one after the other."""

    room = None

    def __init__(self, replies: Sequence[Reply | PhoneError], office: FakeCaller | None = None) -> None:
        self.office = office
        self.acted: list[Action] = []
        self._replies = iter(replies)

    def elapsed_s(self) -> float:
        return float(len(self.acted))

    async def act(self, action: Action) -> Reply:
        self.acted.append(action)
        reply = next(self._replies)
        if isinstance(reply, PhoneError):
            raise reply
        return reply

    async def other(self) -> Caller:
        assert self.office is not None
        return self.office


class FakeRows(Rows):
    """A database of one value, which is another one once it was looked at."""

    def __init__(self, before: Any, after: Any) -> None:
        self._values = iter([before, after])
        self.done: list[str] = []

    async def value(self, sql: str, **parameters: Any) -> Any:
        return next(self._values)

    async def do(self, sql: str) -> None:
        self.done.append(sql)

    async def fingerprint(self, table: str) -> str:
        return await self.value(table)


def build_scenario(*steps: Step, rows: Sequence[RowCheck] = (), **others: Any) -> Scenario:
    call = CallScript(from_number="+12025550101", steps=list(steps))
    return Scenario(name="test", proves="", folder=Path(), calls=[call], rows=list(rows), **others)


def opener(caller: FakeCaller) -> OpenCall:
    @asynccontextmanager
    async def open_call(_script: CallScript) -> AsyncIterator[Caller]:
        yield caller

    return open_call


async def play(
    scenario: Scenario, *replies: Reply | PhoneError, rows: Rows | None = None
) -> tuple[Outcome, FakeCaller]:
    caller = FakeCaller(replies)
    outcome = await run(scenario, opener(caller), rows or FakeRows(None, None))
    return outcome, caller


SAY = Step.model_validate({"say": "clock me in", "hear": "clocked in", "repeat_if": "sorry"})


async def test_a_caller_who_is_not_understood_repeats_once() -> None:
    outcome, caller = await play(build_scenario(SAY), Reply("Sorry, I didn't get that."), Reply("You're clocked in."))

    assert outcome.passed
    assert [action.words for action in caller.acted] == ["clock me in", "clock me in"]
    assert [turn.repeated for turn in outcome.turns] == [False, True]


async def test_an_answer_without_the_expected_words_fails_and_is_quoted() -> None:
    outcome, _ = await play(build_scenario(SAY), Reply("Truck two oh one is taken."))

    assert not outcome.passed
    assert "'clock me in': expected /clocked in/; heard 'Truck two oh one is taken.'" in outcome.failures[0]


async def test_words_that_must_not_be_heard_fail_the_scenario() -> None:
    step = Step.model_validate({"say": "hello", "not_hear": "mike"})

    outcome, _ = await play(build_scenario(step), Reply("Hi Mike."))

    assert "must not hear /mike/" in outcome.failures[0]


async def test_a_line_that_never_answers_fails_with_the_reason() -> None:
    outcome, _ = await play(build_scenario(SAY), PhoneError("The agent did not finish within 30 s."))

    assert outcome.failures == ["Caller: The agent did not finish within 30 s."]


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        (0, 1, ""),
        (0, 0, "orders: is 0, not 1"),
        (1, 1, "orders: was 1 before the call, not 0"),
    ],
)
async def test_rows_are_compared_before_and_after(before: int, after: int, complaint: str) -> None:
    check = RowCheck(label="orders", sql="select 1", before=0, after=1)

    outcome, _ = await play(build_scenario(rows=[check]), rows=FakeRows(before, after))

    assert outcome.failures == ([complaint] if complaint else [])


async def test_a_write_where_nothing_may_be_written_fails() -> None:
    scenario = build_scenario(unchanged=["work_orders"])

    outcome, _ = await play(scenario, rows=FakeRows("120 rows a", "120 rows b"))

    assert outcome.failures == ["work_orders was written to"]


async def test_the_transcript_shows_times_answers_and_no_pin() -> None:
    console = Console(record=True, width=100)
    keys = Step.model_validate({"keys": "2010#"})
    caller = FakeCaller([Reply("Thanks, Mike.", 0.41), Reply("You're clocked in.", 0.62, "lock me in", 7.5)])

    await run(build_scenario(keys, SAY), opener(caller), FakeRows(None, None), Transcript(console))

    shown = console.export_text()
    assert "presses ••••#" in shown and "2010" not in shown
    assert "0.41 s" in shown and "0.62 s" in shown and "0:07.5" in shown
    assert "heard as: lock me in" in shown


async def test_a_demo_that_failed_shows_the_row_that_is_missing() -> None:
    check = RowCheck(label="work order 1057", sql="select 1", before="pending", after="completed")
    outcome, _ = await play(build_scenario(rows=[check]), rows=FakeRows("pending", "in_progress"))

    console = Console(record=True, width=100)
    console.print(rows_table(outcome))

    assert "expected completed" in console.export_text()
    assert as_json(outcome)["passed"] is False
    assert as_json(outcome)["failures"] == ["work order 1057: is 'in_progress', not 'completed'"]


async def test_the_office_takes_its_own_steps_and_the_transcript_says_who_heard_what() -> None:
    steps = [
        {"by": "office", "listen": True, "hear": "alice baker"},
        {"by": "office", "say": "hello alice", "reaches": True},
        {"hang_up": True},
    ]
    script = CallScript.model_validate(
        {"from_number": "+12025550142", "name": "Alice", "office": {"number": "+12025550111", "name": "Sara"}}
        | {"steps": steps}
    )
    office = FakeCaller(
        [Reply("I have Alice Baker for you.", 0.4), Reply("heard on the other telephone", happened=True)]
    )
    caller = FakeCaller([Reply("the other call ends after 0.10 s", ended=True, happened=True)], office)
    console = Console(record=True, width=100)

    outcome = await run(
        Scenario(name="test", proves="", folder=Path(), calls=[script]),
        opener(caller),
        FakeRows(None, None),
        Transcript(console),
    )

    shown = console.export_text()
    assert outcome.passed
    assert [(turn.caller, turn.kind, turn.to_line) for turn in outcome.turns] == [
        ("Sara", "listen", False),
        ("Sara", "say", False),
        ("Alice", "hang_up", True),
    ]
    assert "to Sara" in shown and "heard on the other telephone" in shown and "the other call ends" in shown


def test_a_step_by_an_office_that_nobody_rings_is_refused() -> None:
    with pytest.raises(ValueError, match="whose number the line rings"):
        CallScript.model_validate({"from_number": "+12025550142", "steps": [{"by": "office", "listen": True}]})


async def test_a_row_that_comes_late_is_waited_for() -> None:
    class LateRows(FakeRows):
        async def soon(self, sql: str, wanted: Any) -> Any:
            return wanted

    check = RowCheck(label="delivered", sql="select 1", after="sent", wait=True)

    outcome, _ = await play(build_scenario(rows=[check]), rows=LateRows(None, None))

    assert outcome.passed and outcome.checks[0].after == "sent"


async def test_latency_counts_spoken_turns_only() -> None:
    steps = [Step(listen=True), Step(keys="1"), *[Step(say=str(n)) for n in range(4)]]
    replies = [Reply("", delay) for delay in (1.1, 0.1, 0.5, 0.7, 0.9, 2.0)]
    outcome, _ = await play(build_scenario(*steps), *replies)

    figures = latency(outcome.turns)

    assert figures == {"unit": "s", "n": 4, "greeting_after_join": [1.1], "p50": 0.8, "p95": 2.0, "max": 2.0}
    assert "0.80 s (median)" in latency_line(outcome.turns)
    assert "no latency to report" in latency_line([])


class FakeStack:
    """Starts nothing."""

    def __init__(self, *_: object, **__: object) -> None: ...

    async def __aenter__(self) -> FakeStack:
        return self

    async def __aexit__(self, *_: object) -> None: ...


@pytest.mark.parametrize(("failures", "code"), [([], 0), (["work order 1057: is 'pending', not 'completed'"], 1)])
async def test_the_exit_code_and_the_file_say_whether_the_demo_passed(
    failures: list[str], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def outcome(*_: object) -> Outcome:
        return Outcome(build_scenario(), failures=failures)

    monkeypatch.setattr(demo, "Stack", FakeStack)

    async def sees_nothing_wrong(*_: object) -> list[str]:
        return []

    monkeypatch.setattr(demo, "_run", outcome)
    monkeypatch.setattr(demo, "_visit", sees_nothing_wrong)

    assert await demo.demo(json_file=tmp_path / "out" / "demo.json", stay=False) == code
    written = json.loads((tmp_path / "out" / "demo.json").read_text())
    assert (written["passed"], written["failures"]) == (code == 0, failures)


def test_the_demo_does_what_it_promises_in_order() -> None:
    mike, stranger, customer, late = load(SCRIPT).calls
    said = [step.words for step in mike.steps if step.kind == "say"]

    assert [step.words for step in mike.steps if step.kind == "keys"] == ["101#", "2010#"]
    assert len(said) == 10 and "clock me in" in said[0] and said[-1].startswith("yes")
    assert stranger.from_number not in {"+12025550101", "+12025550102", "+12025550103", "+12025550104"}
    assert customer.office is not None and customer.steps[-1].by == "office" and customer.steps[-1].hang_up
    assert late.at == "2026-03-04 18:30"


@pytest.mark.parametrize("scenario", [load(SCRIPT), *load_all(SCENARIOS / "rooms")], ids=lambda s: s.name)
def test_every_clip_is_there_trimmed_and_small(scenario: Scenario) -> None:
    for step in [step for call in scenario.calls for step in call.steps if step.clip]:
        assert step.clip is not None
        path = scenario.folder / step.clip
        sound = read_wav(path)
        words = len(step.words.split())

        assert 0.1 * words < len(sound) / RATE < 0.3 + 0.6 * words, f"{path} does not sound like {step.words!r}"
        assert len(sound) - last_audio(sound) <= RATE // 10
        assert path.stat().st_size < 200_000
