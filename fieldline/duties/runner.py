"""Runs each duty at its own pace, and keeps one that fails from stopping the others."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fieldline.delivery import senders
from fieldline.duties.archive import Archive
from fieldline.duties.broken_hours import BrokenHours
from fieldline.duties.clock_outs import ForgottenClockOuts
from fieldline.duties.deliver import Deliver
from fieldline.duties.dispatch_watch import DispatchWatch
from fieldline.duties.lost_calls import LostCalls
from fieldline.duties.retention import Retention
from fieldline.rescue import livekit_api
from fieldline.settings import Settings
from fieldline.sound_of_message import SoundOfMessage
from fieldline.storage import open_storage
from fieldline.store import LineStore

logger = logging.getLogger(__name__)

#: After a failure a duty rests, longer each time, up to this.
LONGEST_REST_S = 30.0
#: How often what nobody waits for is done.
QUARTER_S, HOUR_S = 900.0, 3600.0


@dataclass(frozen=True)
class Duty:
    """Something to do every `every_s` seconds."""

    name: str
    every_s: float
    do: Callable[[], Awaitable[None]]


async def keep_doing(duty: Duty, stop: asyncio.Event) -> None:
    """Do a duty until told to stop; the first failure of a row is logged, and the recovery."""
    failures = 0
    while not stop.is_set():
        try:
            await duty.do()
        except Exception as error:  # noqa: BLE001 - whatever it was, the next round may do better
            failures += 1
            if failures == 1:
                logger.warning("a duty failed", extra={"duty": duty.name, "error": repr(error)})
        else:
            if failures:
                logger.info("a duty works again", extra={"duty": duty.name, "failures": failures})
            failures = 0
        rest_s = min(duty.every_s * 2**failures, max(LONGEST_REST_S, duty.every_s))
        try:
            async with asyncio.timeout(rest_s):
                await stop.wait()
        except TimeoutError:
            continue


async def run_duties(settings: Settings) -> None:
    """Run all duties until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    storage = open_storage(settings)
    store = await LineStore.open(settings)
    async with livekit_api(settings) as lk:
        duties = (
            Duty("dispatch_watch", 0.5, DispatchWatch(lk, settings.agent_name).look),
            Duty("lost_calls", 2.0, LostCalls(lk, store, settings.agent_name).look),
            Duty("deliver", 2.0, Deliver(store, senders(settings), SoundOfMessage(storage)).look),
            Duty("retention", HOUR_S, Retention(store, storage).look),
            Duty("forgotten_clock_outs", QUARTER_S, ForgottenClockOuts(store).look),
            Duty("broken_hours", QUARTER_S, BrokenHours(store).look),
            Duty("archive", HOUR_S, Archive(store).look),
        )
        logger.info("duties run", extra={"duties": [duty.name for duty in duties]})
        async with asyncio.TaskGroup() as group:
            for duty in duties:
                group.create_task(keep_doing(duty, stop))
    await store.aclose()
