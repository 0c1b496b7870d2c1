"""The configurations that docker-compose.yml gives to livekit-server and to the SIP service."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest
import yaml

from fieldline.settings import load_settings
from fieldline.stack.cache import Cache
from fieldline.stack.golang import bring_livekit
from tests.support.gateway import free_ports
from tests.support.stacks import Supabase

FOLDER = Path(__file__).parent.parent / "sip"
START_LIMIT_S = 60


def starts(binary: Path, configuration: Path) -> str:
    """What livekit-server says until it gives up for want of Redis, or of a configuration that it understands.

    It ends with exit code 0 either way.
    """
    done = subprocess.run(
        [binary, "--config", configuration, "--keys", "APItest: " + "s" * 32],
        capture_output=True,
        text=True,
        timeout=START_LIMIT_S,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(("extra", "answer"), [({}, "unable to connect to redis"), ({"prot": 1}, "could not parse")])
async def test_livekit_server_understands_its_configuration(
    livekit: Supabase, tmp_path: Path, extra: dict[str, int], answer: str
) -> None:
    given = yaml.safe_load((FOLDER / "livekit.yaml").read_text())
    given["redis"]["address"] = f"127.0.0.1:{free_ports(1)[0]}"
    changed = tmp_path / "livekit.yaml"
    changed.write_text(yaml.safe_dump({**given, **extra}))
    binary = await asyncio.to_thread(bring_livekit, Cache(load_settings().cache_dir))
    assert answer in await asyncio.to_thread(starts, binary, changed)


def test_sip_service_and_livekit_server_meet_in_the_same_redis() -> None:
    livekit, sip = (yaml.safe_load((FOLDER / name).read_text()) for name in ("livekit.yaml", "sip.yaml"))
    assert livekit["redis"] == sip["redis"]


def test_no_configuration_holds_a_key() -> None:
    for path in FOLDER.glob("*.yaml"):
        assert not {"keys", "api_key", "api_secret"} & set(yaml.safe_load(path.read_text()))
