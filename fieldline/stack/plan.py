"""Which parts run, on which ports, and how the Python parts are run."""

from __future__ import annotations

import socket
import sys
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from fieldline.settings import Settings
from fieldline.stack.info import StackInfo
from fieldline.stack.ports import choose, free_port
from fieldline.stack.supervisor import Part
from fieldline.stack.web import answers

#: In the order in which they start.
ALL = ("postgres", "rest", "livekit", "api", "worker", "duties")
NEEDS = {
    "rest": ("postgres",),
    "api": ("rest", "livekit"),
    "worker": ("rest", "livekit"),
    "duties": ("rest", "livekit"),
}


def with_needs(parts: Collection[str]) -> list[str]:
    """`parts` and whatever they need, in the order in which they start.

    Raises:
        ValueError: there is no part of that name.
    """
    unknown = set(parts) - set(ALL)
    if unknown:
        raise ValueError(f"no such part: {', '.join(sorted(unknown))}")
    wanted = {*parts, *(need for name in parts for need in NEEDS.get(name, ()))}
    wanted |= {need for name in wanted for need in NEEDS.get(name, ())}
    return [name for name in ALL if name in wanted]


@dataclass(frozen=True)
class Ports:
    """One port per listener, all on loopback. `livekit_udp` carries the media."""

    postgres: int
    rest: int
    livekit: int
    livekit_tcp: int
    livekit_udp: int
    api: int
    worker: int
    metrics: int

    @classmethod
    def chosen(cls, settings: Settings, last: Mapping[str, Any]) -> Self:
        """Ports asked for by variable, else last time's where they are free, so that addresses stay.

        Raises:
            StackError: a port that was asked for is taken.
        """
        ports: dict[str, int] = {}
        for field in fields(cls):
            if field.name == "livekit_udp":
                ports[field.name] = free_port(socket.SOCK_DGRAM)
                continue
            setting = f"{field.name}_port"
            asked = getattr(settings, setting) if setting in settings.model_fields_set else None
            known = last.get(field.name)
            port = choose(field.name, asked=asked, last=known if isinstance(known, int) else None)
            while port in ports.values():
                port = free_port()
            ports[field.name] = port
        return cls(**ports)

    def as_state(self) -> dict[str, int]:
        """For state.json."""
        return asdict(self)


def python_part(name: str, info: StackInfo) -> Part:
    """How to run `api`, `worker` or `duties`. Only the API checks tokens, so only it gets the JWT secret."""
    if name == "api":
        return Part(
            name,
            [sys.executable, "-m", "admin_api"],
            probe=lambda: answers(f"{info.api_url}/health/ready"),
            env=info.part_env(),
        )
    env = info.part_env(without=("SUPABASE_JWT_SECRET",))
    if name == "worker":
        return Part(
            name,
            [sys.executable, "-m", "agent.worker", "start"],
            probe=lambda: answers(f"{info.worker_url}/ready"),
            env=env,
            within=120,
        )
    return Part(name, [sys.executable, "-m", "fieldline.duties"], probe=_started, env=env)


async def _started() -> bool:
    """Duties listen nowhere; one that dies is started again and said so."""
    return True
