"""Bring an agent to a caller who has none, and settle calls whose caller is gone.

livekit-server neither restarts a dead job nor dispatches a call again that no worker took, so whoever notices does it
here: the worker whose job died, a worker that hears of lost calls with its heartbeat, and the duties.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from livekit import api
from livekit.protocol.models import ParticipantInfo

from fieldline.errors import StoreError
from fieldline.settings import Settings
from fieldline.store import LineStore

logger = logging.getLogger(__name__)

#: An agent that came so short a time ago has not had the time to say that the call is its own.
FRESH_S = 5.0

#: After an outage every living worker has beaten again by then: a beat per second, a request of up to 4 s.
SETTLED_S = 6.0

#: Attribute of a leg that the line has dialled, so that nobody takes it for the caller.
LEG, OFFICE = "fieldline.leg", "office"

SIP, AGENT = ParticipantInfo.Kind.SIP, ParticipantInfo.Kind.AGENT


def livekit_api(settings: Settings) -> api.LiveKitAPI:
    """The server API of livekit-server, with this deployment's keys."""
    secret = settings.livekit_api_secret
    return api.LiveKitAPI(settings.livekit_url, settings.livekit_api_key, secret.get_secret_value() if secret else None)


class Contact:
    """Tells the silence of others from one's own deafness.

    While the database is out no worker can beat, so the first answers after an outage call everybody lost. `clock`
    gives seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = -math.inf
        self._out = False

    def failed(self) -> None:
        """The database did not answer."""
        self._out = True

    def trusted(self) -> bool:
        """The database has answered: whether it has done so for long enough to be believed."""
        if self._out:
            self._out, self._since = False, self._clock()
        return self._clock() - self._since >= SETTLED_S


async def people_in(lk: api.LiveKitAPI, room: str) -> list[ParticipantInfo]:
    """Who is in a room; nobody when there is no such room."""
    try:
        return list((await lk.room.list_participants(api.ListParticipantsRequest(room=room))).participants)
    except api.TwirpError as error:
        if error.code == api.TwirpErrorCode.NOT_FOUND:
            return []
        raise


def is_caller(person: ParticipantInfo) -> bool:
    """Whether this is a caller, and not somebody whom the line has rung for one."""
    return person.kind == SIP and person.attributes.get(LEG) != OFFICE


async def let_go(lk: api.LiveKitAPI, room: str, people: Sequence[ParticipantInfo]) -> None:
    """Somebody was rung for a caller who is gone, and nobody is left to tell them: their telephone is put down."""
    if any(person.kind == SIP for person in people):
        await lk.room.delete_room(api.DeleteRoomRequest(room=room))
        logger.warning("let somebody go whose caller had left", extra={"room": room})


async def send_agent(lk: api.LiveKitAPI, room: str, agent_name: str, *, gone: Sequence[str] = ()) -> bool:
    """Dispatch a new agent to a caller who waits. Returns whether there was one.

    Args:
        gone: identities of agents that are dead for certain. livekit-server keeps them in the room for 20 s, and a new
            agent beside one would be one too many.
    """
    people = await people_in(lk, room)
    if not any(is_caller(person) for person in people):
        await let_go(lk, room, people)
        return False
    for identity in {person.identity for person in people} & set(gone):
        await lk.room.remove_participant(api.RoomParticipantIdentity(room=room, identity=identity))
    await lk.agent_dispatch.create_dispatch(api.CreateAgentDispatchRequest(agent_name=agent_name, room=room))
    logger.warning("sent another agent to a call", extra={"room": room})
    return True


async def rescue(lk: api.LiveKitAPI, store: LineStore, lost: Sequence[dict[str, Any]], agent_name: str) -> None:
    """Take over calls whose worker is gone: a waiting caller gets an agent, the others' rows are closed."""
    for call in lost:
        agents = [person for person in await people_in(lk, call["room"]) if person.kind == AGENT]
        if any(agent.joined_at > time.time() - FRESH_S for agent in agents):
            # Somebody else was quicker; if that agent dies too, the database will say so again.
            continue
        if await send_agent(lk, call["room"], agent_name, gone=[agent.identity for agent in agents]):
            continue
        try:
            await store.call_close(call_id=call["call_id"], status="failed", end_reason="worker_lost")
        except StoreError as error:
            logger.warning("a lost call could not be closed", extra={"room": call["room"], "code": error.code})
        else:
            logger.warning("closed a call that its worker had lost", extra={"room": call["room"]})
