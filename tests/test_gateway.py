"""deploy/Caddyfile, run by the Caddy it will run in, in front of servers that say what reached them."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.support.gateway import START_LIMIT_S, Gateway, run_gateway

PUBLISHABLE = "sb_publishable_of_the_test"
SECRET = "sb_secret_of_the_test"
SERVICE_JWT = "header.service.signature"
USER = "Bearer header.user.signature"


class Echo(BaseHTTPRequestHandler):
    """Answers with what arrived, and with its own name."""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = json.dumps(
            {
                "server": self.server.name,  # pyright: ignore[reportAttributeAccessIssue]
                "path": self.path,
                "authorization": self.headers.get("Authorization"),
                "apikey": self.headers.get("apikey"),
                "received": len(body),
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture(scope="module")
def echoes() -> Iterator[dict[str, str]]:
    servers = {}
    for name in ("rest", "auth", "api"):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        server.name = name  # pyright: ignore[reportAttributeAccessIssue]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers[name] = server
    yield {name: f"127.0.0.1:{server.server_address[1]}" for name, server in servers.items()}
    for server in servers.values():
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, echoes: dict[str, str]) -> Iterator[Gateway]:
    keys = {
        "SUPABASE_PUBLISHABLE_KEY": PUBLISHABLE,
        "SUPABASE_SECRET_KEY": SECRET,
        "SUPABASE_SERVICE_JWT": SERVICE_JWT,
    }
    yield from run_gateway(tmp_path_factory.mktemp("gateway"), echoes, keys)


@pytest.fixture(scope="module")
def keyless(tmp_path_factory: pytest.TempPathFactory, echoes: dict[str, str]) -> Iterator[Gateway]:
    yield from run_gateway(tmp_path_factory.mktemp("keyless"), echoes, {})


@pytest.mark.parametrize(
    ("path", "server", "arrives_as"),
    [
        ("/rest/v1/rpc/clock_in?select=truck", "rest", "/rpc/clock_in?select=truck"),
        ("/auth/v1/token?grant_type=password", "auth", "/token?grant_type=password"),
        ("/health/ready", "api", "/health/ready"),
    ],
)
def test_each_path_has_its_server(gateway: Gateway, path: str, server: str, arrives_as: str) -> None:
    answer = gateway.get(path, apikey=PUBLISHABLE).json()
    assert (answer["server"], answer["path"]) == (server, arrives_as)


@pytest.mark.parametrize("path", ["/rest/v1/call_logs", "/rest/v1/", "/auth/v1/user", "/auth/v1/verify/../admin/users"])
@pytest.mark.parametrize("key", [None, "", "wrong", "publishable", "secret", "unknown", SERVICE_JWT, PUBLISHABLE + "x"])
def test_nothing_passes_without_a_key_of_ours(gateway: Gateway, path: str, key: str | None) -> None:
    answer = gateway.get(path, **({} if key is None else {"apikey": key}), Authorization=USER)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/json" and answer.json()["message"]


@pytest.mark.parametrize(
    "path", ["/REST/v1/call_logs", "/%72est/v1/call_logs", "//rest/v1/call_logs", "/x/../rest/v1/a"]
)
def test_another_spelling_of_the_path_opens_nothing(gateway: Gateway, path: str) -> None:
    answer = gateway.get(path, Authorization=USER)
    assert answer.status_code == 401 or answer.json()["server"] == "api"


@pytest.mark.parametrize("path", ["/auth/v1/verify?token=1", "/auth/v1/.well-known/jwks.json"])
def test_links_in_mails_and_public_keys_need_no_key(gateway: Gateway, path: str) -> None:
    assert gateway.get(path).json()["server"] == "auth"


@pytest.mark.parametrize(
    ("key", "sent", "arrives"),
    [
        (PUBLISHABLE, None, None),
        (PUBLISHABLE, f"Bearer {PUBLISHABLE}", None),
        (PUBLISHABLE, USER, USER),
        (SECRET, None, f"Bearer {SERVICE_JWT}"),
        (SECRET, f"Bearer {SECRET}", f"Bearer {SERVICE_JWT}"),
        (SECRET, USER, USER),
        (PUBLISHABLE, f"Bearer {SECRET}", f"Bearer {SECRET}"),
    ],
)
def test_a_key_becomes_a_role_and_a_user_stays_the_user(
    gateway: Gateway, key: str, sent: str | None, arrives: str | None
) -> None:
    headers = {"apikey": key} | ({"Authorization": sent} if sent else {})
    assert gateway.get("/rest/v1/trucks", **headers).json()["authorization"] == arrives


def test_a_gateway_without_keys_lets_nobody_in(keyless: Gateway) -> None:
    for key in ("", "publishable", "secret", "unknown"):
        assert keyless.get("/rest/v1/trucks", apikey=key).status_code == 401


def test_a_body_beyond_reason_is_refused(gateway: Gateway) -> None:
    url, headers = f"{gateway.inside}/rest/v1/rpc/add_note", {"apikey": PUBLISHABLE}
    assert httpx.post(url, headers=headers, content=b"x" * 100_000).json()["received"] == 100_000
    assert httpx.post(url, headers=headers, content=b"x" * 2_000_000).status_code >= 400


def test_the_outer_door_speaks_tls(gateway: Gateway) -> None:
    trusted = ssl.create_default_context(cafile=str(gateway.authority))
    answer = httpx.get(f"{gateway.outside}/rest/v1/trucks", headers={"apikey": PUBLISHABLE}, verify=trusted)
    assert answer.json()["server"] == "rest"
    assert answer.headers["strict-transport-security"]


def test_no_key_or_token_reaches_the_log(gateway: Gateway) -> None:
    gateway.get("/rest/v1/trucks", apikey=SECRET, Authorization=USER)
    gateway.get("/rest/v1/logged-last", apikey=PUBLISHABLE)
    deadline = time.monotonic() + START_LIMIT_S
    while "logged-last" not in (log := gateway.log.read_text()) and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    assert "/rest/v1/trucks" in log
    assert not any(secret in log for secret in (SECRET, PUBLISHABLE, SERVICE_JWT, "header.user"))
