"""The watchdog: stops every part when the stack's own process is gone, however it went.

A process of its own, standard library only, started as `python -I -S guard.py MARK DATABASE_FOLDER` (the
folder may be empty). Its standard input is a pipe that only the stack holds: a kill -9 closes it, and no
signal is needed. Lines: `add PID`, `drop PID`, `bye`. PostgreSQL is not added: its folder says its pid, and it
is never signalled as a group.

Two kinds of survivors are found: process groups that were added, and processes whose environment carries
MARK (children of children that made sessions of their own; Linux only).
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

MARK_VARIABLE = "FIELDLINE_STACK_MARK"
GRACE_SECONDS = 5.0
DATABASE_GRACE_SECONDS = 30.0
PROC = Path("/proc")


def is_alive(pid: int) -> bool:
    """Whether `pid` runs; a zombie that nobody has collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not PROC.joinpath("self").exists()


def marked(mark: str) -> Iterator[int]:
    """Processes that were started with this mark in their environment."""
    if not mark:
        return
    wanted = f"{MARK_VARIABLE}={mark}".encode()
    for entry in PROC.glob("[0-9]*/environ"):
        try:
            if wanted in entry.read_bytes().split(b"\0"):
                yield int(entry.parent.name)
        except OSError:
            continue


def postmaster(database: Path) -> int | None:
    """The live postmaster of a database folder. The pid in its file may long belong to somebody else."""
    try:
        pid = int((database / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    if not is_alive(pid):
        return None
    try:
        where = (PROC / str(pid) / "cwd").readlink()
    except OSError:
        return pid if not PROC.joinpath("self").exists() else None
    return pid if where == database.resolve() else None


def _wait(gone: Callable[[], bool], seconds: float) -> bool:
    end, pause = time.monotonic() + seconds, 0.01
    while not gone():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)
    return True


def _send(pids: set[int], what: int, send: Callable[[int, int], None] = os.kill) -> None:
    for pid in pids:
        try:
            send(pid, what)
        except (ProcessLookupError, PermissionError):
            continue


def sweep(groups: set[int], database: Path | None, mark: str) -> None:
    """Stop what is left of a stack: its parts politely, then everything; PostgreSQL by fast shutdown."""
    me = os.getpid()

    def left() -> set[int]:
        return {pid for pid in {*groups, *marked(mark)} if pid != me and is_alive(pid)}

    _send(groups or left(), signal.SIGTERM)  # a part ends its own children
    server = postmaster(database) if database else None
    if server:
        _send({server}, signal.SIGINT)
    if not _wait(lambda: not left(), GRACE_SECONDS):
        _send(left(), signal.SIGKILL)
    _send(groups, signal.SIGKILL, os.killpg)
    if server and not _wait(lambda: not is_alive(server), DATABASE_GRACE_SECONDS):
        _send({server}, signal.SIGQUIT)  # immediate: recovers from its log at the next start


def main() -> None:
    mark, database = sys.argv[1], Path(sys.argv[2]) if sys.argv[2] else None
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        match line.split():
            case ["add", pid]:
                groups.add(int(pid))
            case ["drop", pid]:
                groups.discard(int(pid))
            case ["bye"]:
                return
    sweep(groups, database, mark)


if __name__ == "__main__":
    main()
