"""What the worker does beside its calls: bring kept sound to the storage, and have it written out."""

from __future__ import annotations

import asyncio
import logging

from livekit.agents.utils import http_context

from agent.sound_spool import SoundSpool, ship_once
from agent.transcribe import Transcriber, writers
from fieldline.errors import StoreError
from fieldline.settings import Settings
from fieldline.storage import Storage
from fieldline.store import LineStore

logger = logging.getLogger(__name__)

EVERY_S = 5.0


async def keep_up(settings: Settings, store: LineStore, storage: Storage) -> None:
    """Until it is cancelled. What fails is tried again in the next round."""
    spool = SoundSpool(settings.spool)
    async with http_context.open():
        transcriber = Transcriber(store, storage, writers(settings))
        while True:
            await ship_once(spool, storage, store)
            try:
                await transcriber.look()
            except StoreError as error:
                logger.warning("messages wait to be written out", extra={"code": error.code})
            except Exception:
                # A provider's plugin may raise anything; the calls go on.
                logger.exception("a message could not be written out")
            await asyncio.sleep(EVERY_S)
