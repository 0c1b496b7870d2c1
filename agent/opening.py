"""The first seconds of a call: the database's first sign, the call's row, and words for a caller who waits for them.

A database that is out is found out soon, and the caller told. One that is only slow, as in a burst of calls, does not
cost the call: the caller is asked to wait and hears so until it answers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

from livekit import rtc
from livekit.agents import Agent, AgentSession, JobContext
from livekit.agents.voice.room_io import RoomOptions

from agent.call import LAST_WORDS_S, Call
from agent.pipeline import Parts
from agent.speech import speech
from fieldline.errors import Refusal, StoreError, StoreUnavailable
from fieldline.store import LineStore

logger = logging.getLogger(__name__)

#: Seconds for the first sign of the database, and for the row when it has given one, before the caller hears anything.
SIGN_IN_S, OPEN_S = 1.2, 4.0
#: A caller who has been asked to wait is asked again so often, and so many times in all.
ASK_EVERY_S, ASKED = 3.0, 4


async def answers(store: LineStore) -> bool:
    """Whether the database answers at once."""
    try:
        async with asyncio.timeout(SIGN_IN_S):
            await store.line_ping()
    except (StoreError, TimeoutError) as error:
        logger.warning("the database does not answer", extra={"reason": type(error).__name__})
        return False
    return True


async def open_call(
    ctx: JobContext, call: Call, parts: Parts, caller: rtc.RemoteParticipant, *, answered: bool
) -> bool:
    """Give the call its row; False when there is none, and the caller has left or knows why it is over."""
    opening = asyncio.ensure_future(call.open())
    try:
        if not await _within(opening, OPEN_S if answered else SIGN_IN_S):
            await _ask_to_wait(ctx, call, parts, caller, opening)
        if not opening.done():
            if call.ended.is_set():
                return False
            raise StoreUnavailable("call_open: no answer in time")
        await opening
    except StoreError as error:
        await _apologise(ctx, call, parts, caller, error)
        return False
    finally:
        opening.cancel()
    return True


async def _within(work: asyncio.Future[None], limit_s: float) -> bool:
    return bool((await asyncio.wait({work}, timeout=limit_s))[0])


async def _ask_to_wait(
    ctx: JobContext, call: Call, parts: Parts, caller: rtc.RemoteParticipant, opening: asyncio.Future[None]
) -> None:
    logger.warning("the caller waits for the database")
    fillers = speech(call.language).FILLERS
    async with _bare_voice(ctx, parts, caller) as voice:
        for turn in range(ASKED):
            words = voice.say(fillers[turn % len(fillers)])
            if await _within(opening, ASK_EVERY_S) or call.ended.is_set():
                await _heard(words.wait_for_playout(), call)
                return


async def _apologise(
    ctx: JobContext, call: Call, parts: Parts, caller: rtc.RemoteParticipant, error: StoreError
) -> None:
    """The call cannot be taken: say why with the voice that needs nothing, and end it."""
    reason = error.reason if isinstance(error, Refusal) else "database_trouble"
    logger.error("the call cannot be taken", extra={"reason": reason})
    async with _bare_voice(ctx, parts, caller) as voice:
        await _heard(voice.say(call.sentence(reason), allow_interruptions=False).wait_for_playout(), call)
    # Whoever leaves now, or left meanwhile: that is not why this call ended.
    call.end_reason, call.status = "unknown_number" if reason == "unknown_number" else "error", "failed"
    call.ended.set()


@asynccontextmanager
async def _bare_voice(
    ctx: JobContext, parts: Parts, caller: rtc.RemoteParticipant
) -> AsyncIterator[AgentSession[None]]:
    """The voice that needs no database, no key and no network, and no ears."""
    session: AgentSession[None] = AgentSession(tts=parts.voice, vad=None, turn_handling={"turn_detection": None})
    await session.start(
        Agent(instructions=""),
        room=ctx.room,
        room_options=RoomOptions(
            participant_identity=caller.identity, close_on_disconnect=False, audio_input=False, text_input=False
        ),
        record=False,
    )
    try:
        yield session
    finally:
        await session.aclose()


async def _heard(words: Awaitable[None], call: Call) -> None:
    """Wait until words have been heard, or the caller has left."""
    await asyncio.wait(
        {asyncio.ensure_future(words), asyncio.ensure_future(call.ended.wait())},
        return_when=asyncio.FIRST_COMPLETED,
        timeout=LAST_WORDS_S,
    )
