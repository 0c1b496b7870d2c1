"""livekit-server on loopback: its configuration and its part."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import yaml

from fieldline.stack.ports import LOOPBACK
from fieldline.stack.state import Secrets
from fieldline.stack.supervisor import Part
from fieldline.stack.web import answers

WEBHOOK_PATH = "/webhooks/livekit"


@dataclass
class LiveKit:
    """One server. Media goes by a single UDP port."""

    binary: Path
    folder: Path
    secrets: Secrets
    port: int
    udp_port: int
    api_url: str

    def part(self) -> Part:
        """How the supervisor runs it; the file with its key is readable by us only."""
        path = self.folder / "livekit.yaml"
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(yaml.safe_dump(self.configuration(), sort_keys=False))
        return Part(
            name="livekit",
            command=[self.binary, "--config", path],
            probe=self._answers,
            env={name: value for name, value in os.environ.items() if not name.startswith("LIVEKIT_")},
            cwd=self.folder,
            within=30,
        )

    def configuration(self) -> dict[str, object]:
        """livekit.yaml: nothing listens beyond loopback, and events are signed with the same key."""
        key, secret = self.secrets.livekit_api_key, self.secrets.livekit_api_secret
        return {
            "port": self.port,
            "bind_addresses": [LOOPBACK],
            "rtc": {
                "tcp_port": 0,  # it would listen on every interface
                "allow_tcp_fallback": False,
                "udp_port": self.udp_port,
                "node_ip": LOOPBACK,
                "use_external_ip": False,
                "enable_loopback_candidate": True,
                "interfaces": {"includes": ["lo", "lo0"]},
                "ips": {"includes": [f"{LOOPBACK}/32"]},
            },
            "keys": {key: secret},
            "webhook": {"api_key": key, "urls": [f"{self.api_url}{WEBHOOK_PATH}"]},
            "logging": {"level": "info", "json": True},
        }

    async def _answers(self) -> bool:
        return await answers(f"http://{LOOPBACK}:{self.port}/")
