"""A recording as it is written: two channels on one clock, encoded as they come.

The caller is on the left, the line on the right. What has been encoded is on disk within seconds, page by page, so that
a process that dies leaves a file that plays until shortly before.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import av
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

#: Samples per second: what a telephone has, twice.
RATE = 16_000
#: 32 kbit/s for both: a quarter of a megabyte per minute.
BIT_RATE = 32_000
#: Frames that come this much off their time belong to those before them: networks are never exact.
SLACK = RATE // 5
#: A source that has run ahead of the clock by so much is cut back to it.
AHEAD = RATE


class Channel:
    """Sound by the clock: what came late or never is silence."""

    def __init__(self) -> None:
        self._waiting: list[Samples] = []
        self._end = 0
        self._taken = 0

    def put(self, at: int, samples: Samples) -> None:
        """These samples began at sample `at` of the recording."""
        if at < self._end - AHEAD:
            return
        if at > self._end + SLACK:
            self._append(np.zeros(at - self._end, np.int16))
        self._append(samples)

    def take(self, until: int) -> Samples:
        """Everything before `until` that was not taken yet."""
        if self._end < until:
            self._append(np.zeros(until - self._end, np.int16))
        whole = np.concatenate([*self._waiting, np.zeros(0, np.int16)])
        taken, self._taken = whole[: until - self._taken], until
        self._waiting = [whole[len(taken) :]]
        return taken

    def _append(self, samples: Samples) -> None:
        self._waiting.append(samples)
        self._end += len(samples)


class SoundFile:
    """An Ogg file with Opus; `write` and leaving the block encode, and may block for some milliseconds."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        # Each page goes to disk when it is full, and is full after a second.
        options = {"flush_packets": "1", "page_duration": "1000000"}
        self._container = av.open(str(self._path), "w", format="ogg", options=options)
        self._stream: Any = self._container.add_stream("libopus", rate=RATE, layout="stereo")
        self._stream.bit_rate = BIT_RATE
        return self

    def write(self, left: Samples, right: Samples) -> None:
        """Append sound; both channels have the same length."""
        if not len(left):
            return
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(np.stack([left, right], axis=1).reshape(1, -1)), format="s16", layout="stereo"
        )
        frame.sample_rate = RATE
        self._container.mux(cast(Any, self._stream.encode(frame)))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.mux(cast(Any, self._stream.encode(None)))
        self._container.close()
