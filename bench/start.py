"""`fieldline bench start`: how long until a call can come in, and what the worker costs while it waits.

Baseline is what anybody has who tries LiveKit on their own machine: livekit-server and LiveKit's starter agent
(bench/starter.py), started with the same binaries in the same run. It has no database, API or duties.

FIELDLINE_BENCH_COLD=1 adds the set-up from an empty cache (minutes: it downloads 200 MB and compiles livekit-server);
its baseline is the same npm and Go commands without us.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
from livekit import api

from bench.report import Row, p50, row, show
from bench.starter import AGENT_NAME
from fieldline.errors import StackError
from fieldline.lab.phone import LabPhone
from fieldline.lab.sip import Server, SipLeg
from fieldline.settings import get_settings
from fieldline.stack import Stack
from fieldline.stack.cache import Cache
from fieldline.stack.cache import run as run_tool
from fieldline.stack.golang import LIVEKIT_PACKAGE, bring_livekit
from fieldline.stack.info import loopback_direct
from fieldline.stack.livekit import LiveKit
from fieldline.stack.node import MANIFEST, MANIFEST_FILES, bring_packages, find_node
from fieldline.stack.ports import free_port
from fieldline.stack.state import Secrets
from fieldline.stack.supervisor import Part, Supervisor, until

WARM_RUNS = 3
CALLS = 2
MIKE, NUMBER = "+12025550101", "+12025550100"
#: Long enough that only a broken worker reaches it.
ANSWER_LIMIT_SECONDS = 60.0
#: Memory is read when a worker has been idle this long: job processes settle after they are warm.
SETTLE_SECONDS = 5.0


async def run() -> list[Row]:
    """All rows; prints them as a table too."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="fieldline-bench-") as name:
        folder = Path(name)
        if os.environ.get("FIELDLINE_BENCH_COLD"):
            rows += await asyncio.to_thread(cold_set_up, folder)
        rows += await starts(folder)
    show(
        "start",
        rows,
        "Baseline: livekit-server and LiveKit's starter agent with the same binaries, without database and API.",
        f"Warm figures are medians of {WARM_RUNS}; memory is proportional set size of all processes of the worker.",
    )
    return rows


@dataclass(frozen=True)
class Measured:
    """Seconds until calls can come in; of the worker's memory (MiB) what it has idle, and what a call adds."""

    seconds: float
    idle: float = 0.0
    per_call: float = 0.0


async def starts(folder: Path) -> list[Row]:
    """First start of a folder, warm starts of it, and the worker's memory in the last of them."""
    first = await up(folder / "home")
    warm = [await up(folder / "home", weigh=n == WARM_RUNS - 1) for n in range(WARM_RUNS)]
    plain = [await starter(folder / f"starter-{n}", weigh=n == WARM_RUNS - 1) for n in range(WARM_RUNS)]
    plain_seconds = p50([one.seconds for one in plain])
    return [
        row("up, warm", "s", WARM_RUNS, p50([one.seconds for one in warm]), plain_seconds),
        row("up, first start in a folder", "s", 1, first.seconds, plain_seconds),
        row("worker idle, memory", "MiB", 1, warm[-1].idle, plain[-1].idle),
        row("worker per call, memory", "MiB", CALLS, warm[-1].per_call, plain[-1].per_call),
    ]


async def up(home: Path, *, weigh: bool = False) -> Measured:
    """Our whole stack, from its beginning until every part is ready."""
    began = time.monotonic()
    async with Stack(home) as stack:
        seconds = time.monotonic() - began
        if not weigh:
            return Measured(seconds)
        info = stack.info
        server = Server(info.livekit_url, info.livekit_api_key, info.livekit_api_secret)
        return Measured(seconds, *await weights(stack.supervisor.pids["worker"], server, get_settings().agent_name))


async def starter(home: Path, *, weigh: bool = False) -> Measured:
    """The same for the baseline."""
    began = time.monotonic()
    async with plain_worker(home) as (pid, server):
        seconds = time.monotonic() - began
        return Measured(seconds, *await weights(pid, server, AGENT_NAME)) if weigh else Measured(seconds)


