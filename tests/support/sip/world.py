"""A telephone network in one network namespace: Redis, livekit-server, livekit-sip, and the whole of Fieldline on it.

Everything here runs inside the namespace that tests/test_real_sip.py makes; nothing of it can reach another host.
"""

from __future__ import annotations

import asyncio
import contextlib
import wave
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from livekit import api

from fieldline.lab.audio import tone
from fieldline.settings import load_settings
from fieldline.stack import Stack
from fieldline.stack.cache import Cache
from fieldline.stack.golang import bring_livekit
from fieldline.stack.supervisor import until
from fieldline.stack.web import answers

HOST, INTERFACE = "10.77.0.1", "v0"
SIP_PORT, REFUSING_PORT, OFFICE_PORT, CALLER_PORT = 5070, 5081, 5082, 5090
KEY, SECRET = "APIsip", "local-only-" + "s" * 32
LINE = "+12025550100"
START_S = 60


@dataclass
class World:
    """What tests of real SIP use."""

    stack: Stack
    lk: api.LiveKitAPI
    folder: Path
    trunk: str = ""

    async def route_office_to(self, port: int) -> None:
        """Let the outbound trunk lead to the telephone on `port`."""
        if self.trunk:
            await self.lk.sip.delete_trunk(api.DeleteSIPTrunkRequest(sip_trunk_id=self.trunk))
        made = await self.lk.sip.create_outbound_trunk(
            api.CreateSIPOutboundTrunkRequest(
                trunk=api.SIPOutboundTrunkInfo(
                    name="office",
                    address=f"{HOST}:{port}",
                    numbers=[LINE],
                    transport=api.SIPTransport.SIP_TRANSPORT_UDP,
                )
            )
        )
        self.trunk = made.sip_trunk_id

    def voice(self, hertz: float) -> Path:
        """Two minutes of one tone, 8 kHz: what a telephone says."""
        file = self.folder / f"tone-{hertz:.0f}.wav"
        if not file.exists():
            with wave.open(str(file), "wb") as output:
                output.setnchannels(1)
                output.setsampwidth(2)
                output.setframerate(8000)
                # Every second sample of 16 kHz: the tone lies far below 4 kHz.
                output.writeframes(tone(hertz, 120.0)[::2].tobytes())
        return file


@asynccontextmanager
async def world(folder: Path, cache: Path) -> AsyncIterator[World]:
    """Start everything; `folder` keeps logs and recordings."""
    async with AsyncExitStack() as kept:
        await kept.enter_async_context(_program("redis-server", "--port", "6379", "--save", "", log=folder / "redis"))
        livekit = await asyncio.to_thread(bring_livekit, Cache(cache))
        configuration = _written(folder / "livekit.yaml", _livekit())
        await kept.enter_async_context(_program(str(livekit), "--config", configuration, log=folder / "livekit.log"))
        assert await until(lambda: answers("http://127.0.0.1:7880/"), START_S)
        sip = _written(folder / "sip.yaml", _sip())
        await kept.enter_async_context(_program("livekit-sip", "--config", sip, log=folder / "sip.log"))
        assert await until(lambda: answers("http://127.0.0.1:8090/"), START_S)
        settings = load_settings(
            cache_dir=cache, livekit_url="ws://127.0.0.1:7880", livekit_api_key=KEY, livekit_api_secret=SECRET
        )
        stack = Stack(folder / "home", at="2026-03-04 09:00", settings=settings)
        await kept.enter_async_context(stack)
        lk = await kept.enter_async_context(api.LiveKitAPI("ws://127.0.0.1:7880", KEY, SECRET))
        await _let_calls_in(lk, settings.agent_name)
        yield World(stack, lk, folder)


async def _let_calls_in(lk: api.LiveKitAPI, agent_name: str) -> None:
    trunk = await lk.sip.create_inbound_trunk(
        api.CreateSIPInboundTrunkRequest(
            trunk=api.SIPInboundTrunkInfo(name="in", numbers=[LINE], allowed_addresses=[HOST])
        )
    )
    await lk.sip.create_dispatch_rule(
        api.CreateSIPDispatchRuleRequest(
            dispatch_rule=api.SIPDispatchRuleInfo(
                name="calls",
                trunk_ids=[trunk.sip_trunk_id],
                rule=api.SIPDispatchRule(dispatch_rule_individual=api.SIPDispatchRuleIndividual(room_prefix="call-")),
                room_config=api.RoomConfiguration(agents=[api.RoomAgentDispatch(agent_name=agent_name)]),
            )
        )
    )


def _livekit() -> dict[str, object]:
    return {
        "port": 7880,
        "bind_addresses": ["127.0.0.1"],
        "rtc": {
            "tcp_port": 0,
            "udp_port": 7882,
            "node_ip": "127.0.0.1",
            "use_external_ip": False,
            "enable_loopback_candidate": True,
            "interfaces": {"includes": ["lo"]},
        },
        "redis": {"address": "127.0.0.1:6379"},
        "keys": {KEY: SECRET},
    }


def _sip() -> dict[str, object]:
    return {
        "api_key": KEY,
        "api_secret": SECRET,
        "ws_url": "ws://127.0.0.1:7880",
        "redis": {"address": "127.0.0.1:6379"},
        "sip_port": SIP_PORT,
        "rtp_port": "11000-11400",
        "use_external_ip": False,
        "listen_ip": HOST,
        "local_net": "10.77.0.0/24",
        "nat_1_to_1_ip": HOST,
        "health_port": 8090,
        "max_cpu_utilization": 1,  # a busy machine is no reason to refuse the only call
    }


def _written(path: Path, content: dict[str, object]) -> str:
    path.write_text(yaml.safe_dump(content))
    return str(path)


@asynccontextmanager
async def _program(*command: str, log: Path) -> AsyncIterator[None]:
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, cwd=log.parent
        )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
