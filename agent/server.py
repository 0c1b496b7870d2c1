"""The worker's parent process: takes calls, keeps job processes warm, and notices when one of them dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import signal
import socket
from typing import Any

import aiohttp
from livekit import api
from livekit.agents import AgentServer
from livekit.agents.ipc.job_executor import JobExecutor

from agent.capacity import Capacity, calls_of
from agent.health import Health
from agent.job import entry, prewarm
from agent.pipeline import describe
from agent.spool import ship_leftovers
from agent.upkeep import keep_up
from agent.waiting import attach_replacing, waiting_of
from fieldline.errors import StoreError, StoreUnavailable
from fieldline.rescue import Contact, livekit_api, rescue, send_agent
from fieldline.settings import Settings
from fieldline.storage import open_storage
from fieldline.store import LineStore

logger = logging.getLogger(__name__)

#: Models load in 1 to 3 s; a machine under load needs longer.
PREWARM_S = 60.0
#: A job that ends has this long: writes 10 s, the record 5 s, the session 2 s.
JOB_END_S = 20.0
#: Calls that are going on when the worker is told to stop may end by themselves for this long.
DRAIN_S = {"local": 2, "production": 3600}
BEAT_S = 1.0


def worker_name() -> str:
    """What this worker is called in heartbeats and sessions; job processes inherit it."""
    return os.environ.setdefault("FIELDLINE_WORKER_NAME", f"{socket.gethostname()}-{os.getpid()}")


def build_server(settings: Settings, capacity: Capacity) -> AgentServer:
    """The worker, with everything set that the library would otherwise guess."""
    local = settings.env == "local"
    secret = settings.livekit_api_secret
    waiting = waiting_of(settings)
    server = AgentServer(
        ws_url=settings.livekit_url or "",
        api_key=settings.livekit_api_key or "",
        api_secret=secret.get_secret_value() if secret else "",
        setup_fnc=prewarm,
        # Imported once and shared by all job processes: half the memory, and a process is warm after 2 s, not 8.
        preload_modules=["agent.preload"],
        num_idle_processes=waiting,
        initialize_process_timeout=PREWARM_S,
        shutdown_process_timeout=JOB_END_S,
        drain_timeout=DRAIN_S[settings.env] if settings.drain_s is None else settings.drain_s,
        host="127.0.0.1" if local else "",
        port=0,
        prometheus_port=settings.metrics_port,
        load_fnc=capacity.load,
        load_threshold=math.inf,
    )
    server.rtc_session(entry, agent_name=settings.agent_name, on_request=capacity.decide)
    capacity.attach(server)
    attach_replacing(server, waiting)
    return server


def attach_redispatch(server: AgentServer, lk: api.LiveKitAPI, agent_name: str) -> None:
    """When a job process dies in a call, send a new agent at once; livekit-server would notice after 20 s."""
    tasks: set[asyncio.Task[bool]] = set()

    def closed(process: JobExecutor) -> None:
        job = process.running_job
        if job is None or getattr(process, "exitcode", 0) == 0:
            return
        room, identity = job.job.room.name, job.accept_arguments.identity
        logger.error("a job died in a call", extra={"room": room, "exitcode": getattr(process, "exitcode", None)})
        task = asyncio.ensure_future(send_agent(lk, room, agent_name, gone=[identity]))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    # The pool is private and made when the server starts; there is no public sign of a job's death.
    server.on("worker_started", lambda: server._proc_pool.on("process_closed", closed))


async def beat(server: AgentServer, capacity: Capacity, store: LineStore, lk: api.LiveKitAPI, agent_name: str) -> None:
    """Tell the database every second which calls this worker serves, and rescue those that others have lost."""
    contact = Contact()
    while True:
        rooms = [job.job.room.name for job in server.active_jobs]
        try:
            answer = await store.worker_beat(worker=worker_name(), rooms=rooms, load=capacity.load())
            if contact.trusted():
                await rescue(lk, store, answer["lost"], agent_name)
        except StoreError:
            contact.failed()
        except (api.TwirpError, aiohttp.ClientError, TimeoutError) as error:
            logger.warning("a lost call could not be rescued", extra={"reason": type(error).__name__})
        await asyncio.sleep(BEAT_S)


async def serve(settings: Settings) -> None:
    """Run the worker until it is told to stop."""
    logger.info("voice from", extra=describe(settings))
    worker_name()
    capacity = Capacity(calls_of(settings))
    server = build_server(settings, capacity)
    storage = open_storage(settings)
    store = await LineStore.open(settings)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with livekit_api(settings) as lk:
        attach_redispatch(server, lk, settings.agent_name)
        background: list[asyncio.Task[Any]] = []
        async with Health(settings, store, lk, server):
            server.on(
                "worker_started",
                lambda: background.append(
                    asyncio.ensure_future(beat(server, capacity, store, lk, settings.agent_name))
                ),
            )
            background.append(asyncio.ensure_future(_ship(store, settings)))
            background.append(asyncio.ensure_future(keep_up(settings, store, storage)))
            running = asyncio.ensure_future(server.run())
            await asyncio.wait({running, asyncio.ensure_future(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                await _wind_down(server, lk)
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
    await store.aclose()
    # A worker that could not reach livekit-server ends with its error, so that whoever runs it starts it again.
    await running


async def _ship(store: LineStore, settings: Settings) -> None:
    try:
        await ship_leftovers(store, settings.spool)
    except StoreUnavailable:
        logger.warning("what earlier calls had left waits for the database")


async def _wind_down(server: AgentServer, lk: api.LiveKitAPI) -> None:
    """No new calls; the present ones may end, and what is left then is hung up, so that every row is closed."""
    with contextlib.suppress(TimeoutError):
        await server.drain()
    for job in server.active_jobs:
        with contextlib.suppress(api.TwirpError, OSError):
            await lk.room.delete_room(api.DeleteRoomRequest(room=job.job.room.name))
    await server.aclose()
