"""The cache: parts that are brought once per machine and shared by checkouts.

A part is a folder whose name says exactly what it holds. It is made beside and renamed when whole, so a
folder that exists is complete; one lock lets two set-ups at once share the work instead of doubling it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console

from fieldline.errors import StackError
from fieldline.stack.watch import Guard

console = Console(stderr=True, highlight=False)
_interrupted = threading.Event()
_tools: set[subprocess.Popen[str]] = set()


class CannotBring(StackError):
    """A part is neither on this machine nor can it be brought: no network, no compiler."""


class Cache:
    """`root` is FIELDLINE_CACHE_DIR, or the user's cache folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def bring(self, name: str, why: str, make: Callable[[Path], None]) -> Path:
        """The folder of part `name`, made by `make(folder)` on the first call on this machine.

        Raises:
            StackError: the cache cannot be written, or `make` failed.
        """
        folder = self.root / name
        if folder.exists():
            return folder
        with self._locked():
            if not folder.exists():
                with step(f"{name}: {why}"), self._beside(name) as beside:
                    make(beside)
                    beside.rename(folder)
        return folder

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.root / "setup.lock")
            _wait_for(lock)
        except OSError as error:
            raise StackError(
                f"Cannot write to the cache {self.root} ({error.strerror}).",
                hint="Set FIELDLINE_CACHE_DIR to a folder that you own.",
            ) from None
        try:
            yield
        finally:
            lock.release()

    @contextlib.contextmanager
    def _beside(self, name: str) -> Iterator[Path]:
        for left in self.root.glob(".making-*"):  # of a set-up that was killed: the lock is ours
            shutil.rmtree(left, ignore_errors=True)
        beside = Path(tempfile.mkdtemp(prefix=f".making-{name}-", dir=self.root))
        beside.chmod(0o755)
        try:
            yield beside
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def _wait_for(lock: FileLock) -> None:
    told = False
    while True:
        try:
            lock.acquire(timeout=0.5)
            return
        except Timeout:
            _unless_interrupted()
            if not told:
                console.print(f"Another set-up holds {lock.lock_file}; waiting for it.", soft_wrap=True)
                told = True


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is being done and why: a spinner on a terminal, a line elsewhere."""
    if not console.is_terminal:
        console.print(f"Bringing {what}", soft_wrap=True)
        yield
        return
    with console.status(f"Bringing {what}"):
        yield
    console.print(f"[green]✓[/green] {what}")


def run(
    command: Sequence[str | Path], *, doing: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> None:
    """Run a program of the set-up to its end.

    Raises:
        StackError: it cannot be run or failed; the message has the end of what it said.
    """
    _unless_interrupted()
    with contextlib.closing(Guard()) as guard:
        guard.stand()
        try:
            process = subprocess.Popen(
                [str(word) for word in command],
                cwd=cwd,
                env={**(os.environ if env is None else env), **guard.env},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            raise StackError(f"{doing}: cannot run {command[0]} ({error.strerror}).") from None
        guard.add(process.pid)
        _tools.add(process)
        said, _ = process.communicate()
        _tools.discard(process)
    _unless_interrupted()
    if process.returncode != 0:
        tail = "\n".join(f"  {line}" for line in said.splitlines()[-20:])
        raise StackError(f"{doing} failed with code {process.returncode}:\n{tail}")


def interrupt() -> None:
    """End the set-up that runs in another thread; it raises StackError there."""
    _interrupted.set()
    for process in list(_tools):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)


def _unless_interrupted() -> None:
    if _interrupted.is_set():
        raise StackError("The set-up was interrupted.", hint="Start again; what was whole is kept.")
