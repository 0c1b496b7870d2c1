"""What a lab phone said and heard, on one sample clock.

The clock starts with the call and runs at 16 kHz. Frames that arrive over the network come in bursts whenever
the machine is busy; they are laid end to end as they were sent, and moved only when every frame of half a
second was late, so a burst does not shift the sound.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from fieldline.lab.audio import RATE, VOICE_DBFS, Pcm, level, mix

PATIENCE = RATE // 2  # samples of one source over which the smallest lateness counts
TOLERANCE = RATE // 100  # lateness that is left alone, 10 ms: the frames' own length


@dataclass
class Source:
    """Where the next samples of one sender belong."""

    cursor: int | None = None
    least_late: int | None = None
    since_check: int = 0

    def place(self, length: int, now: int) -> int:
        """Position for `length` samples that arrive when the clock shows `now`."""
        late = 0 if self.cursor is None else now - length - self.cursor
        self.least_late = late if self.least_late is None else min(self.least_late, late)
        self.since_check += length
        if self.cursor is None:
            self.cursor = max(0, now - length)
        elif self.since_check >= PATIENCE:
            if abs(self.least_late) > TOLERANCE:
                self.cursor = max(0, self.cursor + self.least_late)
            self.least_late, self.since_check = None, 0
        position = self.cursor
        self.cursor += length
        return position


class _Tape:
    """Samples at positions; gaps are silence, overlaps are mixed."""

    def __init__(self) -> None:
        self._samples = np.zeros(RATE * 30, np.int16)
        self.length = 0

    def put(self, position: int, pcm: Pcm) -> None:
        end = position + len(pcm)
        while end > len(self._samples):
            self._samples = np.concatenate([self._samples, np.zeros_like(self._samples)])
        self._samples[position:end] = mix(self._samples[position:end], pcm)
        self.length = max(self.length, end)

    def since(self, position: int) -> Pcm:
        return self._samples[position : self.length].copy()


@dataclass
class Recording:
    """Both directions of one call; positions are samples since the call began."""

    said_tape: _Tape = field(default_factory=_Tape)
    heard_tape: _Tape = field(default_factory=_Tape)
    last_heard: int | None = None  # position after the last loud frame
    _zero: float = field(default_factory=time.monotonic)
    _sources: dict[str, Source] = field(default_factory=dict)

    def now(self) -> int:
        """What the sample clock shows."""
        return int((time.monotonic() - self._zero) * RATE)

    def say(self, pcm: Pcm, position: int) -> None:
        """Note samples that leave the phone at `position`."""
        self.said_tape.put(position, pcm)

    def hear(self, source: str, pcm: Pcm) -> None:
        """Add samples that have just arrived from `source` (a name for one subscription to a track)."""
        position = self._sources.setdefault(source, Source()).place(len(pcm), self.now())
        self.heard_tape.put(position, pcm)
        if level(pcm) > VOICE_DBFS:
            self.last_heard = max(self.last_heard or 0, position + len(pcm))

    @property
    def said(self) -> Pcm:
        """Everything the phone sent."""
        return self.said_tape.since(0)

    @property
    def heard(self) -> Pcm:
        """Everything the phone heard, all speakers mixed."""
        return self.heard_tape.since(0)
