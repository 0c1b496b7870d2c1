"""A telephone world without a network: the carrier stand-in, Twilio's, and a trunks.yaml to provision them by."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from livekit import api
from pydantic import SecretStr

from fieldline.lab.carrier import Carrier
from fieldline.lab.sip import Server
from fieldline.lab.twilio import FakeTwilio
from fieldline.settings import Settings, load_settings, variable
from sip.desired import DEFAULT

NUMBER = "+12025550100"
PASSWORD = "Out-to-the-carrier-7"
#: Nothing listens there: provisioning needs no rooms.
NOWHERE = Server("ws://127.0.0.1:9", "APItest", "s" * 32)


@dataclass
class World:
    """What `fieldline provision` sees; `trunks` is trunks.yaml, written anew before each run."""

    carrier: Carrier
    twilio: FakeTwilio
    file: Path
    trunks: dict[str, Any]

    def settings(self, **more: Any) -> Settings:
        """The operator's settings in this world."""
        self.file.write_text(yaml.safe_dump(self.trunks))
        server = self.carrier.server
        given = {
            "livekit_url": server.url,
            "livekit_api_key": server.key,
            "livekit_api_secret": server.secret,
            "twilio_account_sid": self.twilio.account,
            "twilio_auth_token": self.twilio.token,
            "twilio_base_url": self.twilio.url,
            "sip_password": PASSWORD,
            "trunks_file": self.file,
        }
        return load_settings(**{name: value for name, value in (given | more).items() if value is not None})

    def client(self) -> api.LiveKitAPI:
        """The real client, at the stand-in."""
        server = self.carrier.server
        return api.LiveKitAPI(server.url, server.key, server.secret)


@asynccontextmanager
async def telephone_world(folder: Path) -> AsyncIterator[World]:
    """A carrier with nothing set up, and a Twilio account with our number in it."""
    async with Carrier(NOWHERE) as carrier, FakeTwilio() as twilio:
        twilio.own(NUMBER)
        yield World(carrier, twilio, folder / "trunks.yaml", yaml.safe_load(DEFAULT.read_text()))


async def command(world: World, folder: Path, *options: str) -> tuple[int, str]:
    """`fieldline …` as an operator runs it: exit code and what it printed."""
    settings = world.settings()
    fields = ("livekit_url", "livekit_api_key", "livekit_api_secret", "twilio_account_sid", "twilio_auth_token")
    fields += ("twilio_base_url", "sip_password", "trunks_file")
    given = {name: getattr(settings, name) for name in fields}
    values = {n: v.get_secret_value() if isinstance(v, SecretStr) else str(v) for n, v in given.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fieldline.cli", *options),
        env={**os.environ, **{variable(name): value for name, value in values.items()}, "COLUMNS": "200"},
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()
