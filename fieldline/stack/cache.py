"""The cache: parts that are brought once per machine and shared by checkouts.

A part is a folder whose name says exactly what it holds. It is made beside and renamed when whole, so a
folder that exists is complete; one lock lets two set-ups at once share the work instead of doubling it.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console

from fieldline.errors import StackError

console = Console(stderr=True, highlight=False)


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
            try:
                lock.acquire(timeout=0)
            except Timeout:
                console.print(f"Another set-up is using {self.root}; waiting for it.")
                lock.acquire()
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


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is being done and why: a spinner on a terminal, a line elsewhere."""
    if not console.is_terminal:
        console.print(f"Bringing {what}")
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
    try:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise StackError(f"{doing}: cannot run {command[0]} ({error.strerror}).") from None
    if done.returncode != 0:
        tail = "\n".join(f"  {line}" for line in done.stdout.splitlines()[-20:])
        raise StackError(f"{doing} failed with code {done.returncode}:\n{tail}")
