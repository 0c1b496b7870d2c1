"""What a call has to tell the database, on disk until the database has it.

One file per job and call: a header, then one JSON object per line, then how the call ended. The file is locked by
the job that writes it, so whoever finds it unlocked knows that the job is gone and ships the rest. Shipping twice
does no harm: the database knows each item by (session, sequence), and closing a call twice repeats the first answer.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from fieldline.errors import StoreError, StoreUnavailable

logger = logging.getLogger(__name__)

Facts = dict[str, Any]

#: Items per request; a turn makes about six.
BATCH = 100


class CallLog(Protocol):
    """The three functions of the store that a call's record needs."""

    async def call_open(
        self,
        *,
        room: str,
        from_number: str | None,
        to_number: str | None,
        sip_call_id: str | None = None,
        worker: str | None = None,
        job: str | None = None,
    ) -> Facts: ...
    async def call_append(self, *, call_id: str, session_id: str, items: list[Facts]) -> Facts: ...
    async def call_close(
        self, *, call_id: str, status: str, end_reason: str, summary: str | None = None, usage: Facts | None = None
    ) -> Facts: ...


class SpoolFile:
    """The file of one job and call; only its owner writes it."""

    def __init__(self, folder: Path, opening: Facts) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = folder / f"{uuid4().hex}.jsonl"
        self._file = open(self.path, "a", encoding="utf-8", opener=_private)  # noqa: SIM115 - held open as long as the call
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self.write({"opening": opening})

    def write(self, line: Facts) -> None:
        """Append a line; it survives the end of this process from here on."""
        self._file.write(json.dumps(line, separators=(",", ":")) + "\n")
        self._file.flush()

    def close(self, *, shipped: bool) -> None:
        """Let go of the file, and remove it when the database has everything."""
        if self._file.closed:
            return
        if shipped:
            self.path.unlink(missing_ok=True)
        self._file.close()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


async def ship_leftovers(store: CallLog, folder: Path) -> int:
    """Write what jobs that are gone have left behind. Returns the number of calls shipped.

    Raises:
        StoreUnavailable: when the database is down; the files stay.
    """
    shipped = 0
    for path in _files(folder):
        try:
            file = path.open("r+", encoding="utf-8")
        except FileNotFoundError:
            continue
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            try:
                await ship(store, _lines(file.read()))
            except StoreUnavailable:
                raise
            except StoreError as error:
                path.rename(path.with_suffix(".refused"))
                logger.error("the database refused a call's record", extra={"file": path.name, "code": error.code})
            else:
                path.unlink(missing_ok=True)
                shipped += 1
    if shipped:
        logger.info("shipped what earlier calls had left", extra={"calls": shipped})
    return shipped


async def ship(store: CallLog, lines: list[Facts]) -> None:
    """Send the lines of one spool file."""
    if not lines:
        return
    opening, call_id, session_id = lines[0]["opening"], None, None
    items: list[Facts] = []
    ending: Facts | None = None
    for line in lines[1:]:
        if "opened" in line:
            call_id, session_id = line["opened"]["call_id"], line["opened"]["session_id"]
        elif "ending" in line:
            ending = line["ending"]
        else:
            items.append(line)
    if call_id is None or session_id is None:
        facts = await store.call_open(**opening)
        call_id, session_id = facts["call_id"], facts["session_id"]
        ending = ending or {"status": "failed", "end_reason": "worker_lost"}
    await append(store, call_id, session_id, items)
    if ending is not None:
        await store.call_close(call_id=call_id, **ending)


async def append(store: CallLog, call_id: str, session_id: str, items: list[Facts]) -> None:
    """Append items in batches."""
    for start in range(0, len(items), BATCH):
        await store.call_append(call_id=call_id, session_id=session_id, items=items[start : start + BATCH])


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jsonl"))


def _lines(text: str) -> list[Facts]:
    """The lines of a spool file; the last one may be half written when its process was killed."""
    lines: list[Facts] = []
    for raw in text.splitlines():
        try:
            lines.append(json.loads(raw))
        except ValueError:
            logger.warning("a half-written line of a call's record was dropped")
    return lines
