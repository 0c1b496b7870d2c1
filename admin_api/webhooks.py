"""What livekit-server and Twilio tell the API, and the connections that dealing with it needs.

The API acts here as the line account: the line functions are all that a webhook may lead to.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from livekit import api

from admin_api.room_events import RoomEvents
from admin_api.routers import livekit_events, twilio_status
from fieldline.errors import SettingsError
from fieldline.rescue import livekit_api
from fieldline.settings import Settings
from fieldline.store import LineStore


def include(app: FastAPI, settings: Settings) -> None:
    """The routes; until `opened` they answer 503."""
    app.state.webhook_receiver = _receiver(settings)
    app.state.seen_events = livekit_events.Seen()
    app.state.line = app.state.room_events = None
    app.include_router(livekit_events.router)
    app.include_router(twilio_status.router)


def _receiver(settings: Settings) -> api.WebhookReceiver | None:
    secret = settings.livekit_api_secret
    if not (settings.livekit_api_key and secret):
        return None
    return api.WebhookReceiver(api.TokenVerifier(settings.livekit_api_key, secret.get_secret_value()))


@asynccontextmanager
async def opened(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    """The connections, as long as the block lasts; what is not configured stays away."""
    async with AsyncExitStack() as stack:
        try:
            app.state.line = line = await LineStore.open(settings)
        except SettingsError:
            # Readiness says what is missing.
            yield
            return
        stack.push_async_callback(line.aclose)
        if app.state.webhook_receiver is not None and settings.livekit_url:
            lk = await stack.enter_async_context(livekit_api(settings))
            app.state.room_events = RoomEvents(lk, line)
        yield
