"""docker-compose.yml and the image, as far as they can be checked without a Docker engine."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from admin_api.auth import AUDIENCE

pytestmark = pytest.mark.check

ROOT = Path(__file__).parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {"migrate", "worker", "api", "duties", "fieldline"}
#: Services that start as root inside, and why: the image steps down by itself, or root has lost its rights.
ROOT_INSIDE = {"db": "steps down to postgres", "gateway": "all capabilities dropped but one"}
#: Images whose Dockerfile names an unprivileged user.
UNPRIVILEGED_IMAGES = {"auth", "rest"}
#: One-shot or without a port: their exit code is their health.
NO_HEALTHCHECK = {"migrate", "duties", "fieldline"}


def test_follows_the_compose_schema() -> None:
    schema = json.loads((Path(__file__).parent / "data/compose-spec.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    assert [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(COMPOSE)] == []


def test_schema_would_notice_a_misspelt_key() -> None:
    schema = json.loads((Path(__file__).parent / "data/compose-spec.json").read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"services": {"a": {"image": "x:1.0", "volume": []}}}, schema)


def test_has_the_parts_of_the_house() -> None:
    assert set(SERVICES) == OURS | {"gateway", "db", "auth", "rest", "redis", "livekit-server", "sip"}


@pytest.mark.parametrize("name", SERVICES)
def test_image_is_pinned(name: str) -> None:
    image, _, tag = SERVICES[name]["image"].rpartition(":")
    # PostgREST's releases have two numbers, everybody else's three or more.
    numbers = 2 if image == "postgrest/postgrest" else 3
    assert re.fullmatch(rf"v?\d+(\.\d+){{{numbers - 1},}}(-alpine)?", tag), f"{name} floats on {tag!r}"


@pytest.mark.parametrize("name", SERVICES)
def test_runs_without_root(name: str) -> None:
    user = str(SERVICES[name].get("user", "")).partition(":")[0]
    unprivileged = name in OURS | UNPRIVILEGED_IMAGES or (user and user not in ("0", "root"))
    assert unprivileged or name in ROOT_INSIDE


@pytest.mark.parametrize("name", [n for n in SERVICES if n != "db"])
def test_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"]
    assert set(service.get("cap_add", [])) <= {"NET_BIND_SERVICE"}
    assert service["read_only"] and not service.get("privileged")


@pytest.mark.parametrize("name", SERVICES)
def test_says_when_it_is_healthy(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check == {"disable": True} if name in NO_HEALTHCHECK else check["test"][0] == "CMD"


@pytest.mark.parametrize("name", SERVICES)
def test_waits_for_health_not_for_a_start(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        wanted = "service_completed_successfully" if other == "migrate" else "service_healthy"
        assert how == {"condition": wanted}


def test_no_secret_has_a_default() -> None:
    secret = re.compile(r"(PASSWORD|SECRET|_JWT|_KEYS?|TOKEN|_URI|_DATABASE_URL)$")
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if secret.search(variable):
                filled_in = re.sub(r"\$\{[A-Z_]+(:\?[^}]*|:-)?\}", "…", str(value))
                assert "…" in filled_in and ":-" not in filled_in, f"{name}: {variable} does not come from .env"


def test_a_missing_secret_stops_the_start() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    needed = re.findall(r"\$\{([A-Z_]+):\?", text)
    assert {
        "POSTGRES_PASSWORD",
        "SUPABASE_JWT_SECRET",
        "SUPABASE_SERVICE_JWT",
        "SUPABASE_PUBLISHABLE_KEY",
        "SUPABASE_SECRET_KEY",
        "LIVEKIT_API_KEY",
        "LIVEKIT_API_SECRET",
        "FIELDLINE_LINE_EMAIL",
        "FIELDLINE_LINE_PASSWORD",
        "FIELDLINE_FILES_SECRET",
    } == set(needed)


@pytest.mark.parametrize("name", ["worker", "api", "duties"])
def test_what_answers_calls_holds_no_key_to_the_database(name: str) -> None:
    environment = SERVICES[name]["environment"]
    keys = {"SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_JWT", "SUPABASE_JWT_SECRET", "DATABASE_URL"}
    # The auth server of this file signs with the secret and publishes no key: the API could check no token without it.
    may = {"SUPABASE_JWT_SECRET"} if name == "api" else set()
    assert keys & set(environment) == may
    assert "POSTGRES_PASSWORD" not in json.dumps(environment)


def test_api_takes_the_tokens_that_the_auth_server_signs() -> None:
    api, auth = SERVICES["api"]["environment"], SERVICES["auth"]["environment"]
    assert api["SUPABASE_JWT_SECRET"] == auth["GOTRUE_JWT_SECRET"]
    assert api["SUPABASE_JWT_ISSUER"] == auth["GOTRUE_JWT_ISSUER"]
    assert auth["GOTRUE_JWT_AUD"] == AUDIENCE


def test_the_keys_to_everything_are_out_only_while_somebody_uses_them() -> None:
    holders = {
        n for n, s in SERVICES.items() if {"DATABASE_URL", "SUPABASE_SECRET_KEY"} & set(s.get("environment", {}))
    }
    assert holders == {"gateway", "migrate", "fieldline"}
    assert SERVICES["fieldline"]["profiles"] == ["tools"] and SERVICES["migrate"]["restart"] == "no"


def test_only_the_gateway_is_open_to_the_world() -> None:
    for name, service in SERVICES.items():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:") or name == "gateway", f"{name} publishes {port}"


def test_host_ports_are_those_of_the_configurations() -> None:
    named = COMPOSE["x-host-ports"]
    assert set(named) == {n for n, s in SERVICES.items() if s.get("network_mode") == "host"}
    livekit = yaml.safe_load((ROOT / "sip/livekit.yaml").read_text())
    rtc = livekit["rtc"]
    assert named["livekit-server"] == {
        "signalling": f"{livekit['port']}/tcp",
        "media_tcp": f"{rtc['tcp_port']}/tcp",
        "media_udp": f"{rtc['port_range_start']}-{rtc['port_range_end']}/udp",
    }
    sip = yaml.safe_load((ROOT / "sip/sip.yaml").read_text())
    assert named["sip"] == {
        "carrier_signalling": f"{sip['sip_port']}/udp+tcp",
        "carrier_media": f"{sip['rtp_port']}/udp",
        "health": f"{sip['health_port']}/tcp",
    }


@pytest.mark.parametrize("name", SERVICES)
def test_mounted_files_exist(name: str) -> None:
    volumes = SERVICES[name].get("volumes", [])
    for source in (v.split(":")[0] for v in volumes):
        assert (ROOT / source).is_file() if source.startswith("./") else source in COMPOSE["volumes"]


def test_image_is_built_in_stages_and_drops_root() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert len([line for line in lines if line.startswith("FROM ")]) == 2
    assert all(re.match(r"FROM python:3\.11\.\d+-slim-bookworm", line) for line in lines if line.startswith("FROM "))
    after_user = lines[lines.index("USER fieldline") :]
    assert not any(line.startswith(("RUN", "COPY", "USER root")) for line in after_user)
    assert any(line.startswith("HEALTHCHECK") for line in after_user)


def test_image_carries_our_version() -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert version and all(SERVICES[name]["image"] == f"fieldline:{version[1]}" for name in OURS)


def test_no_secret_is_copied_into_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".env", ".git", ".fieldline", ".venv"} <= set(ignored)
