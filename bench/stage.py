"""Where the voice benches play: our stack on stand-in providers, and plain starter agents on the same server."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from agent.waiting import WAITING
from bench.lines import CLOCK
from bench.plain import VARIANTS
from fieldline.lab.phone import LabPhone
from fieldline.lab.providers import Delays, ProviderStandIns
from fieldline.lab.providers.chat import Answer, Json, text_of
from fieldline.lab.sip import Server, SipLeg
from fieldline.settings import get_settings
from fieldline.stack import Stack
from fieldline.stack.info import loopback_direct
from fieldline.stack.ports import free_port
from fieldline.stack.supervisor import Part

OURS = "ours"
MIKE, NUMBER, KEYS = "+12025550101", "+12025550100", ("101#", "2010#")
#: Words of a request, and the tool that answers it.
TOOLS = {"next": "next_job", "clocked": "my_status"}
ACKNOWLEDGED = "All right, that is noted."
#: What a caller hears at best: transcript, first token, the rest of a short sentence (words and marks), first sound.
DELAYS = Delays(seed=7)
TOKENS_OF_ANSWER, TOKENS_OF_CALL = 7, 3
FLOOR_S = DELAYS.stt_final + DELAYS.llm_first + TOKENS_OF_ANSWER * DELAYS.llm_token + DELAYS.tts_first
#: The same for a turn whose answer is what a tool has said: the model writes a call without arguments.
TOOL_FLOOR_S = DELAYS.stt_final + DELAYS.llm_first + TOKENS_OF_CALL * DELAYS.llm_token + DELAYS.tts_first
#: The starter then asks the model for the words too.
ASKED_AGAIN_S = DELAYS.llm_first + TOKENS_OF_ANSWER * DELAYS.llm_token
#: Long enough to be interrupted, or nodded at: 22 s.
LONG = " ".join(
    f"Point {number} is about the camera on the {side} side of the building."
    for number, side in zip(
        ("one", "two", "three", "four", "five"), ("north", "east", "south", "west", "far"), strict=True
    )
)


async def mind(messages: list[Json], tools: list[Json]) -> Answer:
    """The model of all agents: a tool for what needs one, a long answer when everything is asked for, else a short."""
    last = next((m for m in reversed(messages) if m["role"] in ("user", "tool")), None)
    text = text_of(last).lower()
    if last is None or last["role"] == "tool":
        return Answer(text_of(last) or ACKNOWLEDGED)
    offered = {tool["function"]["name"] for tool in tools}
    for word, tool in TOOLS.items():
        if word in text.split() and tool in offered:
            return Answer(calls=((tool, {}),))
    return Answer(LONG if "everything" in text else ACKNOWLEDGED)


@dataclass
class Stage:
    """Everything that runs. `agents` are the names to dial, ours first; `pids` the workers'."""

    server: Server
    clouds: ProviderStandIns
    agents: dict[str, str]
    pids: dict[str, int]
    stack: Stack

    def leg(self, system: str, number: int = 0) -> SipLeg:
        """A call to one of the systems. Each simultaneous caller has a number of its own."""
        from_number = MIKE if not number else f"+1202555{2000 + number}"
        return SipLeg(from_number, NUMBER, agent_name=self.agents[system])

    @asynccontextmanager
    async def call(
        self, system: str, number: int = 0, greeted: Callable[[LabPhone], Awaitable[None]] | None = None
    ) -> AsyncIterator[LabPhone]:
        """A caller who has heard the greeting; with ours, Mike has keyed his badge and PIN.

        `greeted` is given the phone as soon as it is connected.
        """
        async with LabPhone(self.server, self.leg(system, number)) as phone:
            if greeted is not None:
                await greeted(phone)
            # A key stops the greeting.
            for keys in KEYS if system == OURS and not number else ():
                await phone.keys(keys)
                await phone.hear(quiet=0.3)
            await phone.hear(quiet=0.5)
            yield phone


@asynccontextmanager
async def stage(
    folder: Path, variants: tuple[str, ...] = VARIANTS, *, worker_calls: int | None = None
) -> AsyncIterator[Stage]:
    """Start everything; it is gone afterwards. With `worker_calls` our worker takes so many at once, and
    as many processes wait for calls as in production.

    Raises:
        FieldlineError: a part cannot be brought or started.
    """
    async with ProviderStandIns(DELAYS, mind=mind) as clouds:
        before = dict(os.environ)
        os.environ |= clouds.environ()
        if worker_calls is not None:
            os.environ |= {"FIELDLINE_WORKER_CALLS": str(worker_calls), "FIELDLINE_WORKER_WAITING": str(WAITING)}
        get_settings.cache_clear()
        try:
            async with Stack(folder / "home", at=CLOCK, scratch=True, parts=["worker"]) as stack:
                info = stack.info
                server = Server(info.livekit_url, info.livekit_api_key, info.livekit_api_secret)
                agents = {OURS: get_settings().agent_name} | {name: f"plain-{name}" for name in variants}
                for name in variants:
                    await stack.supervisor.start(_plain(name, stack, clouds, folder))
                pids = {OURS: stack.supervisor.pids["worker"]}
                pids |= {name: stack.supervisor.pids[f"plain-{name}"] for name in variants}
                yield Stage(server, clouds, agents, pids, stack)
        finally:
            os.environ.clear()
            os.environ.update(before)
            get_settings.cache_clear()


def _plain(name: str, stack: Stack, clouds: ProviderStandIns, folder: Path) -> Part:
    info = stack.info
    env = {
        **loopback_direct(os.environ),
        **clouds.environ(),
        "LIVEKIT_URL": info.livekit_url,
        "LIVEKIT_API_KEY": info.livekit_api_key,
        "LIVEKIT_API_SECRET": info.livekit_api_secret,
    }
    command = [sys.executable, "-m", "bench.plain", str(free_port()), name]
    log = stack.home.logs / f"plain-{name}.log"
    return Part(f"plain-{name}", command, partial(_registered, log), env, within=120)


async def _registered(log: Path) -> bool:
    return log.exists() and "registered worker" in await asyncio.to_thread(log.read_text)  # noqa: ASYNC240
