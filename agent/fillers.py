"""Never more than 1.5 s of nothing: a short sentence plays when an answer takes longer than usual.

The sentence goes into the very stream that is late, so it cannot talk over the answer and a caller who barges in
stops both. One clock counts the silence, whichever part is late: ears, model, tool or voice.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

#: The first filler is due after this much silence, by this side's clock; the caller hears it 0.25 s later by his (his
#: sound takes time to come, the end of speech to be noticed, the filler to go). Earlier ones would hold up answers: a
#: tool turn on clouds begins to be heard after 1.3 s.
FILLER_AFTER_S = 1.1
#: Words that are there are spoken within so much of the caller's last sound: the voice gets the time that it needs.
VOICE_WITHIN_S = 1.2
#: And another one after each of these, while the wait lasts: a filler is 0.6 to 0.9 s long.
FILLER_EVERY_S = 2.0
#: A filler that is being made is there within a second or so; it is asked for so often.
ASK_AGAIN_S = 0.2
#: An answer that begins without a caller's words before it (a transfer that failed) waits this long.
FILLER_UNASKED_S = 0.5


class Silence:
    """How long the caller has heard nothing since he stopped. `now` is a steady clock in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._began: float | None = None
        self._filled: float | None = None
        self._caller_speaks = False

    def began(self, ago_s: float = 0.0) -> None:
        """The caller's last sound or key was `ago_s` seconds ago."""
        self._began, self._filled, self._caller_speaks = self._now() - ago_s, None, False

    def ended(self) -> None:
        """The agent has answered."""
        self._began = self._filled = None

    def broken(self) -> None:
        """The caller speaks, or goes on. An answer that is prepared on the words so far is not late yet."""
        self._began = self._filled = None
        self._caller_speaks = True

    def filled(self) -> None:
        """A filler begins."""
        self._filled = self._now()

    def due_s(self, after_s: float = FILLER_AFTER_S) -> float:
        """Seconds until a filler is due, at least 0; `after_s` is for the first one of a turn."""
        if self._filled is not None:
            return max(0.0, self._filled + FILLER_EVERY_S - self._now())
        if self._began is None:
            return after_s if self._caller_speaks else FILLER_UNASKED_S
        return max(0.0, self._began + after_s - self._now())

    def voice_due_s(self) -> float:
        """The same for an answer whose words are there and whose sound is not."""
        return self.due_s(VOICE_WITHIN_S)


async def filled(
    source: AsyncIterable[T], filler: Callable[[], Iterable[T]], due_s: Callable[[], float]
) -> AsyncIterator[T]:
    """The items of `source`, with fillers before the first one for as long as it keeps us waiting.

    `due_s` says how long to wait for the next filler and is asked before each. A filler of which there is no sound yet
    is asked for again soon.
    """
    iterator = aiter(source)
    first = asyncio.ensure_future(anext(iterator))
    try:
        wait_s = due_s()
        while not (await asyncio.wait({first}, timeout=wait_s))[0]:
            played = False
            for item in filler():
                played = True
                yield item
            wait_s = due_s() if played else max(due_s(), ASK_AGAIN_S)
        try:
            yield first.result()
        except StopAsyncIteration:
            return
        async for item in iterator:
            yield item
    finally:
        if not first.done():
            first.cancel()
            await asyncio.wait({first})
        close = getattr(iterator, "aclose", None)
        if close is not None:
            await close()
