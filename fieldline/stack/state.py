"""What the stack keeps in its home (`.fieldline/`): a lock, secrets, the last state, logs, the database."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from fieldline.errors import StackError


def _token() -> str:
    return secrets.token_hex(24)


@dataclass(frozen=True)
class Secrets:
    """Random on the first start of a home, then kept with mode 0600. No value is ever in the repository."""

    jwt_secret: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    publishable_key: str = field(default_factory=lambda: f"sb_publishable_{_token()}")
    secret_key: str = field(default_factory=lambda: f"sb_secret_{_token()}")
    owner_password: str = field(default_factory=_token)
    api_password: str = field(default_factory=_token)
    livekit_api_key: str = field(default_factory=lambda: f"API{secrets.token_hex(6)}")
    livekit_api_secret: str = field(default_factory=_token)
    line_email: str = field(default_factory=lambda: f"line-{secrets.token_hex(4)}@fieldline.example")
    line_password: str = field(default_factory=_token)
    files_secret: str = field(default_factory=_token)
    admin_email: str = "admin@fieldline.example"
    admin_password: str = field(default_factory=_token)


class Home:
    """The folder of one stack. `prepare` first; then `acquire` for as long as the stack runs."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.logs = self.root / "logs"
        self.database = self.root / "postgres"
        self.rest = self.root / "rest"
        self._state = self.root / "state.json"
        self._secrets = self.root / "secrets.json"
        self._lock = FileLock(self.root / "lock", timeout=0, thread_local=False)

    def prepare(self) -> None:
        """Make the folders.

        Raises:
            StackError: the folder cannot be written.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self.root.chmod(0o700)  # logs and configuration files in it show keys
            self.logs.mkdir(exist_ok=True)
            self.rest.mkdir(exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root):
                pass
        except OSError as error:
            raise StackError(
                f"Cannot write to {self.root} ({error.strerror}).",
                hint="Run from a folder that you own, or set FIELDLINE_HOME to one.",
            ) from None

    def acquire(self) -> None:
        """Take the lock of this home; it goes when the process does, however it ends.

        Raises:
            StackError: another process runs a stack here.
        """
        try:
            self._lock.acquire()
        except Timeout:
            owner = self.read_state().get("pid", "unknown")
            raise StackError(
                f"A stack already runs in {self.root} (process {owner}).",
                hint="See `fieldline status`; stop that one with Ctrl-C, or set FIELDLINE_HOME to another folder.",
            ) from None

    def release(self) -> None:
        """Let the next stack have this home."""
        self._lock.release()

    def is_running(self) -> bool:
        """Whether some process holds the lock. Asks by trying, since a state file may be stale."""
        if not self.root.is_dir() or not os.access(self.root, os.W_OK):
            return False
        probe = FileLock(self.root / "lock", timeout=0, thread_local=False)
        try:
            with probe:
                return False
        except Timeout:
            return True

    def secrets(self) -> Secrets:
        """The secrets of this home; what an older version did not have is added."""
        kept = _read(self._secrets)
        known = {f.name for f in fields(Secrets)}
        result = Secrets(**{name: value for name, value in kept.items() if name in known})
        if kept != asdict(result):
            _write(self._secrets, asdict(result))
        return result

    def read_state(self) -> dict[str, Any]:
        """What the last start wrote: pids, ports, addresses. Empty when there is none."""
        return _read(self._state)

    def write_state(self, **state: Any) -> None:
        """Replace the state file in one step."""
        _write(self._state, state)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise StackError(f"Cannot read {path}: {error}", hint="Mend or delete that file.") from None
    return found if isinstance(found, dict) else {}


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write beside and rename, so that a reader or a crash never sees half a file; mode 0600."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mkstemp makes it 0600
    with os.fdopen(handle, "w") as file:
        json.dump(content, file, indent=2, sort_keys=True)
        file.write("\n")
    Path(beside).replace(path)
