"""The same provisioning against a real livekit-server, which keeps trunks in Redis."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import yaml
from tenacity import AsyncRetrying, stop_after_delay, wait_fixed

from fieldline.settings import Settings, load_settings
from fieldline.stack.cache import Cache, CannotBring
from fieldline.stack.golang import bring_livekit
from sip.desired import DEFAULT
from sip.plan import Plan
from sip.provision import provision
from tests.support.gateway import free_ports

pytestmark = pytest.mark.sip

KEY, SECRET = "APItest", "s" * 36
START_LIMIT_S = 60


@pytest.fixture
async def settings(tmp_path: Path) -> AsyncIterator[Settings]:
    """A livekit-server with Redis, and nothing on it."""
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not on PATH; livekit-server keeps trunks in it")
    try:
        livekit = await asyncio.to_thread(bring_livekit, Cache(load_settings().cache_dir))
    except CannotBring as error:
        pytest.skip(str(error))
    redis_port, port, udp = free_ports(3)
    redis = await _run(
        "redis-server", "--port", str(redis_port), "--save", "", "--bind", "127.0.0.1", "--dir", str(tmp_path)
    )
    configuration = {
        "port": port,
        "bind_addresses": ["127.0.0.1"],
        "redis": {"address": f"127.0.0.1:{redis_port}"},
        "rtc": {"tcp_port": 0, "udp_port": udp, "node_ip": "127.0.0.1", "use_external_ip": False},
        "keys": {KEY: SECRET},
    }
    (tmp_path / "livekit.yaml").write_text(yaml.safe_dump(configuration))
    await _answers(redis_port, http=False)
    server = await _run(str(livekit), "--config", str(tmp_path / "livekit.yaml"))
    await _answers(port, http=True)
    try:
        yield load_settings(
            livekit_url=f"ws://127.0.0.1:{port}",
            livekit_api_key=KEY,
            livekit_api_secret=SECRET,
            sip_password="Out-7-" * 4,
        )
    finally:
        for process in (server, redis):
            process.terminate()
            await process.wait()


async def _run(*command: str) -> asyncio.subprocess.Process:
    quiet = asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)


async def _answers(port: int, *, http: bool) -> None:
    async for attempt in AsyncRetrying(stop=stop_after_delay(START_LIMIT_S), wait=wait_fixed(0.1), reraise=True):
        with attempt:
            if http:
                async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as answer:
                    answer.raise_for_status()
            else:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()


def whats(plan: Plan) -> list[tuple[str, str]]:
    return [(change.action, change.what) for change in plan.changes]


async def test_a_real_server_becomes_and_stays_what_trunks_yaml_says(settings: Settings, tmp_path: Path) -> None:
    planned = await provision(settings, dry_run=True)
    assert len(planned.changes) == 3
    assert whats(await provision(settings, dry_run=False)) == whats(planned)
    assert (await provision(settings, dry_run=False)).changes == []


async def test_a_real_server_takes_every_kind_of_change(settings: Settings, tmp_path: Path) -> None:
    await provision(settings, dry_run=False)
    trunks = yaml.safe_load(DEFAULT.read_text())
    trunks["companies"][0] |= {"numbers": ["+12025550111"]}
    trunks["media"] = {"encryption": "require", "codecs": ["PCMU"], "noise_cancellation": True}
    trunks["inbound"] |= {"allowed_addresses": [], "username": "carrier", "ringing_seconds": 20}
    trunks["dispatch"]["attributes"] = {"fieldline.line": "other"}
    changed = tmp_path / "trunks.yaml"
    changed.write_text(yaml.safe_dump(trunks))
    other = settings.model_copy(update={"trunks_file": changed, "agent_name": "night-shift"})
    plan = await provision(other, dry_run=False)
    assert [action for action, _ in whats(plan)] == ["change"] * 3
    assert (await provision(other, dry_run=False)).changes == []
