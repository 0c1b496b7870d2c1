"""Markers that may not be skipped: where FIELDLINE_REQUIRE=room,browser is set, a skip there is a failure."""

from __future__ import annotations

import os

import pytest

#: Tests that use these fixtures are calls in real rooms.
ROOM_FIXTURES = {"livekit", "stack"}


#: What runs in real time beside everything else on the machine. A machine that stands still for moments cuts words
#: off, for some minutes: such a test is tried again after a pause, and why it needed that is told at the end.
REAL_TIME = {"room", "browser", "sip"}
TRIES_AGAIN, PAUSE_S = 2, 10


def mark_rooms(items: list[pytest.Item]) -> None:
    """Give the `room` marker to every test that uses a room, and further tries to all that run in real time."""
    for item in items:
        if ROOM_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.room)
        if REAL_TIME & {marker.name for marker in item.iter_markers()}:
            item.add_marker(pytest.mark.flaky(reruns=TRIES_AGAIN, reruns_delay=PAUSE_S))


def refuse_skip(item: pytest.Item, report: pytest.TestReport) -> None:
    """Turn the skip of a required test into a failure that names the reason."""
    required = set(filter(None, os.environ.get("FIELDLINE_REQUIRE", "").split(",")))
    missing = required & {marker.name for marker in item.iter_markers()}
    if report.skipped and missing and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{', '.join(sorted(missing))} must run here (FIELDLINE_REQUIRE), but: {reason}"
