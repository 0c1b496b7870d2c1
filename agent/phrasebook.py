"""Sentences that are said on every call, kept as sound: greeting, fillers, apologies.

They play at once, also when the voice's provider is slow or out. What is made once is kept in memory for the job's
process and on disk for the next one; the key is the words together with the voice that spoke them and its options.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from livekit import rtc
from livekit.agents import APIError, tts

from agent.fallback.voice import VoiceChain

logger = logging.getLogger(__name__)

#: Sound is kept as 20 ms frames, so that it can be interrupted like any other speech.
FRAME_S = 0.02
#: So many frames go out together, then a breath (seconds): ten times as fast as they are heard. Given a whole greeting
#: at once, the session measures the pace of all of it before the first frame leaves, 0.1 to 0.3 s.
TOGETHER, BREATH_S = 10, 0.02
#: A sentence is made anew when the voice changed in it: once for each voice of a long chain.
TRIES = 3


class Phrasebook:
    """Ready-made sound for one voice. `folder` is where it is kept between processes."""

    def __init__(self, voice: tts.TTS, folder: Path, fillers: Sequence[str]) -> None:
        self._voice = voice
        self._folder = folder
        self._fillers = fillers
        self._sound: dict[str, bytes] = {}

    async def change_fillers(self, fillers: Sequence[str]) -> None:
        """Fillers of another language from now on."""
        self._fillers = fillers
        await self.prepare(fillers)

    async def load(self, sentences: Iterable[str]) -> None:
        """Take from disk what an earlier process has made."""
        for sentence in sentences:
            with contextlib.suppress(OSError):
                self._sound[sentence] = await asyncio.to_thread(self._path(sentence).read_bytes)

    async def prepare(self, sentences: Iterable[str]) -> None:
        """Make what is missing. A voice that is out is no reason to fail: the sentence is then made when it is said."""
        wanted = [sentence for sentence in sentences if sentence not in self._sound]
        await self.load(wanted)
        for sentence in wanted:
            if sentence not in self._sound:
                await self._make(sentence)

    async def _make(self, sentence: str) -> None:
        # A voice that dies in it leaves half a sentence before the next one's whole, so that one makes it anew.
        for _ in range(TRIES):
            path, switches = self._path(sentence), self._switches()
            try:
                async with self._voice.synthesize(sentence) as stream:
                    frame = await stream.collect()
            except APIError as error:
                logger.warning("a sentence could not be made ahead", extra={"reason": type(error).__name__})
                return
            if (path, switches) == (self._path(sentence), self._switches()):
                await self._keep(sentence, path, bytes(frame.data))
                return

    async def _keep(self, sentence: str, path: Path, pcm: bytes) -> None:
        self._sound[sentence] = pcm
        try:
            await asyncio.to_thread(_write, path, pcm)
        except OSError as error:
            logger.warning("a sentence could not be kept", extra={"reason": str(error)})

    def _switches(self) -> int:
        return self._voice.links.switches if isinstance(self._voice, VoiceChain) else 0

    def _path(self, sentence: str) -> Path:
        voice: list[Any] = [self._voice.provider, self._voice.model, self._voice.sample_rate]
        if isinstance(self._voice, VoiceChain):
            # Options tell voices of one model apart, and how fast or in what language they speak.
            link = self._voice.links.serving()
            voice += [link.name, link.options]
        key = json.dumps([*voice, sentence], sort_keys=True, default=str)
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()}.pcm"

    def frames(self, sentence: str) -> list[rtc.AudioFrame]:
        """The sound of a sentence, empty when it is not in the book."""
        pcm = self._sound.get(sentence.strip(), b"")
        rate = self._voice.sample_rate
        step = int(rate * FRAME_S) * 2
        return [
            rtc.AudioFrame(pcm[start : start + step], rate, 1, len(pcm[start : start + step]) // 2)
            for start in range(0, len(pcm), step)
        ]

    def filler(self, turn: int) -> list[rtc.AudioFrame]:
        """The sound of a filler; `turn` makes the next one another."""
        return self.frames(self._fillers[turn % len(self._fillers)])

    async def speak(
        self, text: AsyncIterable[str], voice: Callable[[AsyncIterable[str]], AsyncIterable[rtc.AudioFrame]]
    ) -> AsyncIterator[rtc.AudioFrame]:
        """Frames for a stream of words: from the book when they are in it as a whole, else from `voice`."""
        words: list[str] = []
        iterator = aiter(text)
        async for piece in iterator:
            words.append(piece)
            if not self._may_begin("".join(words)):
                break
        else:
            ready = self.frames("".join(words))
            if ready:
                async for frame in stream_of(ready):
                    yield frame
                return
        async for frame in voice(_chained(words, iterator)):
            yield frame

    def _may_begin(self, words: str) -> bool:
        return any(sentence.startswith(words.strip()) for sentence in self._sound)


def _write(path: Path, pcm: bytes) -> None:
    """Blocking. Under its name there is never less than all of it: another process may look at any moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{secrets.token_hex(4)}")
    try:
        unfinished.write_bytes(pcm)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


async def stream_of(frames: Iterable[rtc.AudioFrame]) -> AsyncIterator[rtc.AudioFrame]:
    """Frames as the stream that a session speaks, as fast as a quick voice makes them."""
    for number, frame in enumerate(frames):
        if number and number % TOGETHER == 0:
            await asyncio.sleep(BREATH_S)
        yield frame


async def _chained(first: Iterable[str], rest: AsyncIterable[str]) -> AsyncIterator[str]:
    for piece in first:
        yield piece
    async for piece in rest:
        yield piece
