"""Calls on a terminal: a transcript as it happens, then rows, the call log and how fast the answers came."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fieldline.lab.caller import Action
from fieldline.lab.runner import Outcome, Turn, Watcher
from fieldline.lab.scenario import CallScript
from fieldline.mailbox import Mail

SPEECH = ("say", "play")


class Transcript(Watcher):
    """Prints each line of the calls with its time, and beside each answer how long it took to begin."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._caller = ""

    def call_begins(self, script: CallScript) -> None:
        self._caller = script.name
        who = script.from_number or "a withheld number"
        if script.at:
            self.time_passes(script.at)
        self.console.print(f"\n[bold]{escape(script.name)}[/] calls {script.to_number} from {escape(who)}")

    def acts(self, who: str, action: Action, at_s: float) -> None:
        if action.kind != "listen":
            verb = {"keys": "presses ", "type": "types "}.get(action.kind, "")
            self._line(at_s, who, f"{verb}{action.shown}", "cyan")

    def answered(self, turn: Turn) -> None:
        if turn.reply.understood and _plain(turn.reply.understood) != _plain(turn.said):
            self._line(None, "", f"heard as: {turn.reply.understood}", "dim")
        if turn.reply.happened:
            self._line(None, "", turn.reply.text, "dim")
            return
        delay = "" if turn.reply.delay_s is None else f"{turn.reply.delay_s:.2f} s"
        self._line(
            turn.answered_s,
            "Line" if turn.caller == self._caller else f"to {turn.caller}",
            turn.reply.text or "(nothing)",
            "green",
            delay,
        )
        if turn.reply.ended:
            self._line(turn.done_s, "", "the line hangs up", "dim")

    def time_passes(self, at: str) -> None:
        self.console.print(f"\nThe database's clock is set to {at}.", style="dim")

    def call_ended(self, script: CallScript, log: dict[str, Any] | None) -> None:
        if log:
            self.console.print(log_table(log))

    def _line(self, at_s: float | None, who: str, text: str, style: str, delay: str = "") -> None:
        grid = Table.grid(padding=(0, 1), expand=True)
        grid.add_column(width=7, justify="right", style="dim")
        grid.add_column(width=8, style=f"bold {style}", no_wrap=True)
        grid.add_column(ratio=1, style=style)
        grid.add_column(width=7, justify="right", style="yellow")
        at = "" if at_s is None else f"{int(at_s // 60)}:{at_s % 60:04.1f}"
        grid.add_row(at, escape(who), escape(text), delay)
        self.console.print(grid)


def log_table(log: dict[str, Any]) -> Table:
    """The call log's row, as far as a person wants to see it."""
    table = Table(title="call_logs", title_justify="left", show_header=False, title_style="bold")
    for column, value in log.items():
        if value not in (None, ""):
            table.add_row(column, escape(str(value)))
    return table


def rows_table(outcome: Outcome) -> Table:
    """Every row check: before, after, and whether it is as it must be."""
    table = Table("what", "before", "after", "", title="Rows", title_justify="left", title_style="bold")
    for check in outcome.checks:
        mark = "[green]as expected[/]" if check.ok else f"[red]expected {escape(_shown(check.expected))}[/]"
        table.add_row(escape(check.label), escape(_shown(check.before)), escape(_shown(check.after)), mark)
    return table


def mailbox_table(mails: Sequence[Mail]) -> Table:
    """What would have left the house by SMS and e-mail."""
    table = Table("by", "to", "what", title="Mailbox", title_justify="left", title_style="bold")
    for mail in mails:
        words = f"{mail.subject}: {mail.body}" if mail.subject else mail.body
        table.add_row(mail.channel, escape(mail.address), escape(" ".join(words.split())))
    return table


def latency(turns: Sequence[Turn]) -> dict[str, Any]:
    """How long after the end of the caller's speech the answer began, over all spoken turns."""
    delays = sorted(t.reply.delay_s for t in turns if t.kind in SPEECH and t.to_line and t.reply.delay_s is not None)
    greetings = [
        round(t.reply.delay_s, 3) for t in turns if t.kind == "listen" and t.to_line and t.reply.delay_s is not None
    ]
    summary: dict[str, Any] = {"unit": "s", "n": len(delays), "greeting_after_join": greetings}
    if delays:
        summary |= {
            "p50": round(statistics.median(delays), 3),
            "p95": round(delays[max(0, -(-95 * len(delays) // 100) - 1)], 3),
            "max": round(delays[-1], 3),
        }
    return summary


def latency_line(turns: Sequence[Turn]) -> str:
    """The same as one sentence."""
    figures = latency(turns)
    if not figures["n"]:
        return "No spoken turn was answered, so there is no latency to report."
    greeting = ", ".join(f"{g:.2f}" for g in figures["greeting_after_join"])
    return (
        f"Answers began {figures['p50']:.2f} s (median) after the caller stopped speaking, {figures['p95']:.2f} s at "
        f"the 95th percentile, {figures['max']:.2f} s at worst, over {figures['n']} turns, measured in the phone's own "
        f"recording. First sound after joining: {greeting} s."
    )


def as_json(outcome: Outcome) -> dict[str, Any]:
    """The whole outcome as plain data; times in seconds from the beginning of each call."""
    return {
        "scenario": outcome.scenario.name,
        "passed": outcome.passed,
        "failures": outcome.failures,
        "turns": [turn_json(turn) for turn in outcome.turns],
        "rows": [
            {"label": c.label, "before": c.before, "after": c.after, "expected": c.expected, "ok": c.ok}
            for c in outcome.checks
        ],
        "call_logs": outcome.calls,
        "latency": latency(outcome.turns),
    }


def turn_json(turn: Turn) -> dict[str, Any]:
    """One turn as plain data."""
    return {
        "caller": turn.caller,
        "kind": turn.kind,
        "said": turn.said,
        "understood": turn.reply.understood,
        "heard": turn.reply.text,
        "at_s": round(turn.at_s, 3),
        "answered_s": round(turn.answered_s, 3),
        "first_audio_s": None if turn.reply.delay_s is None else round(turn.reply.delay_s, 3),
        "repeated": turn.repeated,
        "ended": turn.reply.ended,
    }


def _plain(text: str) -> str:
    return " ".join("".join(c for c in text.lower() if c.isalnum() or c == " ").split())


def _shown(value: Any) -> str:
    return "—" if value is None else str(value)
