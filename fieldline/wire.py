"""The way to the REST layer for a process that asks it often: supabase-py builds the queries, aiohttp carries them.

httpx, which supabase-py brings, took two fifths of the admin API's processor under a hundred people at once
(`fieldline bench api`). So this is an httpx client whose requests go out by aiohttp: whoever uses it sees httpx's
answers and httpx's errors.
"""

from __future__ import annotations

import asyncio
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
from yarl import URL

#: Node closes a connection that was idle for five seconds: whoever keeps one longer meets a closed door.
KEPT_S = 4


class Wire(httpx.AsyncClient):
    """Connections of one process to one server. The first is opened at the first request."""

    def __init__(self, url: str, *, connections: int, timeout_s: float) -> None:
        """
        Args:
            url: where the requests go, for the proxy and the certificates that the environment has for it.
            connections: requests in flight; more wait, in order.
            timeout_s: seconds that a request may take, once it is its turn.
        """
        super().__init__(transport=httpx.AsyncBaseTransport())
        # aiohttp's own limit lets newcomers past those who wait.
        self._places = asyncio.Semaphore(connections)
        self._patience = aiohttp.ClientTimeout(total=timeout_s)
        self._proxy = _proxy(url)
        self._ssl = httpx.create_ssl_context() if url.startswith("https:") else True
        self._session: aiohttp.ClientSession | None = None

    async def request(self, method: str, url: Any, **given: Any) -> httpx.Response:
        """As httpx has it; supabase-py gives `content`, `params` and `headers`.

        Raises:
            httpx.TransportError: the server could not be asked.
        """
        query = str(given.get("params") or "")
        address = URL(f"{url}?{query}" if query else str(url), encoded=True)
        headers: httpx.Headers = given["headers"]
        try:
            async with (
                self._places,
                self._opened().request(
                    method,
                    address,
                    data=given.get("content"),
                    headers=dict(headers),
                    timeout=self._patience,
                    allow_redirects=False,
                ) as answer,
            ):
                content = await answer.read()
        except TimeoutError as error:
            raise httpx.ReadTimeout(f"no answer within {self._patience.total:.0f} s") from error
        except aiohttp.ClientConnectorError as error:
            # Nothing was sent, so nothing was done.
            raise httpx.ConnectError(str(error)) from error
        except aiohttp.ClientError as error:
            raise httpx.NetworkError(str(error) or type(error).__name__) from error
        # aiohttp has unpacked the content already.
        told = {name: value for name, value in answer.headers.items() if name != "Content-Encoding"}
        asked = httpx.Request(method, str(url), headers=headers)
        return httpx.Response(answer.status, headers=told, content=content, request=asked)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        # Not before a loop runs.
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_S, ssl=self._ssl)
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=jar, proxy=self._proxy)
        return self._session


def _proxy(url: str) -> str | None:
    """The proxy that the environment names for this address, asked once and not with every request."""
    parts = urlsplit(url)
    if urllib.request.proxy_bypass(parts.netloc):
        return None
    return urllib.request.getproxies().get(parts.scheme)
