"""`fieldline bench directory`: finding somebody among 10,000 employees, through the API, beside a bare ping.

The names are common ones, so that a first name alone fits a hundred people and a surname as many; they are asked for as
callers do: in full, half, misspelt, by sound, by role and by department. The same search straight on PostgreSQL is the
floor, and PostgreSQL itself says whether any statement inside read the whole table.
"""

from __future__ import annotations

import re
import time
from itertools import product
from typing import Any

from bench.lines import Bench, Direct, scratch
from bench.report import Row, console, p50, p95, pivot, row
from fieldline.errors import Refusal

EMPLOYEES = 10_000
ROUNDS, WARM_UP = 12, 3
AIM_P95_MS = 50.0
NUMBER, CALLER = "+12025550100", "+12025550188"


def words(text: str) -> list[str]:
    """The words of a list that would be long in quotes and commas."""
    return text.split()


FIRST = words(
    """
    James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph
    Jessica Thomas Sarah Charles Karen Christopher Lisa Daniel Nancy Matthew Betty Anthony Sandra Mark Margaret
    Donald Ashley Steven Kimberly Andrew Emily Paul Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Melissa
    George Deborah Timothy Stephanie Ronald Rebecca Jason Sharon Edward Laura Jeffrey Cynthia Ryan Dorothy Jacob
    Amy Nicholas Kathleen Gary Angela Eric Shirley Jonathan Emma Stephen Brenda Larry Pamela Justin Nicole Scott
    Anna Brandon Samantha Benjamin Katherine Samuel Christine Gregory Helen Alexander Debra Patrick Rachel Frank
    Carolyn Raymond Janet Jack Maria Dennis Catherine Jerry Heather
    """
)
LAST = words(
    """
    Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson
    Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis
    Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera
    Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart
    Morris Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim
    Cox Ward Richardson Watson Brooks Chavez Wood James Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo
    Sanders Patel Myers Long Ross Foster
    """
)
ROLES = words(
    """
    support cameras billing alarms access sales quotes payroll permits wiring boilers heating cooling controls
    """
)


#: What is asked, by kind: what was heard, and a department where one narrows it.
ASKED: dict[str, tuple[tuple[str, str | None], ...]] = {
    "full name": (("Katherine Hernandez", None), ("Timothy Foster", None), ("Amy Patel", None)),
    "misspelt": (("Kathrin Hernandes", None), ("Timoty Forster", None), ("Stefanie Thomson", None)),
    "by sound": (("Catharine Mendosa", None), ("Jeffry Filips", None), ("Geri Gutyerez", None)),
    "first name": (("Katherine", None), ("somebody called Brandon", None), ("Debra", None)),
    "title and surname": (("Mister Castillo", None), ("Missus Nguyen", None), ("doctor Ross please", None)),
    "role": (("whoever does cameras", None), ("somebody for boilers", None), ("the payroll person", None)),
    "department": (("somebody in billing", None), ("sales", None), ("dispatch", None)),
    "name in a department": (("Katherine", "sales"), ("Mister King", "billing"), ("Debra Reed", "support")),
    "nobody": (("Zebulon Quark", None), ("Xavier Oyelaran", None), ("purple monkey", None)),
}


async def run() -> list[dict[str, Any]]:
    """Measure, print, and return the rows."""
    async with scratch() as bench:
        await _fill(bench)
        call_id = (await bench.api.ask("call_open", room="bench", from_number=CALLER, to_number=NUMBER))["call_id"]
        async with bench.direct() as direct:
            times = await _measure(bench, direct, call_id)
        scans = await _scans(bench, call_id)
    rows = [r for kind, ways in times.items() for r in _rows(kind, *ways)]
    worst = max(r["ours"] for r in rows if "p95" in r["name"])
    pivot(
        f"Directory search, {EMPLOYEES:,} employees, milliseconds",
        rows,
        "baseline: a ping through the same API before each search; the floor is the search straight on PostgreSQL",
        f"aim: p95 at most {AIM_P95_MS:.0f} ms; worst {worst:.1f} ms",
    )
    console.print(f"  read from beginning to end: {', '.join(scans) or 'no large table'}", style="dim")
    return [dict(r) for r in rows]


Ways = tuple[list[float], list[float], list[float]]


def _rows(kind: str, ours: list[float], pings: list[float], floor: list[float]) -> list[Row]:
    return [
        row(f"{kind}: p50 / ping", "ms", len(ours), p50(ours), p50(pings), p50(floor)),
        row(f"{kind}: p95 / ping", "ms", len(ours), p95(ours), p95(pings), p95(floor)),
    ]


async def _measure(bench: Bench, direct: Direct, call_id: str) -> dict[str, Ways]:
    times: dict[str, Ways] = {kind: ([], [], []) for kind in ASKED}
    for n in range(WARM_UP + ROUNDS):
        for kind, asked in ASKED.items():
            for heard, department in asked:
                given = {"call_id": call_id, "heard": heard, "department": department}
                ping = await _timed(bench.api.ping())
                ours = await _timed(bench.api.ask("find_person", **given))
                floor = await _timed(direct.ask("find_person", **{k: v for k, v in given.items() if v is not None}))
                if n >= WARM_UP:
                    for found, ms in zip(times[kind], (ours, ping, floor), strict=True):
                        found.append(ms)
    return times


async def _timed(asking: Any) -> float:
    """Milliseconds; a search that finds nobody is refused, and that is an answer too."""
    began = time.perf_counter()
    try:
        await asking
    except Refusal:
        pass
    except Exception as error:
        if getattr(error, "sqlstate", None) != "FL081":
            raise
    return (time.perf_counter() - began) * 1000


async def _fill(bench: Bench) -> None:
    """Every first name with every last name, over departments, offices and roles."""
    await bench.owner.execute(
        """insert into public.employees (company_id, name, phone, email, department_id, office, roles, routing_priority)
        select d.company_id, n.name, '+1303' || lpad(n.n::text, 7, '0'), 'p' || n.n || '@big.example', d.id,
          'Office ' || n.n %% 9, array[(%(roles)s::text[])[1 + n.n %% %(count)s]], n.n %% 100
        from unnest(%(names)s::text[]) with ordinality n (name, n)
        join (select d.*, row_number() over (order by d.name) - 1 as nth, count(*) over () as total
          from public.departments d join public.phone_numbers p on p.company_id = d.company_id
            where p.number = %(to)s) d
          on d.nth = n.n %% d.total""",
        {
            "names": [f"{first} {last}" for first, last in product(FIRST, LAST)][:EMPLOYEES],
            "roles": ROLES,
            "count": len(ROLES),
            "to": NUMBER,
        },
    )
    await bench.owner.execute("analyze public.employees")


def _whole_reads(plan: str) -> list[str]:
    """The query texts of plans that read all of employees."""
    query = re.search(r"Query Text: (.*)", plan)
    return [f"employees, by {query[1] if query else '?'}"] if re.search(r"Seq Scan on employees\b", plan) else []


async def _scans(bench: Bench, call_id: str) -> list[str]:
    """Large tables that a statement inside the search read as a whole, by PostgreSQL's own account."""
    found: set[str] = set()
    async with bench.direct() as direct:
        await direct.explain(lambda text: found.update(_whole_reads(text)))
        for asked in ASKED.values():
            for heard, department in asked:
                given = {"call_id": call_id, "heard": heard} | ({"department": department} if department else {})
                await _timed(direct.ask("find_person", **given))
    return sorted(found)
