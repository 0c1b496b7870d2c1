"""An office telephone that never picks up: it refuses with a SIP status, or rings until it is told to stop."""

from __future__ import annotations

import asyncio
import re
from typing import Any, cast

DEADLOCK_S = 60
COPIED = re.compile(r"^(Via|From|To|Call-ID|CSeq):", re.IGNORECASE)


class RefusingPhone(asyncio.DatagramProtocol):
    """Answers every INVITE with `status`; None: it rings for ever. `cancelled` counts the CANCELs."""

    def __init__(self) -> None:
        self.status: int | None = 486
        self.cancelled = 0
        self._changed = asyncio.Event()
        self._invites: dict[str, tuple[str, Any]] = {}

    async def rings(self) -> None:
        """Wait until the telephone rings."""
        async with asyncio.timeout(DEADLOCK_S):
            while not self._invites:
                self._changed.clear()
                await self._changed.wait()

    async def until_cancelled(self, times: int) -> None:
        """Wait until the ringing was stopped so many times."""
        async with asyncio.timeout(DEADLOCK_S):
            while self.cancelled < times:
                self._changed.clear()
                await self._changed.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        message = data.decode(errors="replace")
        method = message.split(" ", 1)[0]
        if method == "INVITE":
            self._invited(message, addr)
        elif method == "CANCEL":
            self.cancelled += 1
            self._changed.set()
            self._reply(message, addr, 200, "OK")
            if invite := self._invites.pop(_call_id(message), None):
                self._reply(*invite, 487, "Request Terminated")
        elif method not in ("ACK", "SIP/2.0"):
            self._reply(message, addr, 200, "OK")

    def _invited(self, message: str, addr: Any) -> None:
        if _call_id(message) in self._invites:
            return  # sent again
        self._invites[_call_id(message)] = (message, addr)
        self._reply(message, addr, 180, "Ringing")
        self._changed.set()
        if self.status is not None:
            self._reply(message, addr, self.status, "Refused")
            self._invites.pop(_call_id(message))

    def _reply(self, message: str, addr: Any, status: int, phrase: str) -> None:
        lines = [line for line in message.split("\r\n") if COPIED.match(line)]
        tagged = [
            f"{line};tag=office" if line.lower().startswith("to:") and "tag=" not in line else line for line in lines
        ]
        head = [f"SIP/2.0 {status} {phrase}", *tagged, "Contact: <sip:office@10.77.0.1:5081>", "Content-Length: 0"]
        self._transport.sendto(("\r\n".join(head) + "\r\n\r\n").encode(), addr)


def _call_id(message: str) -> str:
    found = re.search(r"^Call-ID:\s*(\S+)", message, re.IGNORECASE | re.MULTILINE)
    return found[1] if found else ""
