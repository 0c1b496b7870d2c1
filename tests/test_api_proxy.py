"""Behind a web server: who asks, and by which scheme, is what a server that we know says, and nobody else."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from pathlib import Path

import httpx
import pytest
import yaml

from admin_api.app import create_app
from fieldline.errors import SettingsError
from fieldline.settings import load_settings

COMPOSE = yaml.safe_load((Path(__file__).parent.parent / "docker-compose.yml").read_text())
GATEWAY = "172.18.0.5"
LIMIT = 3


def api(*, asked_by: str, trusted: str) -> httpx.AsyncClient:
    """The API without a database: it counts before it asks for anything."""
    settings = load_settings(trusted_proxies=trusted, rate_limit_per_address=LIMIT)
    transport = httpx.ASGITransport(create_app(settings), raise_app_exceptions=False, client=(asked_by, 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://api")


async def left(client: httpx.AsyncClient, caller: str) -> str:
    answer = await client.get("/api/v1/me", headers={"X-Forwarded-For": caller})
    return answer.headers["RateLimit-Remaining"]


async def test_callers_behind_a_gateway_have_limits_of_their_own() -> None:
    async with api(asked_by=GATEWAY, trusted="172.16.0.0/12") as client:
        assert [await left(client, "203.0.113.1") for _ in range(LIMIT)] == ["2", "1", "0"]
        assert await left(client, "203.0.113.2") == "2"


async def test_caller_cannot_choose_the_address_that_is_counted() -> None:
    async with api(asked_by="203.0.113.9", trusted="172.16.0.0/12") as client:
        assert [await left(client, f"198.51.100.{n}") for n in range(LIMIT)] == ["2", "1", "0"]
    async with api(asked_by=GATEWAY, trusted="172.16.0.0/12") as client:
        assert [await left(client, f"198.51.100.{n}, 203.0.113.9") for n in range(LIMIT)] == ["2", "1", "0"]


@pytest.mark.parametrize(("asked_by", "status"), [(GATEWAY, 303), ("203.0.113.9", 403)], ids=["gateway", "stranger"])
async def test_page_that_was_read_by_https_is_gone_back_to(asked_by: str, status: int) -> None:
    async with api(asked_by=asked_by, trusted="172.16.0.0/12") as client:
        sent = {"X-Forwarded-Proto": "https", "Referer": "https://api/console/directory"}
        answer = await client.post("/console/sign-out", headers=sent)
        assert answer.status_code == status


def test_compose_believes_its_own_gateway_and_no_public_address() -> None:
    default = COMPOSE["services"]["api"]["environment"]["FIELDLINE_TRUSTED_PROXIES"].partition(":-")[2].rstrip("}")
    named = [ip_network(part) for part in load_settings(trusted_proxies=default).trusted_proxies]
    assert any(ip_address(GATEWAY) in network for network in named if network.version == 4)
    assert not any(ip_address("203.0.113.9") in network for network in named if network.version == 4)
    assert not any(network.is_global for network in named)


@pytest.mark.parametrize("wrong", ["*", "gateway", "10.0.0.0/99"])
def test_proxy_that_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match="FIELDLINE_TRUSTED_PROXIES"):
        load_settings(trusted_proxies=wrong)
