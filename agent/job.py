"""One job, one call: join the room, open the call, let a line talk, close everything."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import aiohttp
from livekit import api, rtc
from livekit.agents import AgentSession, JobContext, JobProcess
from livekit.agents.voice.room_io import RoomOptions

from agent.attach import (
    NOT_HEARD_S,
    SILENCE_S,
    attach_filler,
    attach_length,
    attach_record,
    attach_silence,
    attach_trouble,
)
from agent.attach_sound import attach_sound
from agent.call import Call
from agent.caller_input import CallerInput
from agent.commands import attach_commands
from agent.dialled import Dialled
from agent.exchange import Exchange
from agent.floor import is_office
from agent.greeting import measure_greeting
from agent.keyterms import keyterms
from agent.leaving import Leaving
from agent.lines import pick_line
from agent.lines.hold import HoldLine
from agent.metrics import CALLS
from agent.offline.vocabulary import Vocabulary
from agent.opening import answers, open_call
from agent.other_language import change_voice
from agent.outage import attach_providers
from agent.phrasebook import Phrasebook
from agent.pipeline import Parts, Pipeline, build_pipeline, load_parts
from agent.recording import attach_recording
from agent.speak_once import speak_once
from agent.speech import speech
from agent.spool import ship_leftovers
from agent.stages import attach_stages
from agent.transfer import take_up
from agent.verdict import attach_verdict
from fieldline.live import SPEAK_PREFIX
from fieldline.rescue import AGENT, people_in
from fieldline.settings import get_settings
from fieldline.store import LineStore

logger = logging.getLogger(__name__)

SIP = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
#: A caller who is not in the room by then has given up.
CALLER_WITHIN_S = 20.0
#: A room with a telephone that the line has rung, and nobody else, is looked at so often.
LOOK_AGAIN_S = 0.2
#: Apologies that must be there when everything else is out.
EMERGENCY = ("database_trouble", "internal_error", "unknown_number")


def prewarm(process: JobProcess) -> None:
    """Load what takes time, before a call comes."""
    process.userdata["parts"] = load_parts(get_settings())
    # What is loaded now stays: a full collection over it stops the talk for half a second.
    gc.freeze()


async def entry(ctx: JobContext) -> None:
    """The job. However it ends, the row is closed, the room deleted, and the process let go."""
    settings = get_settings()
    ctx.log_context_fields = {"room": ctx.room.name, "job": ctx.job.id}
    if ctx.job.metadata.startswith(SPEAK_PREFIX):
        await speak_once(ctx, settings)
        return
    store = await LineStore.open(settings)
    began = time.monotonic()
    try:
        # The first request signs the worker in; that need not wait for the room.
        answered, _ = await asyncio.gather(answers(store), ctx.connect())
        if not await is_first(ctx):
            logger.warning("another agent has this call already")
            return
        caller = await _caller(ctx)
        if caller is not None:
            await _serve(ctx, Call(settings, store, dialled(ctx, caller)), caller, answered, began)
        await ctx.delete_room()
    finally:
        await store.aclose()
        ctx.shutdown()


async def is_first(ctx: JobContext) -> bool:
    """Whether no agent came before this one: two who noticed the same loss may each have sent one."""
    try:
        people = await people_in(ctx.api, ctx.room.name)
    except (api.TwirpError, aiohttp.ClientError, TimeoutError):
        return True
    agents = sorted((person.joined_at_ms, person.identity) for person in people if person.kind == AGENT)
    return not agents or agents[0][1] == ctx.room.local_participant.identity


async def _caller(ctx: JobContext) -> rtc.RemoteParticipant | None:
    try:
        async with asyncio.timeout(CALLER_WITHIN_S):
            while True:
                person = await ctx.wait_for_participant(kind=SIP)
                if not is_office(person):
                    return person
                caller = next((p for p in ctx.room.remote_participants.values() if is_caller(p)), None)
                if caller is not None:
                    return caller
                await asyncio.sleep(LOOK_AGAIN_S)
    except (TimeoutError, RuntimeError):
        logger.warning("the caller was gone before the agent came")
        return None


def is_caller(person: rtc.RemoteParticipant) -> bool:
    """Whether this is who called, and not somebody whom the line has rung."""
    return person.kind == SIP and not is_office(person)


def dialled(ctx: JobContext, caller: rtc.RemoteParticipant) -> Dialled:
    """What the SIP service wrote on the caller."""
    return Dialled(
        room=ctx.room.name,
        from_number=caller.attributes.get("sip.phoneNumber"),
        to_number=caller.attributes.get("sip.trunkPhoneNumber"),
        sip_call_id=caller.attributes.get("sip.callID"),
        worker=os.environ.get("FIELDLINE_WORKER_NAME"),
        job=ctx.job.id,
    )


async def _serve(ctx: JobContext, call: Call, caller: rtc.RemoteParticipant, answered: bool, began: float) -> None:
    parts: Parts = ctx.proc.userdata["parts"]
    try:
        with _room_events(ctx, call, caller.identity) as typed:
            if await open_call(ctx, call, parts, caller, answered=answered):
                ctx.log_context_fields = {**ctx.log_context_fields, "call_id": call.id}
                if not (call.resumed and await take_up(call, ctx.room, ctx.api)):
                    await _talk(ctx, call, parts, caller, began)
                    call.work.background(typed.line_is_there(), lasting=True)
                await call.ended.wait()
            # The caller hears the end at once; the record may take its time.
            await ctx.delete_room()
    finally:
        await call.aclose()
        CALLS.labels(call.end_reason).inc()


@contextmanager
def _room_events(ctx: JobContext, call: Call, caller: str) -> Iterator[CallerInput]:
    """Keys, words, hang-up and the end of the room, for as long as the call lasts; keys and words are the caller's."""

    def closed(reason: rtc.DisconnectReason.ValueType) -> None:
        deleted = reason == rtc.DisconnectReason.ROOM_DELETED
        call.end("ended_by_office" if deleted else "worker_lost", "completed" if deleted else "failed")

    typed = CallerInput(call, caller)
    typed.attach(ctx.room)
    ctx.room.on("disconnected", closed)
    with Leaving(call, caller).watching(ctx.room):
        if caller not in ctx.room.remote_participants:
            call.end("caller_hung_up")
        try:
            yield typed
        finally:
            typed.detach(ctx.room)
            ctx.room.off("disconnected", closed)


