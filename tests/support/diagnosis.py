"""What a call left behind when its test failed, also when the next try passed: the reason is gone otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.support.stacks import Supabase

#: So much of a log, and of a failure that a later try made good, tells the reason.
LOG_LINES, TRIED_LINES = 12, 30
TITLE = "what the calls left: "


def keep_traces(item: pytest.Item, report: pytest.TestReport) -> None:
    """Put the calls' events and the end of the worker's log into the report of a failed test in rooms."""
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.failed and report.when == "call" and isinstance(stack, Supabase):
        report.sections += [(f"{TITLE}{name}", text) for name, text in _traces(stack)]


def _traces(stack: Supabase) -> Iterator[tuple[str, str]]:
    try:
        with psycopg.connect(stack.database_url, connect_timeout=5) as owner:
            events = owner.execute(
                "select created_at, interaction_type, content, data from voice_agent_interactions"
                " order by session_id, sequence"
            ).fetchall()
        yield "events", "\n".join(f"{at:%H:%M:%S.%f} {kind}: {text} {data or ''}" for at, kind, text, data in events)
    except psycopg.Error as error:
        yield "events", f"The database does not tell: {error}"
    log = stack.stack.home.logs / "worker.log"
    if log.exists():
        yield "worker.log", "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES:])


def tell_earlier_tries(terminal: pytest.TerminalReporter) -> None:
    """Say why tests needed another try."""
    for report in terminal.stats.get("rerun", []):
        terminal.write_sep("_", f"an earlier try of {report.nodeid}")
        for line in report.longreprtext.splitlines()[-TRIED_LINES:]:
            terminal.write_line(line)
        for title, text in report.sections:
            if title.startswith(TITLE):
                terminal.write_sep("-", title)
                terminal.write_line(text)
