"""A small HTTP client for loopback: readiness probes and the auth API, past any proxy of the environment."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from typing import Any

TIMEOUT_SECONDS = 10
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


async def request(method: str, url: str, *, headers: dict[str, str] | None = None, body: Any = None) -> tuple[int, Any]:
    """Status and decoded body (JSON where it is JSON, else text).

    Raises:
        OSError: nobody answers.
    """
    return await asyncio.to_thread(_request, method, url, headers or {}, body)


async def answers(url: str, **headers: str) -> bool:
    """Whether a GET gives a status below 300. Never raises for a server that is not there yet."""
    try:
        status, _ = await request("GET", url, headers=headers)
    except OSError:
        return False
    return status < 300


def _request(method: str, url: str, headers: dict[str, str], body: Any) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    if data is not None:
        headers = {"Content-Type": "application/json", **headers}
    prepared = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310 - loopback
    try:
        with _direct.open(prepared, timeout=TIMEOUT_SECONDS) as answer:
            return answer.status, _decoded(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, _decoded(error.read())


def _decoded(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")
