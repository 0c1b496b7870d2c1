"""Callers in a process of their own: twenty telephones in one process would fall behind.

The process (`python -m tests.support.callers`) reads one JSON object a line, `{"caller": 3, "do": "hear"}`, and answers
each with `{"caller": 3, "did": "hear", "got": …}` or with `failed` and the reason. Times are those of time.monotonic,
which Linux's processes share.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tenacity import RetryError

from fieldline.errors import FieldlineError
from fieldline.lab.audio import seconds
from fieldline.lab.hearing import CALLER_HZ, EMPLOYEE_HZ, first_tone, humming, tone_ms
from fieldline.lab.phone import LabPhone
from fieldline.lab.sip import Server, SipLeg
from tests.support.calls import until

#: Nothing takes that long; a caller who waits for it has found a deadlock.
WITHIN_S = 120.0
TALK_MS = 200


class Callers:
    """The test's side: `await callers.do(3, "call", from_number=…)`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._answers: dict[tuple[int, str], asyncio.Future[dict[str, Any]]] = {}

    async def do(self, caller: int, what: str, **how: Any) -> Any:
        """Let a caller do something; returns what came of it. Raises AssertionError when nothing did."""
        answer = self._answers[caller, what] = asyncio.get_running_loop().create_future()
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"caller": caller, "do": what, **how}).encode() + b"\n")
        got = await asyncio.wait_for(answer, WITHIN_S)
        assert "failed" not in got, f"caller {caller}, {what}: {got['failed']}"
        return got["got"]

    async def listen(self) -> None:
        """Take in the answers until the process ends."""
        assert self._process.stdout
        async for line in self._process.stdout:
            answer = json.loads(line)
            self._answers.pop((answer["caller"], answer["did"])).set_result(answer)


@asynccontextmanager
async def callers() -> AsyncIterator[Callers]:
    """The process of some callers; it ends with the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    them = Callers(process)
    listening = asyncio.create_task(them.listen())
    try:
        yield them
    finally:
        assert process.stdin
        process.stdin.close()
        await process.wait()
        await listening


# The process


@dataclass
class Caller:
    """One of them: their telephone, and what keeps it humming."""

    phone: LabPhone
    on_the_line: AsyncExitStack

    @classmethod
    async def call(cls, server: dict[str, str], leg: dict[str, Any], wish: str) -> Caller:
        """Call, listen until the line speaks, type a wish and hum from then on."""
        on_the_line = AsyncExitStack()
        phone = await on_the_line.enter_async_context(LabPhone(Server(**server), SipLeg(**leg)))
        await phone.first_sound(WITHIN_S)
        await phone.type(wish)
        await on_the_line.enter_async_context(humming(phone, CALLER_HZ))
        return cls(phone, on_the_line)

    async def hear(self) -> float:
        """Until the employee is heard from now on; returns when the employee was heard for the first time."""
        since = self.phone.recording.now()

        async def heard() -> bool:
            return tone_ms(self.phone.recording.heard_tape.since(since), EMPLOYEE_HZ) > TALK_MS

        await until(heard)
        first = first_tone(self.phone.recording.heard, EMPLOYEE_HZ)
        assert first is not None
        return time.monotonic() - seconds(self.phone.recording.now() - first)

    async def ended(self) -> str:
        """Until the call is over; returns the reason."""
        await self.phone.until_ended(WITHIN_S)
        return self.phone.end_reason

    async def hang_up(self) -> None:
        """Put the telephone down."""
        await self.on_the_line.aclose()


async def serve() -> None:
    """Do what each line says, side by side."""
    people: dict[int, Caller] = {}
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    doing: set[asyncio.Task[None]] = set()

    async def answer(caller: int, what: str, act: Callable[[], Awaitable[Any]]) -> None:
        try:
            said = {"got": await act()}
        except (FieldlineError, TimeoutError, RetryError) as error:
            said = {"failed": repr(error)}
        sys.stdout.write(json.dumps({"caller": caller, "did": what, **said}) + "\n")
        sys.stdout.flush()

    async def call(caller: int, **how: Any) -> None:
        people[caller] = await Caller.call(**how)

    async for line in reader:
        asked = json.loads(line)
        caller, what = asked.pop("caller"), asked.pop("do")
        act = (lambda c=caller, how=asked: call(c, **how)) if what == "call" else getattr(people[caller], what)
        task = asyncio.create_task(answer(caller, what, act))
        doing.add(task)
        task.add_done_callback(doing.discard)
    for task in doing:
        task.cancel()
    await asyncio.gather(*doing, *(person.hang_up() for person in people.values()), return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(serve())
