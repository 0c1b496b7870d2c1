"""The stack's end of the guard's pipe (guard.py)."""

from __future__ import annotations

import secrets
import subprocess
import sys
from pathlib import Path
from typing import IO

from fieldline.stack import guard


class Guard:
    """A watchdog for process groups, and for the database in a folder. `mark` goes into every child's environment."""

    def __init__(self, database: Path | None = None, log: Path | None = None) -> None:
        self.mark = secrets.token_hex(8)
        self._database, self._log = database, log
        self._groups: set[int] = set()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def env(self) -> dict[str, str]:
        """What a child must carry to be found."""
        return {guard.MARK_VARIABLE: self.mark}

    def stand(self) -> None:
        """Start the watchdog if it does not run; one that somebody killed is replaced and told everything."""
        if self._process is not None and self._process.poll() is None:
            return
        command = [sys.executable, "-I", "-S", guard.__file__, self.mark, str(self._database or "")]
        log: IO[bytes] | int = self._log.open("ab") if self._log else subprocess.DEVNULL
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, cwd="/"
        )
        if not isinstance(log, int):
            log.close()
        for group in self._groups:
            self._tell(f"add {group}")

    def add(self, group: int) -> None:
        """Stop this process group when we are gone."""
        self.stand()
        self._groups.add(group)
        self._tell(f"add {group}")

    def drop(self, group: int) -> None:
        """That group has ended."""
        self._groups.discard(group)
        self._tell(f"drop {group}")

    def close(self) -> None:
        """Everything is stopped; let the watchdog go, after a last look for what carries our mark."""
        guard.sweep(set(), None, self.mark)
        if self._process is not None and self._process.stdin is not None:
            self._tell("bye")
            self._process.stdin.close()
            self._process.wait()
        self._process = None

    def _tell(self, line: str) -> None:
        if self._process is None or self._process.stdin is None:
            return
        try:
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            return  # it was killed; the next `stand` replaces it
