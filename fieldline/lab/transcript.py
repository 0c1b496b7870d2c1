"""Who said what, from LiveKit's transcription text streams.

livekit-agents sends one stream per segment for its own speech (words as they are spoken, final at the end) and,
for the caller, one stream per version of what it has understood so far, all with the same segment id.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from livekit import rtc
from livekit.rtc.data_stream import StreamError

TOPIC = "lk.transcription"
FINAL = "lk.transcription_final"
SEGMENT = "lk.segment_id"

Speaker = Literal["caller", "agent"]


@dataclass
class Line:
    """One utterance. `at` is the recording's clock, in samples, when its first word arrived."""

    speaker: Speaker
    participant: str
    segment: str
    text: str
    at: int
    final: bool = False


class Transcript:
    """The lines of a call in order of their first words."""

    def __init__(self, caller: str, clock: Callable[[], int]) -> None:
        self.lines: list[Line] = []
        self._caller = caller
        self._clock = clock
        self._by_segment: dict[str, Line] = {}
        self._reading: set[asyncio.Task[None]] = set()
        self._listeners: list[Callable[[Line], None]] = []

    def attach(self, room: rtc.Room) -> None:
        """Listen to the room's transcriptions; call it before connecting."""
        room.register_text_stream_handler(TOPIC, self._on_stream)

    def on_line(self, listener: Callable[[Line], None]) -> None:
        """Call `listener` with each line once it is final."""
        self._listeners.append(listener)

    def agent_talking(self) -> bool:
        """Whether a line of the agent is still open."""
        return any(line.speaker == "agent" and not line.final for line in self.lines)

    def said_by(self, speaker: Speaker, since: int = 0) -> list[str]:
        """What `speaker` said in lines that began at or after `since`, without empty ones."""
        return [line.text for line in self.lines if line.speaker == speaker and line.at >= since and line.text.strip()]

    async def aclose(self) -> None:
        """Stop reading; what has come so far stays."""
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)

    def _on_stream(self, reader: rtc.TextStreamReader, participant: str) -> None:
        task = asyncio.create_task(self._read(reader, participant))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _read(self, reader: rtc.TextStreamReader, participant: str) -> None:
        attributes = reader.info.attributes or {}
        segment = attributes.get(SEGMENT) or reader.info.stream_id
        line = self._by_segment.get(segment)
        if line is None:
            speaker: Speaker = "caller" if participant == self._caller else "agent"
            line = Line(speaker, participant, segment, "", self._clock())
            self._by_segment[segment] = line
            self.lines.append(line)
        text = ""
        try:
            # A stream that the room's end cuts short keeps the words that came.
            with contextlib.suppress(StreamError):
                async for chunk in reader:
                    text += chunk
                    line.text = text
        finally:
            ended = line.speaker == "agent" or (reader.info.attributes or {}).get(FINAL) == "true"
            if ended and not line.final:
                line.final = True
                for listener in self._listeners:
                    listener(line)