async def weights(pid: int, server: Server, agent: str) -> tuple[float, float]:
    """A worker's memory before any call, and what each of `CALLS` calls that go on adds to it, MiB."""
    idle = await memory(pid)
    async with AsyncExitStack() as calls:
        for _ in range(CALLS):
            leg = SipLeg(MIKE, NUMBER, agent_name=agent)
            await calls.enter_async_context(LabPhone(server, leg))
            if not await until(partial(_has_agent, server, leg.room), ANSWER_LIMIT_SECONDS):
                raise StackError(f"No agent came to the call in {leg.room}.")
        busy = await memory(pid)
    return idle, (busy - idle) / CALLS


async def _has_agent(server: Server, room: str) -> bool:
    http = server.url.replace("ws", "http", 1)
    async with api.LiveKitAPI(http, server.key, server.secret) as lk:
        found = await lk.room.list_participants(api.ListParticipantsRequest(room=room))
    return any(one.kind == api.ParticipantInfo.Kind.AGENT for one in found.participants)


async def _registered(log: Path) -> bool:
    """Its health page is content before the server knows it; the log says when a call could come in."""
    return "registered worker" in await asyncio.to_thread(log.read_text)


@asynccontextmanager
async def plain_worker(home: Path) -> AsyncIterator[tuple[int, Server]]:
    """livekit-server and the starter agent; the agent's pid."""
    home.mkdir()  # noqa: ASYNC240 - nothing else runs here yet
    supervisor, secrets, port, health = Supervisor(home, home / "none"), Secrets(), free_port(), free_port()
    server = LiveKit(
        bring_livekit(Cache(get_settings().cache_dir)),
        home,
        secrets,
        port=port,
        udp_port=free_port(socket.SOCK_DGRAM),
        api_url="http://127.0.0.1:9",
    )
    env = {
        **loopback_direct(os.environ),
        "LIVEKIT_URL": f"ws://127.0.0.1:{port}",
        "LIVEKIT_API_KEY": secrets.livekit_api_key,
        "LIVEKIT_API_SECRET": secrets.livekit_api_secret,
    }
    command = [sys.executable, "-m", "bench.starter", str(health)]
    try:
        await supervisor.start(server.part())
        await supervisor.start(Part("starter", command, partial(_registered, home / "starter.log"), env, within=120))
        keys = secrets.livekit_api_key, secrets.livekit_api_secret
        yield supervisor.pids["starter"], Server(f"ws://127.0.0.1:{port}", *keys)
    finally:
        await supervisor.close()


async def memory(pid: int) -> float:
    """Proportional set size of a process and all its children, MiB; resident size where there is none."""
    await asyncio.sleep(SETTLE_SECONDS)
    leader = psutil.Process(pid)
    total = 0
    for process in (leader, *leader.children(recursive=True)):
        info = process.memory_full_info()
        total += getattr(info, "pss", info.rss)
    return total / 2**20


def cold_set_up(folder: Path) -> list[Row]:
    """npm and Go from nothing, ours and bare. Go's own caches of this machine are left out of both."""
    node = find_node()
    own, bare = Cache(folder / "cache"), folder / "bare"
    bare.mkdir()
    for name in MANIFEST_FILES:
        shutil.copyfile(MANIFEST / name, bare / name)
    npm = timed(lambda: bring_packages(own, node))
    path = f"{node.program.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    plain_npm = timed(lambda: run_tool([*node.npm, "ci"], doing="npm ci", cwd=bare, env={**os.environ, "PATH": path}))
    rows = [row("set-up, cold: PostgreSQL and API", "s", 1, npm, plain_npm)]
    go = shutil.which("go")
    if go is None:
        return rows
    os.environ |= {"GOPATH": str(folder / "gopath"), "GOCACHE": str(folder / "gocache"), "GOFLAGS": "-modcacherw"}
    livekit = timed(lambda: bring_livekit(own))
    run_tool([go, "clean", "-modcache", "-cache"], doing="go clean")  # both start from nothing
    env = {**os.environ, "GOBIN": str(bare), "CGO_ENABLED": "0"}
    plain = timed(lambda: run_tool([go, "install", LIVEKIT_PACKAGE], doing="go install", env=env))
    return [*rows, row("set-up, cold: livekit-server", "s", 1, livekit, plain)]


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work()` takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began
