"""Parts as child processes: started, waited for by readiness, started again when they die, stopped.

Every part leads a session and process group of its own, so Ctrl-C in the terminal reaches only the stack,
which then stops the parts in order. The guard (guard.py) does it when the stack itself was killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fieldline.errors import StackError
from fieldline.stack.watch import Guard

Probe = Callable[[], Awaitable[bool]]

LINES_SHOWN = 20
FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 0.5, 30.0
#: A part that lived this long has recovered: its next death waits the shortest time again.
STEADY_SECONDS = 60.0


@dataclass(frozen=True)
class Part:
    """How to run one part. `within` is the deadline for readiness and `grace` for a polite stop, in seconds."""

    name: str
    command: Sequence[str | Path]
    probe: Probe
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    within: float = 60.0
    grace: float = 5.0
    stop_signal: signal.Signals = signal.SIGTERM
    #: PostgreSQL is never killed: its group would lose what it has not written.
    alone: bool = False
    spawn: Mapping[str, Any] = field(default_factory=dict)


async def until(probe: Probe, within: float, *, unless: Callable[[], bool] = lambda: False) -> bool:
    """Poll `probe`, more and more rarely, until it is true; false at the deadline or when `unless` holds."""
    end, pause = time.monotonic() + within, 0.01
    while not await probe():
        if unless() or time.monotonic() > end:
            return False
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.25)
    return True


class Running:
    """One part that runs, and the task that starts it again."""

    def __init__(self, part: Part, log: Path) -> None:
        self.part, self.log = part, log
        self.process: asyncio.subprocess.Process | None = None
        self.restarts = 0
        self.keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    @property
    def ended(self) -> bool:
        return self.process is None or self.process.returncode is not None

    def ask_to_stop(self) -> None:
        """Signal the part alone: it knows best how to end its own children (calls, database sessions)."""
        if self.process is not None and not self.ended:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, self.part.stop_signal)

    def force(self) -> None:
        """End the part and what it left behind. PostgreSQL's way to be forced is an immediate shutdown."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if not self.part.alone:
                os.killpg(self.process.pid, signal.SIGKILL)
            elif not self.ended:
                os.kill(self.process.pid, signal.SIGQUIT)


class Supervisor:
    """Starts and stops parts. `tell` gets one sentence when a part died; `changed` is called when its pid is new."""

    def __init__(
        self,
        logs: Path,
        database: Path,
        tell: Callable[[str], None] = lambda _: None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._guard = Guard(database, logs / "guard.log")
        self._logs, self._tell, self._changed = logs, tell, changed
        self._running: dict[str, Running] = {}

    @property
    def mark(self) -> str:
        return self._guard.mark

    def __contains__(self, name: str) -> bool:
        return name in self._running

    @property
    def pids(self) -> dict[str, int]:
        return {name: one.pid for name, one in self._running.items() if one.pid and not one.ended}

    async def start(self, part: Part) -> None:
        """Start `part` and wait until it is ready.

        Raises:
            StackError: it ended or missed its deadline; the message has the last lines of its log.
        """
        running = Running(part, self._rotated(part.name))
        self._running[part.name] = running
        try:
            await self._spawn(running)
            await self._ready(running)
        except BaseException:
            await self.stop(part.name)
            raise
        running.keeper = asyncio.create_task(self._keep(running), name=f"keep-{part.name}")

    async def stop(self, name: str) -> None:
        """Stop one part: its own signal, then after its grace SIGKILL. Nothing happens when it does not run."""
        running = self._running.pop(name, None)
        if running is None:
            return
        if running.keeper:
            running.keeper.cancel()
            await asyncio.gather(running.keeper, return_exceptions=True)
        if running.process is None:
            return
        running.ask_to_stop()
        try:
            await asyncio.wait_for(running.process.wait(), running.part.grace)
        except TimeoutError:
            pass
        finally:
            running.force()
            await running.process.wait()
            self._guard.drop(running.process.pid)

    async def close(self) -> None:
        """Stop everything that still runs, last started first, and let the guard go."""
        for name in reversed(list(self._running)):
            await self.stop(name)
        await asyncio.to_thread(self._guard.close)

    def _rotated(self, name: str) -> Path:
        log = self._logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        return log

    async def _spawn(self, running: Running) -> None:
        part = running.part
        self._guard.stand()  # before the first child does
        with running.log.open("ab") as log:
            try:
                running.process = await asyncio.create_subprocess_exec(
                    *map(str, part.command),
                    env={**part.env, **self._guard.env},
                    cwd=part.cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    **part.spawn,
                )
            except OSError as error:
                raise StackError(f"Cannot run {part.command[0]} for {part.name}: {error.strerror}.") from None
        if not part.alone:
            self._guard.add(running.process.pid)

    async def _ready(self, running: Running) -> None:
        part = running.part
        if await until(part.probe, part.within, unless=lambda: running.ended):
            return
        what = (
            f"ended with code {running.process.returncode}"
            if running.process and running.ended
            else f"was not ready within {part.within:.0f} s"
        )
        raise StackError(f"{part.name} {what}. The last lines of {running.log}:\n{last_lines(running.log)}")

    async def _keep(self, running: Running) -> None:
        """Start the part again whenever it dies. A death is logged where the part logs."""
        backoff = FIRST_BACKOFF_SECONDS
        while running.process is not None:
            since = time.monotonic()
            code = await running.process.wait()
            running.force()  # children it left behind hold ports
            self._guard.drop(running.process.pid)
            if time.monotonic() - since > STEADY_SECONDS:
                backoff = FIRST_BACKOFF_SECONDS
            running.restarts += 1
            self._tell(f"{running.part.name} ended with code {code}; it is started again. See {running.log}")
            await asyncio.sleep(backoff)
            backoff = min(backoff * 2, LONGEST_BACKOFF_SECONDS)
            try:
                await self._spawn(running)
            except StackError as error:
                self._tell(str(error))
            self._changed()


def last_lines(log: Path, count: int = LINES_SHOWN) -> str:
    """The end of a log, indented, or a word that it is empty."""
    try:
        lines = log.read_text(errors="replace").splitlines()[-count:]
    except OSError:
        lines = []
    return "\n".join(f"  {line}" for line in lines) or "  (nothing was logged)"