async def _talk(ctx: JobContext, call: Call, parts: Parts, caller: rtc.RemoteParticipant, began: float) -> None:
    vocabulary = Vocabulary.from_facts(call.facts["vocabulary"])
    pipeline = build_pipeline(
        call.settings, parts, vocabulary, call.expecting, company=call.company["name"], language=call.language
    )
    call.providers = parts.providers.of(call.company["name"])
    call.closing.append(pipeline.aclose)
    session = build_session(call, pipeline)
    pipeline.turns.attach(session)
    exchange = Exchange(ctx.room, ctx.api, caller.identity, pipeline)
    call.hold_line = partial(HoldLine, call, exchange)
    call.closing.append(exchange.aclose)
    parts.voice.speak_in(call.language)
    call.voice_in = partial(change_voice, call, parts.voice, pipeline)
    call.phrases = Phrasebook(pipeline.tts, call.settings.cache_dir / "voice", speech(call.language).FILLERS)
    await call.phrases.load([call.greeting, *speech(call.language).FILLERS])
    measure_greeting(session, began)
    for attach in (attach_record, attach_filler, attach_silence, attach_length, attach_trouble):
        attach(call, session)
    attach_commands(call, ctx.room)
    attach_providers(call, session, pipeline)
    attach_stages(session, pipeline)
    attach_verdict(call, caller.attributes)
    call.arrived.clear()
    await session.start(pick_line(call), room=ctx.room, room_options=_room_options(caller), record=False)
    attach_recording(call, ctx.room, caller.identity)
    call.work.background(_afterwards(call, pipeline), lasting=True)


def build_session(call: Call, pipeline: Pipeline) -> AgentSession[Call]:
    """The session of a call, with its ears, model and voice."""
    words = call.facts["vocabulary"]
    session: AgentSession[Call] = AgentSession(
        userdata=call,
        user_away_timeout=SILENCE_S,
        transcription_timeout=NOT_HEARD_S,
        session_close_transcript_timeout=0.5,
        stt_context_options={"keyterms": keyterms(words)},
        **pipeline.session_options(),
    )
    call.session = session
    attach_sound(call, session, pipeline.ears)
    return session


def _room_options(caller: rtc.RemoteParticipant) -> RoomOptions:
    # Typed words are the call's own business, and so is who leaves and what that means.
    return RoomOptions(participant_identity=caller.identity, text_input=False, close_on_disconnect=False)


async def _afterwards(call: Call, pipeline: Pipeline) -> None:
    """What can wait until the caller has been greeted."""
    say = speech(call.language)
    if call.session is not None and call.session.current_speech is not None:
        await call.session.current_speech.wait_for_playout()
    if call.phrases is not None:
        # Before the ears: who has interrupted the greeting may need one now.
        await call.phrases.prepare(say.FILLERS)
    await asyncio.to_thread(pipeline.ears.load)
    if call.phrases is not None:
        await call.phrases.prepare([call.greeting, *(call.sentence(name) for name in EMERGENCY)])
    await ship_leftovers(call.store, call.settings.spool)
