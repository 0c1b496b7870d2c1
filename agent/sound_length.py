"""How long a sound is."""

from __future__ import annotations

from pathlib import Path

import av
from av.error import FFmpegError


def seconds_of(path: Path) -> float:
    """Seconds of sound that can be played, also of a file whose writer died; 0.0 when there are none."""
    try:
        with av.open(str(path)) as container:
            return sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
    except (FFmpegError, IndexError):
        return 0.0
