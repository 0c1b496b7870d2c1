"""Logs as JSON lines: a fixed sentence, its values as fields, the call and the room on every line.

What callers say, phone numbers and keys are not logged at all; they belong to the call log, where access is ruled.
"""

from __future__ import annotations

import logging
import sys
from contextvars import ContextVar
from typing import Any

from pythonjsonlogger.json import JsonFormatter

#: Of the call that the current task works for; empty outside calls.
call_fields: ContextVar[dict[str, str] | None] = ContextVar("call_fields", default=None)

#: Libraries that say at INFO or WARNING what belongs to DEBUG, some with what the caller said.
QUIET = {
    "httpx": "WARNING",
    "hpack": "WARNING",
    "httpcore": "WARNING",
    "livekit.agents": "WARNING",
    "livekit": "WARNING",
    # Calls every lost socket an error, and quotes messages it does not know.
    "realtime": "CRITICAL",
}


class CallFilter(logging.Filter):
    """Puts call id and room on every record, and takes out the fields that libraries mark as personal."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in (call_fields.get() or {}).items():
            if not hasattr(record, name):
                setattr(record, name, value)
        for name in [key for key in vars(record) if key.startswith("lk.pii.")]:
            delattr(record, name)
        return True


def build_handler(part: str, stream: Any = None) -> logging.Handler:
    """A handler that writes one JSON object per line; `part` names the process (worker, duties, api)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        JsonFormatter(
            "{asctime}{levelname}{name}{message}",
            style="{",
            rename_fields={"asctime": "at", "levelname": "level", "name": "logger"},
            static_fields={"part": part},
            datefmt="%Y-%m-%dT%H:%M:%S%z",
        )
    )
    handler.addFilter(CallFilter())
    return handler


def set_up_logs(part: str, level: str) -> None:
    """Send every log of this process to stderr as JSON. Called once, at the start of a process."""
    root = logging.getLogger()
    root.handlers = [build_handler(part)]
    root.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(max(logging.getLevelName(level), logging.getLevelName(least)))
