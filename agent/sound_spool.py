"""Sound on its way to the storage: on disk at once, in the storage soon, off the path of the talk.

Each sound is a file and a slip of JSON that says what it is. A slip is locked while its sound is still being written;
one that nobody locks is shipped by whoever finds it: the job, the worker beside it, or the worker's next start.
Shipping twice does no harm.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Protocol
from uuid import uuid4

from agent.sound_length import seconds_of
from fieldline.errors import NotStored, Refusal, StoreError
from fieldline.storage import Storage
from fieldline.technician_functions import Facts

logger = logging.getLogger(__name__)


class Recordings(Protocol):
    """The function of the store that a recording needs."""

    async def keep_recording(self, *, call_id: str, session_id: str, path: str, seconds: float) -> Facts: ...


@dataclass(frozen=True)
class Slip:
    """What a sound is: its key in the storage and, for a recording, whose."""

    key: str
    call_id: str | None = None
    session_id: str | None = None


class SoundSpool:
    """The folder."""

    def __init__(self, spool: Path) -> None:
        self._folder = spool / "sounds"

    def keep(self, slip: Slip, content: bytes) -> None:
        """A sound that is complete."""
        with self.writing(slip) as path:
            path.write_bytes(content)

    @contextmanager
    def writing(self, slip: Slip) -> Iterator[Path]:
        """Where to write a sound; nobody ships it before the block ends, or this process does."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{uuid4().hex}{Path(slip.key).suffix}"
        with open(path.with_suffix(".json"), "w", encoding="utf-8", opener=_private) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            json.dump(asdict(slip), file)
            file.flush()
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
            yield path

    async def ship(self, storage: Storage, store: Recordings) -> int:
        """Bring to the storage what is complete. Returns how many sounds went.

        Raises:
            NotStored, StoreUnavailable: one of them is down; what has not gone stays.
        """
        shipped = 0
        for file in sorted(self._folder.glob("*.json")):
            with _unlocked(file) as slip:
                if slip is not None:
                    await self._ship(file, slip, storage, store)
                    shipped += 1
        return shipped

    async def _ship(self, file: Path, slip: Slip, storage: Storage, store: Recordings) -> None:
        path = file.with_suffix(Path(slip.key).suffix)
        content = await asyncio.to_thread(_read, path)
        if content:
            await storage.put(slip.key, content)
            if not await self._told(slip, path, store):
                await storage.delete(slip.key)
        for gone in (path, file):
            await asyncio.to_thread(gone.unlink, missing_ok=True)

    async def _told(self, slip: Slip, path: Path, store: Recordings) -> bool:
        """Whether the sound may stay: a recording has a row, or goes again."""
        if slip.call_id is None or slip.session_id is None:
            return True
        seconds = await asyncio.to_thread(seconds_of, path)
        if not seconds:
            return False
        try:
            facts = await store.keep_recording(
                call_id=slip.call_id, session_id=slip.session_id, path=slip.key, seconds=seconds
            )
        except Refusal as refusal:
            logger.warning("a recording was refused", extra={"call_id": slip.call_id, "reason": refusal.reason})
            return False
        return bool(facts["kept"])


async def ship_once(spool: SoundSpool, storage: Storage, store: Recordings) -> None:
    """Ship what is there; what cannot go now waits, and the log says so."""
    try:
        await spool.ship(storage, store)
    except (NotStored, StoreError, OSError) as error:
        logger.warning("sound waits on disk", extra={"reason": type(error).__name__})


@contextmanager
def _unlocked(file: Path) -> Iterator[Slip | None]:
    """The slip, locked for us; None when it is somebody else's or not there any more."""
    try:
        opened: IO[str] = file.open("r+", encoding="utf-8")
    except FileNotFoundError:
        yield None
        return
    with opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield Slip(**json.load(opened)) if file.exists() else None
        except BlockingIOError:
            yield None
        except ValueError:
            # Its writer died in the first instant: nothing was said yet.
            file.unlink(missing_ok=True)
            yield None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
