"""Free ports on the loopback interface."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from fieldline.errors import StackError
from fieldline.settings import Settings

LOOPBACK = "127.0.0.1"


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port nobody listens on now. Its owner must still expect to lose the race for it."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def is_free(port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> bool:
    """Whether `port` can be bound on loopback; a connection in TIME_WAIT does not count."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def choose(name: str, *, asked: int | None = None, last: int | None = None) -> int:
    """The port that was asked for, else the one used last time if it is free, else any free one.

    Raises:
        StackError: the port asked for is taken.
    """
    if asked is not None:
        if is_free(asked):
            return asked
        raise StackError(
            f"Port {asked} for {name} is taken.",
            hint="Stop what listens there, or leave the port's variable unset to get a free one.",
        )
    return last if last is not None and is_free(last) else free_port()


@dataclass(frozen=True)
class Ports:
    """One port per listener, all on loopback. `livekit_udp` carries the media, `carrier` is the stand-in's."""

    postgres: int
    rest: int
    livekit: int
    livekit_udp: int
    carrier: int
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
