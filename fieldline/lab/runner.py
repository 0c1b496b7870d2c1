"""Runs a scenario and says what came of it. Tests and the demo share it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from fieldline.lab.call_log import call_log, told
from fieldline.lab.caller import Action, Caller, Reply
from fieldline.lab.phone import PhoneError
from fieldline.lab.rows import Rows, RowsError
from fieldline.lab.scenario import CallScript, Scenario, Step

OpenCall = Callable[[CallScript], AbstractAsyncContextManager[Caller]]
SetClock = Callable[[str], Awaitable[None]]


@dataclass(frozen=True)
class Turn:
    """One turn of somebody on the line and what came of it. `at_s` and `done_s`: when it began and ended, in seconds.

    `to_line` is False in the office, and where the words were for the other person.
    """

    caller: str
    kind: str
    said: str
    at_s: float
    done_s: float
    reply: Reply
    repeated: bool = False
    to_line: bool = True

    @property
    def answered_s(self) -> float:
        """When the answer began; when the turn ended if nothing was heard."""
        return self.done_s if self.reply.began_s is None else self.reply.began_s


@dataclass(frozen=True)
class Checked:
    """A row check and what was found."""

    label: str
    before: Any
    after: Any
    expected: Any
    complaint: str = ""

    @property
    def ok(self) -> bool:
        return not self.complaint


@dataclass
class Outcome:
    """What a scenario did. It passed when `failures` is empty."""

    scenario: Scenario
    turns: list[Turn] = field(default_factory=list)
    checks: list[Checked] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.failures

    def report(self) -> str:
        """The failures and the conversation, for a person who reads a failed test."""
        lines = [f"{self.scenario.name}: {self.scenario.proves}", *(f"  FAILED {reason}" for reason in self.failures)]
        for turn in self.turns:
            lines.append(f"  {turn.at_s:6.1f} s {turn.caller} ({turn.kind}): {turn.said}")
            if turn.reply.understood:
                lines.append(f"           understood: {turn.reply.understood}")
            lines.append(f"  {turn.answered_s:6.1f} s line: {turn.reply.text}")
        return "\n".join(lines)


class Watcher:
    """Is told what happens as it happens; this one does not care."""

    def call_begins(self, script: CallScript) -> None:
        """A call is being placed."""

    def acts(self, who: str, action: Action, at_s: float) -> None:
        """Somebody begins to say, type or press something."""

    def answered(self, turn: Turn) -> None:
        """The line has answered."""

    def time_passes(self, at: str) -> None:
        """The calls are over, and the clock is set to a later time."""

    def call_ended(self, script: CallScript, log: dict[str, Any] | None) -> None:
        """The call is over and its row closed."""


class Briefed:
    """Somebody in the office. What the line tells them is in the call's record, and no transcript that others get."""

    def __init__(self, person: Caller, rows: Rows, room: str | None) -> None:
        self._person, self._rows, self.room = person, rows, room

    def elapsed_s(self) -> float:
        return self._person.elapsed_s()

    async def other(self) -> Caller:
        return await self._person.other()

    async def act(self, action: Action) -> Reply:
        reply = await self._person.act(action)
        if action.kind != "listen" or reply.text or self.room is None:
            return reply
        return replace(reply, text=await told(self._rows, self.room))


async def run(
    scenario: Scenario,
    open_call: OpenCall,
    rows: Rows,
    watcher: Watcher | None = None,
    set_clock: SetClock | None = None,
) -> Outcome:
    """Place the scenario's calls one after the other, then look at the rows; `at` and `then` need `set_clock`."""
    watcher = watcher or Watcher()
    outcome = Outcome(scenario)
    for sql in scenario.given:
        await rows.do(sql)
    before = [await rows.value(check.sql) for check in scenario.rows]
    prints = {table: await rows.fingerprint(table) for table in scenario.unchanged}
    for script in scenario.calls:
        if script.at and set_clock:
            await set_clock(script.at)
        await _place(script, open_call, rows, watcher, outcome)
    if scenario.then and set_clock:
        watcher.time_passes(scenario.then)
        await set_clock(scenario.then)
    for check, was in zip(scenario.rows, before, strict=True):
        now = await rows.soon(check.sql, check.after) if check.wait else await rows.value(check.sql)
        complaint = ""
        if check.before_matters and was != check.before:
            complaint = f"{check.label}: was {was!r} before the call, not {check.before!r}"
        elif now != check.after:
            complaint = f"{check.label}: is {now!r}, not {check.after!r}"
        outcome.checks.append(Checked(check.label, was, now, check.after, complaint))
    for table, was in prints.items():
        now = await rows.fingerprint(table)
        complaint = "" if now == was else f"{table} was written to"
        outcome.checks.append(
            Checked(f"{table} as it was", was.split(" ")[0], now.split(" ")[0], "the same", complaint)
        )
    outcome.failures += [check.complaint for check in outcome.checks if not check.ok]
    return outcome


async def _place(script: CallScript, open_call: OpenCall, rows: Rows, watcher: Watcher, outcome: Outcome) -> None:
    watcher.call_begins(script)
    room = None
    try:
        async with open_call(script) as caller:
            room = caller.room
            for step in script.all_steps:
                await _take_step(step, script, caller, rows, watcher, outcome)
    except (PhoneError, RowsError) as error:
        outcome.failures.append(f"{script.name}: {error}")
    log = await call_log(rows, room) if room else None
    if log:
        outcome.calls.append(log)
    watcher.call_ended(script, log)


async def _take_step(
    step: Step, script: CallScript, caller: Caller, rows: Rows, watcher: Watcher, outcome: Outcome
) -> None:
    clip = outcome.scenario.folder / step.clip if step.clip else None
    hold = tuple(pattern.pattern for pattern in step.hear) if step.hold else ()
    action = Action(step.kind, step.words, clip, step.reaches, hold)
    who = script.who(step)
    actor: Caller = caller if step.by == "caller" else Briefed(await caller.other(), rows, caller.room)
    turn = await _turn(action, who, actor, watcher, outcome)
    if step.was_misunderstood(turn.reply.text):
        turn = await _turn(action, who, actor, watcher, outcome, repeated=True)
    if complaints := step.complaints(turn.reply.text):
        said = action.shown or step.kind
        outcome.failures.append(f"{who}, {said!r}: {', '.join(complaints)}; heard {turn.reply.text!r}")


async def _turn(
    action: Action, who: str, actor: Caller, watcher: Watcher, outcome: Outcome, *, repeated: bool = False
) -> Turn:
    at_s = actor.elapsed_s()
    watcher.acts(who, action, at_s)
    reply = await actor.act(action)
    to_line = not (action.reaches or isinstance(actor, Briefed))
    turn = Turn(who, action.kind, action.shown, at_s, actor.elapsed_s(), reply, repeated, to_line)
    outcome.turns.append(turn)
    watcher.answered(turn)
    return turn
