"""The carrier stand-in of a local stack: telephones that ring on a machine that has no telephone network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldline.stack.ports import LOOPBACK, Ports
from fieldline.stack.state import Secrets

if TYPE_CHECKING:
    from fieldline.lab.carrier import Carrier


async def carrier_before(ports: Ports, secrets: Secrets) -> Carrier:
    """Start the stand-in before the stack's own livekit-server, with a trunk to ring people by."""
    # Brings the whole lab with it: telephones, sound, LiveKit's client.
    from fieldline.lab.carrier import Carrier
    from fieldline.lab.sip import Server

    server = Server(f"ws://{LOOPBACK}:{ports.livekit}", secrets.livekit_api_key, secrets.livekit_api_secret)
    carrier = Carrier(server, host=LOOPBACK, port=ports.carrier)
    await carrier.__aenter__()
    carrier.open_trunk()
    return carrier
