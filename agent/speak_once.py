"""A job that is no call: the voice that callers hear speaks one text to whoever is in the room, and leaves.

The console's "Hear it" asks for it. Only the API's own tokens carry such a job; nothing is recorded and no row is made.
"""

from __future__ import annotations

import asyncio
import logging

from livekit.agents import Agent, AgentSession, JobContext
from livekit.agents.voice.room_io import RoomOptions

from agent.call import LAST_WORDS_S
from agent.offline.vocabulary import Vocabulary
from agent.pipeline import Parts, build_pipeline
from agent.turns import Expecting
from fieldline.live import SPEAK_PREFIX
from fieldline.settings import Settings

logger = logging.getLogger(__name__)

#: Somebody who is not in the room by then does not wait any more.
LISTENER_WITHIN_S = 10.0


async def speak_once(ctx: JobContext, settings: Settings) -> None:
    """Speak the text of the job's metadata, then delete the room."""
    parts: Parts = ctx.proc.userdata["parts"]
    try:
        async with asyncio.timeout(LISTENER_WITHIN_S):
            await ctx.connect()
            listener = await ctx.wait_for_participant()
        voice = build_pipeline(settings, parts, Vocabulary(), Expecting()).tts
        session: AgentSession[None] = AgentSession(tts=voice, vad=None, turn_handling={"turn_detection": None})
        await session.start(
            Agent(instructions=""),
            room=ctx.room,
            room_options=RoomOptions(participant_identity=listener.identity, audio_input=False, text_input=False),
            record=False,
        )
        async with asyncio.timeout(LAST_WORDS_S * 3):
            await session.say(ctx.job.metadata.removeprefix(SPEAK_PREFIX), allow_interruptions=False).wait_for_playout()
        await session.aclose()
    except (TimeoutError, RuntimeError) as error:
        # Whoever asked has left, or never came.
        logger.info("nobody listened to the voice", extra={"reason": type(error).__name__})
    finally:
        await ctx.delete_room()
        ctx.shutdown()
