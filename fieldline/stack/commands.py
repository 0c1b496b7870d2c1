"""What stands behind `fieldline up`, `status` and `env`, and how other commands find a running stack."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shlex
import signal
from collections.abc import AsyncIterator, Collection
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from fieldline.errors import StackError
from fieldline.settings import Settings, get_settings, load_settings
from fieldline.stack import cache
from fieldline.stack.info import StackInfo, describe
from fieldline.stack.plan import ALL
from fieldline.stack.ports import Ports
from fieldline.stack.stack import Stack
from fieldline.stack.state import Home

console = Console(stderr=True, highlight=False)
NOT_RUNNING = "No stack runs in {home}. Start one with `fieldline up`."


async def up(at: str | None = None, as_json: bool = False) -> None:
    """Start everything, say where it is, and stay until Ctrl-C or SIGTERM.

    Raises:
        StackError: a part cannot be brought or started.
    """
    enough = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(wanted, enough.set)
    stack = Stack(get_settings().home, at=at, carrier=True, tell=lambda what: console.print(f"[yellow]{what}[/yellow]"))
    starting = asyncio.create_task(stack.start())
    told = asyncio.create_task(enough.wait())
    await asyncio.wait({starting, told}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        await _give_up(starting)
        return
    await starting
    if stack.carrier is not None:
        from fieldline.lab.office_phone import colleague

        stack.carrier.numbers.anyone = colleague()
    try:
        _welcome(stack.info, as_json=as_json)
        await told
        console.print("Stopping.")
    finally:
        await stack.stop()


def status() -> int:
    """Print the parts of the running stack; 0 when one runs, else 1."""
    home = find_home()
    if home is None:
        console.print(NOT_RUNNING.format(home=get_settings().home))
        return 1
    state, info = home.read_state(), info_of(home)
    table = Table("part", "process", "memory", "address", title=f"{home.root} ({_when(state)})")
    addresses = {
        "postgres": f"127.0.0.1:{state['ports']['postgres']}",
        "rest": info.supabase_url,
        "livekit": info.livekit_url,
        "api": info.api_url,
        "worker": info.worker_url,
    }
    for name, pid in state.get("parts", {}).items():
        table.add_row(name, str(pid), _memory(pid), addresses.get(name, ""))
    Console().print(table)
    return 0


def env() -> int:
    """Print the running stack's variables, fit for a `.env` file and for `eval`; 1 when none runs."""
    home = find_home()
    if home is None:
        console.print(NOT_RUNNING.format(home=get_settings().home))
        return 1
    for name, value in info_of(home).env.items():
        print(f"{name}={shlex.quote(value)}")  # noqa: T201 - the command's output, never wrapped by Rich
    return 0


def find_home() -> Home | None:
    """The home whose stack runs: the kept one, else a scratch one under it (`fieldline demo`)."""
    root = get_settings().home
    for folder in (root, *sorted((root / "scratch").glob("*"))):
        home = Home(folder)
        if home.is_running() and home.read_state().get("ready"):
            return home
    return None


def info_of(home: Home) -> StackInfo:
    """Addresses and keys of a running home, without the administrator's token."""
    state = home.read_state()
    return describe(
        home.root,
        home.secrets(),
        Ports(**state["ports"]),
        settings=get_settings(),
        outside_livekit=state.get("outside_livekit"),
        carrier=bool(state.get("carrier")),
    )


def running_settings() -> Settings | None:
    """Settings of the stack that runs here, over the environment's; None when none runs."""
    home = find_home()
    return settings_of(info_of(home)) if home else None


def settings_of(info: StackInfo) -> Settings:
    """The stack's variables as settings, without touching this process's environment."""
    values = {name.removeprefix("FIELDLINE_").lower(): value for name, value in info.env.items()}
    return load_settings(**{name: value for name, value in values.items() if name in Settings.model_fields})


@contextlib.asynccontextmanager
async def lend(parts: Collection[str] = ALL) -> AsyncIterator[StackInfo]:
    """The running stack, else one with `parts` that stops again afterwards.

    Raises:
        StackError: none runs and none can be started.
    """
    home = find_home()
    if home is not None:
        yield info_of(home)
        return
    async with Stack(get_settings().home, parts=parts) as stack:
        yield stack.info


async def _give_up(starting: asyncio.Task[None]) -> None:
    """Ctrl-C during the start: end what is being brought, stop what has started."""
    console.print("Interrupted; stopping what has started.")
    cache.interrupt()
    starting.cancel()
    with contextlib.suppress(asyncio.CancelledError, StackError):
        await starting


def _welcome(info: StackInfo, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(info.as_json()), flush=True)  # noqa: T201 - for programs, on one line
        return
    table = Table(show_header=False, box=None)
    table.add_row("Admin API", info.api_url)
    table.add_row("Console", f"{info.console_url}  ({info.admin_email}, password {info.admin_password})")
    table.add_row("Supabase", info.supabase_url)
    table.add_row("LiveKit", info.livekit_url)
    table.add_row("Logs", str(info.home / "logs"))
    console.print(table)
    console.print(
        "\nCall as Mike (badge 101, PIN 2010) from another terminal:\n"
        "  fieldline call --from +12025550101 --to +12025550100\n"
        'Ask for a person (--say "connect me to the office"): a stand-in colleague answers, listens and accepts.\n'
        "Variables for other programs: fieldline env. Stop with Ctrl-C."
    )


def _when(state: dict[str, Any]) -> str:
    return f"clock set to {state['at']}" if state.get("at") else "real time"


def _memory(pid: int) -> str:
    """Resident memory of a part and its children, MiB."""
    try:
        process = psutil.Process(pid)
        total = sum(p.memory_info().rss for p in (process, *process.children(recursive=True)))
    except psutil.Error:
        return "gone"
    return f"{total / 2**20:.0f} MiB"
