"""Two workers on one machine: they share light calls, one is drained in the middle, and no call may be lost."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg

from fieldline.errors import StackError
from fieldline.lab.audio import tone
from fieldline.lab.phone import LabPhone
from fieldline.lab.sip import Server, SipLeg
from fieldline.settings import get_settings
from fieldline.stack import Stack
from fieldline.stack.ports import free_port
from fieldline.stack.supervisor import until
from fieldline.stack.web import answers

NUMBER = "+12025550100"
READY_S, DRAINED_S, GREETED_S = 120.0, 60.0, 60.0
#: Calls that come at the same time; more would measure the machine and not the workers.
AT_ONCE = 3
STIRS_EVERY_S = 10.0
BEEP = tone(600, 0.3)


@dataclass(frozen=True)
class Shared:
    """How it went. `second` and `second_later` are the calls of the drained worker, before and after it was told."""

    calls: int
    greeted: int
    lost: int
    second: int
    second_later: int
    exit_code: int | None
    ends: dict[str, int]
    """Why calls were over before anybody hung up, and how many."""


@asynccontextmanager
async def second_worker(stack: Stack, *, calls: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another worker of the stack, ready for calls; it may be told to stop, and is killed at the end if it has not.

    Raises:
        StackError: it does not get ready.
    """
    port = free_port()
    env = {
        **stack.info.part_env(without=("SUPABASE_JWT_SECRET",)),
        "FIELDLINE_WORKER_PORT": str(port),
        "FIELDLINE_METRICS_PORT": str(free_port()),
        "FIELDLINE_WORKER_NAME": "second",
        "FIELDLINE_WORKER_CALLS": str(calls),
        "FIELDLINE_DRAIN_S": "600",
    }
    with (stack.home.logs / "second-worker.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "agent.worker", "start", env=env, stdout=log, stderr=log, start_new_session=True
        )
    try:
        if not await until(lambda: answers(f"http://127.0.0.1:{port}/ready"), READY_S):
            raise StackError("The second worker did not get ready.")
        yield process
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def share(stack: Stack, calls: int) -> Shared:
    """Half of the calls, the drain, the other half; then everybody hangs up.

    Raises:
        StackError: the second worker does not get ready.
    """
    info = stack.info
    server = Server(info.livekit_url, info.livekit_api_key, info.livekit_api_secret)
    async with AsyncExitStack() as lines, second_worker(stack, calls=calls) as second:
        early = await _calls(server, lines, range(calls // 2))
        at_second = await _of_second(stack)
        second.send_signal(signal.SIGTERM)
        later = await _calls(server, lines, range(calls // 2, calls))
        phones = [*early, *later]
        await asyncio.gather(*(phone.play(BEEP) for phone in phones if not phone.ended.is_set()))
        alive = [phone for phone in phones if not phone.ended.is_set() and phone.agent_here]
        greeted = sum(phone.recording.last_heard is not None for phone in phones)
        at_second_later = await _of_second(stack) - at_second
        ends = await _ends(stack)
        await lines.aclose()
        try:
            code = await asyncio.wait_for(second.wait(), DRAINED_S)
        except TimeoutError:
            code = None
    return Shared(calls, greeted, calls - len(alive), at_second, at_second_later, code, ends)


async def _calls(server: Server, lines: AsyncExitStack, numbers: range) -> list[LabPhone]:
    """Calls of strangers, a few at a time, each until something is heard."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def stay(phone: LabPhone) -> None:
        """The line hangs up on who says nothing for long."""
        while not phone.ended.is_set():
            await phone.type("what are your hours")
            with suppress(TimeoutError):
                await asyncio.wait_for(phone.ended.wait(), STIRS_EVERY_S)

    async def one(number: int) -> LabPhone:
        leg = SipLeg(f"+1202555{3000 + number}", NUMBER, agent_name=get_settings().agent_name)
        async with gate:
            phone = await lines.enter_async_context(LabPhone(server, leg))
            await phone.first_sound(GREETED_S)
            await phone.play(BEEP)
        staying = asyncio.create_task(stay(phone))
        lines.callback(staying.cancel)
        return phone

    return list(await asyncio.gather(*(one(number) for number in numbers)))


async def _of_second(stack: Stack) -> int:
    """Sessions that the second worker has begun, from the rows."""
    [(count,)] = await _rows(stack, "select count(*) from public.voice_agent_sessions where worker = 'second'")
    return int(count)


async def _ends(stack: Stack) -> dict[str, int]:
    ended = "select coalesce(end_reason, '?'), count(*) from public.call_logs where ended_at is not null group by 1"
    return dict(await _rows(stack, ended))


async def _rows(stack: Stack, query: LiteralString) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(stack.info.database_url) as owner:
        return await (await owner.execute(query)).fetchall()
