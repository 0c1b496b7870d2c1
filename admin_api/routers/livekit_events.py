"""livekit-server tells what happens in rooms: signed with our key, at most some minutes old, each event once."""

from __future__ import annotations

import logging
from collections import OrderedDict

import aiohttp
from fastapi import APIRouter, HTTPException, Request, Response
from google.protobuf.json_format import ParseError
from livekit import api
from livekit.protocol.webhook import WebhookEvent

from fieldline.errors import StoreError

logger = logging.getLogger(__name__)

router = APIRouter(tags=["livekit"], include_in_schema=False)

#: Ids of events that were dealt with: a repeat needs no second look at the room.
REMEMBERED = 1000


class Seen:
    """The ids of the last events."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, event_id: str) -> bool:
        return event_id in self._ids

    def add(self, event_id: str) -> None:
        """Remember one more, and forget the oldest."""
        self._ids[event_id] = None
        if len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)


async def _from_livekit(request: Request) -> WebhookEvent:
    """The event; 401 unless body and token belong together and are signed with our key, 503 where there is none."""
    receiver: api.WebhookReceiver | None = request.app.state.webhook_receiver
    if receiver is None or request.app.state.room_events is None:
        raise HTTPException(503, "LiveKit or the line account is not configured")
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    try:
        return receiver.receive((await request.body()).decode(), token)
    except ParseError:
        raise HTTPException(400, "not an event") from None
    except Exception as error:  # noqa: BLE001 - the library raises bare exceptions for a wrong hash
        logger.warning("an event was refused", extra={"reason": type(error).__name__})
        raise HTTPException(401, "not signed by our livekit-server") from None


@router.post("/webhooks/livekit")
async def happened(request: Request) -> Response:
    """Deal with an event; 503 when what it needs does not answer, so that livekit-server sends it again."""
    event = await _from_livekit(request)
    seen: Seen = request.app.state.seen_events
    if event.id and event.id in seen:
        return Response(status_code=204)
    try:
        await request.app.state.room_events.happened(event)
    except (StoreError, api.TwirpError, aiohttp.ClientError, TimeoutError) as error:
        logger.warning("an event could not be dealt with", extra={"event": event.event, "reason": type(error).__name__})
        raise HTTPException(503, "try again", headers={"Retry-After": "5"}) from None
    seen.add(event.id)
    return Response(status_code=204)
