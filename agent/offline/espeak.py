"""The parent's side of the espeak-ng process: start it, send it text, read its audio, replace it when it dies."""

import contextlib
import json
import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from agent.offline.espeak_process import HEADER, MAX_FRAME

log = logging.getLogger(__name__)

WORDS_PER_MINUTE = 165  # espeak's own 175 is a little fast on a telephone
PITCH = 42
START_TIMEOUT = 10.0
REPLY_TIMEOUT = 10.0  # seconds for one sentence; espeak needs about 20 ms for 2.6 s of speech


class EspeakUnavailable(RuntimeError):
    """The espeak-ng process does not start, died, or did not answer in time."""


class EspeakProcess:
    """One child process; blocking and thread-safe, meant to be called in a thread."""

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self._command = list(command or [sys.executable, "-m", "agent.offline.espeak_process"])
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._rate = 0

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid if self._child and self._child.poll() is None else None

    def start(self) -> int:
        """Start the child unless it runs; returns its sample rate in Hz. Raises EspeakUnavailable."""
        with self._lock:
            return self._ensure()

    def speak(self, text: str, voice: str, rate: int = WORDS_PER_MINUTE, pitch: int = PITCH) -> tuple[int, bytes]:
        """Sample rate in Hz and 16-bit mono samples of `text`. Restarts a dead child once."""
        request = json.dumps({"text": text, "voice": voice, "rate": rate, "pitch": pitch}).encode()
        with self._lock:
            for attempt in range(2):
                self._ensure()
                try:
                    return self._rate, self._exchange(request)
                except (EspeakUnavailable, OSError) as error:
                    self._kill()
                    if attempt:
                        raise EspeakUnavailable(str(error)) from error
                    log.warning("espeak-ng process lost, starting it again", extra={"reason": str(error)})
        raise AssertionError("unreachable")

    def close(self) -> None:
        """End the child; a later `speak` starts a new one."""
        with self._lock:
            self._kill()

    def _ensure(self) -> int:
        if self.pid is not None:
            return self._rate
        self._kill()
        try:
            # The child needs the package and nothing else: no key or password of the worker goes along.
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_plain_environment(),
                bufsize=0,
            )
            kind, payload = self._read(time.monotonic() + START_TIMEOUT)
        except (OSError, EspeakUnavailable) as error:
            self._kill()
            raise EspeakUnavailable(f"espeak-ng does not start: {error}") from error
        if kind != b"R":
            self._kill()
            raise EspeakUnavailable(f"espeak-ng does not start: {payload.decode(errors='replace')}")
        self._rate = int(payload)
        return self._rate

    def _exchange(self, request: bytes) -> bytes:
        assert self._child is not None and self._child.stdin is not None
        self._child.stdin.write(HEADER.pack(b"T", len(request)) + request)
        deadline = time.monotonic() + REPLY_TIMEOUT
        audio = bytearray()
        while True:
            kind, payload = self._read(deadline)
            if kind == b"A":
                audio += payload
            elif kind == b"E":
                return bytes(audio)
            else:
                raise EspeakUnavailable(payload.decode(errors="replace") or "nonsense from espeak-ng")

    def _read(self, deadline: float) -> tuple[bytes, bytes]:
        kind, length = HEADER.unpack(self._exactly(HEADER.size, deadline))
        if length > MAX_FRAME:
            raise EspeakUnavailable("nonsense from espeak-ng")
        return kind, self._exactly(length, deadline)

    def _exactly(self, count: int, deadline: float) -> bytes:
        assert self._child is not None and self._child.stdout is not None
        pipe = self._child.stdout.fileno()
        data = bytearray()
        while len(data) < count:
            if not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise EspeakUnavailable("no answer in time")
            piece = os.read(pipe, count - len(data))
            if not piece:
                raise EspeakUnavailable("the process ended")
            data += piece
        return bytes(data)

    def _kill(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _plain_environment() -> dict[str, str]:
    kept = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)
    }
