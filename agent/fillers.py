"""Never more than 1.5 s of nothing: a short sentence plays when an answer takes longer than usual.

The sentence goes into the very stream that is late, so it cannot talk over the answer and a caller who barges in
stops both.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

#: The first filler comes this long after the wait began; with the 0.25 s that end a turn, after 0.8 s of silence.
FILLER_AFTER_S = 0.5
#: And another one after each of these, while the wait lasts: a filler is 0.6 to 0.9 s long.
FILLER_EVERY_S = 2.0


async def filled(
    source: AsyncIterable[T],
    filler: Callable[[], Iterable[T]],
    *,
    after_s: float = FILLER_AFTER_S,
    every_s: float = FILLER_EVERY_S,
) -> AsyncIterator[T]:
    """The items of `source`, with fillers before the first one for as long as it keeps us waiting."""
    iterator = aiter(source)
    first = asyncio.ensure_future(anext(iterator))
    try:
        wait_s = after_s
        while not (await asyncio.wait({first}, timeout=wait_s))[0]:
            for item in filler():
                yield item
            wait_s = every_s
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
