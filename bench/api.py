"""`fieldline bench api`: a hundred people of the office at once, beside the same queries straight on the REST layer.

Each person signs in with a token of their own and asks, one after the other, what a console asks: a page of people, of
orders, of parts and of customers, and one order. The same hundred ask the REST layer for the same rows with the same
tokens, in turns with the API, so that both meet the same machine. An answer that is not 200 is an error.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import jwt

from admin_api.resource import Resource
from admin_api.routers.customers import customers
from admin_api.routers.employees import employees
from admin_api.routers.inventory import items
from admin_api.routers.work_orders import work_orders
from bench.lines import Bench, scratch
from bench.report import Row, p50, p95, row, show

PEOPLE = 100
#: Turns of API and REST; in each, everybody asks everything once.
TURNS = 4
#: Node closes an idle connection after five seconds: whoever keeps one longer meets a closed door.
KEPT_S = 3
AIM_THROUGHPUT = 0.7
COMPANY = "f1e1d000-0000-4000-8000-000000000001"
UNLIMITED = {"FIELDLINE_RATE_LIMIT_PER_USER": "1000000", "FIELDLINE_RATE_LIMIT_PER_ADDRESS": "1000000"}
#: Path at the API, and the resource behind it, whose rows the REST layer is asked for.
PAGES: tuple[tuple[str, Resource, str], ...] = (
    ("employees", employees, "name.asc,id.asc"),
    ("work-orders", work_orders, "number.asc,id.asc"),
    ("inventory", items, "name.asc,id.asc"),
    ("customers", customers, "name.asc,id.asc"),
)
PAGE = 20


@dataclass
class Times:
    """What one way has shown: seconds of every answer, seconds of the turns, and errors."""

    answers: list[float] = field(default_factory=list)
    walls: list[float] = field(default_factory=list)
    errors: int = 0

    @property
    def throughput(self) -> float:
        """Answers per second."""
        return len(self.answers) / sum(self.walls)


async def run() -> list[dict[str, Any]]:
    """Measure, print, and return the rows."""
    # Only local mode takes limits as high as these.
    os.environ.update(UNLIMITED)
    async with scratch() as bench:
        tokens = await _people(bench)
        await bench.stack.add("api")
        api, rest = Times(), Times()
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=PEOPLE, keepalive_timeout=KEPT_S)
        ) as http:
            await _turn(http, bench, tokens, _asks_api, Times())
            await _turn(http, bench, tokens, _asks_rest, Times())
            for _ in range(TURNS):
                await _turn(http, bench, tokens, _asks_api, api)
                await _turn(http, bench, tokens, _asks_rest, rest)
    rows = _rows(api, rest)
    show(
        f"{PEOPLE} people at once on the admin API",
        rows,
        "baseline: the same rows with the same tokens straight from the REST layer, in turns; one process each",
        f"aim: no errors, at least {AIM_THROUGHPUT} of the REST layer's throughput",
    )
    return [dict(r) for r in rows]


def _rows(api: Times, rest: Times) -> list[Row]:
    n = len(api.answers)
    return [
        row("throughput / REST", "answers/s", n, api.throughput, rest.throughput),
        row("p50 / REST", "ms", n, p50(api.answers) * 1000, p50(rest.answers) * 1000),
        row("p95 / REST", "ms", n, p95(api.answers) * 1000, p95(rest.answers) * 1000),
        row("errors / REST", "answers", n, api.errors, rest.errors),
    ]


async def _people(bench: Bench) -> list[str]:
    """A hundred members, dispatchers and viewers, and their tokens."""
    tokens = []
    for n in range(PEOPLE):
        found = await bench.owner.execute(
            "insert into auth.users (id, email) values (gen_random_uuid(), %s) returning id", [f"p{n}@people.example"]
        )
        user = await found.fetchone()
        assert user
        role = "viewer" if n % 2 else "dispatcher"
        await bench.owner.execute("insert into public.memberships values (%s, %s, %s)", [COMPANY, user[0], role])
        claims = {"sub": str(user[0]), "aud": "authenticated", "role": "authenticated", "exp": time.time() + 3600}
        tokens.append(jwt.encode(claims, bench.stack.info.supabase_jwt_secret, "HS256"))
    return tokens


def _asks_api(bench: Bench) -> list[tuple[str, dict[str, str]]]:
    base = f"{bench.stack.info.api_url}/api/v1"
    pages = [
        (f"{base}/{path}", {"limit": str(PAGE), "sort": order.partition(".")[0]}) for path, _resource, order in PAGES
    ]
    return [*pages, (f"{base}/work-orders/7", {})]


def _asks_rest(bench: Bench) -> list[tuple[str, dict[str, str]]]:
    base = f"{bench.stack.info.supabase_url}/rest/v1"
    mine = {"company_id": f"eq.{COMPANY}"}
    pages = [
        (
            f"{base}/{resource.source}",
            {**mine, "select": resource.columns, "order": order, "limit": str(PAGE), "offset": "0"},
        )
        for _path, resource, order in PAGES
    ]
    return [*pages, (f"{base}/{work_orders.source}", {**mine, "select": work_orders.columns, "id": "eq.7"})]


async def _turn(http: aiohttp.ClientSession, bench: Bench, tokens: list[str], asks: Any, times: Times) -> None:
    """Everybody asks everything once, all at the same time."""
    started = time.perf_counter()
    await asyncio.gather(*(_person(http, bench, token, asks(bench), times) for token in tokens))
    times.walls.append(time.perf_counter() - started)


async def _person(
    http: aiohttp.ClientSession, bench: Bench, token: str, asks: list[tuple[str, dict[str, str]]], times: Times
) -> None:
    headers = {
        "Authorization": f"Bearer {token}",
        "apikey": bench.stack.info.supabase_publishable_key,
        "Prefer": "count=exact",
    }
    for url, params in asks:
        started = time.perf_counter()
        try:
            async with http.get(url, params=params, headers=headers) as answer:
                await answer.read()
                # A page that is not the whole list answers 206 on the REST layer.
                times.errors += answer.status not in (200, 206)
        except aiohttp.ClientError:
            times.errors += 1
        times.answers.append(time.perf_counter() - started)
