"""The benches measure what they say: every line function, with real work behind each answer."""

from __future__ import annotations

import inspect
import json
from datetime import date
from pathlib import Path

import psycopg
import pytest

from bench import page, workday
from bench.chart import CHARTS, chart_of
from bench.crowd import add_crowd, notify_all
from bench.lines import CLOCK, Api, Direct
from bench.report import p50, p95, row
from bench.scale import whole_table_reads
from bench.workday import Times, work
from fieldline.measures import BENCHES
from fieldline.store import LineStore
from fieldline.technician_functions import TechnicianFunctions
from tests.support.stacks import Supabase

TODAY = date.fromisoformat(CLOCK[:10])


def functions_of_a_call() -> set[str]:
    """Every function of a technician's call, from its opening to its close."""
    life = {"line_companies", "call_open", "verify_pin", "worker_beat", "call_append", "call_close"}
    return _public(TechnicianFunctions) | life


def _public(store: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(store, inspect.iscoroutinefunction) if not name.startswith("_")}


async def call(supabase: Supabase, way: str) -> Times:
    times = Times()
    async with await psycopg.AsyncConnection.connect(supabase.database_url, autocommit=True) as owner:
        (caller,) = await add_crowd(owner, first=0, count=1, orders_each=4, from_day=-1, orders_per_day=2)
        await notify_all(owner)
        if way == "api":
            store = await LineStore.open(supabase.settings)
            try:
                await work(caller, range(1), TODAY, Api(store).ask, times, ping=Api(store).ping)
            finally:
                await store.aclose()
        else:
            async with Direct.open(supabase.database_url) as direct:
                await work(caller, range(1), TODAY, direct.ask, times, ping=direct.ping)
        left = await owner.execute(
            "select (select status from work_orders where number = %s),"
            " (select count(*) from work_orders f join work_orders w on w.id = f.follow_up_of and w.number = %s),"
            " (select count(*) from stock_movements m join trucks t on t.id = m.truck_id where t.number = %s),"
            " (select status from call_logs where from_number = %s)",
            [caller.orders[0], caller.orders[0], caller.truck, caller.phone],
        )
        assert await left.fetchone() == ("completed", 1, 2, "completed")
    return times


@pytest.mark.parametrize("way", ["api", "direct"])
async def test_a_round_uses_every_function_and_leaves_its_work_behind(supabase: Supabase, way: str) -> None:
    times = await call(supabase, way)
    assert set(times.ms) - {"ping"} == functions_of_a_call()
    assert len(times.ms["ping"]) == sum(len(ms) for name, ms in times.ms.items() if name != "ping")


def test_a_round_repeats_no_request() -> None:
    source = inspect.getsource(workday.round_of)
    assert "again" not in source and source.count("write()") >= 10


def test_percentiles() -> None:
    samples = [float(n) for n in range(1, 101)]
    assert (p50(samples), p95(samples), p95([7.0])) == (50.5, 95.0, 7.0)


def test_row_has_the_shape_that_readers_expect() -> None:
    assert row("a: p50 / ping", "ms", 40, 30.0, 20.0, 5.0) == {
        "name": "a: p50 / ping",
        "unit": "ms",
        "n": 40,
        "ours": 30.0,
        "baseline": 20.0,
        "ratio": 1.5,
        "floor": 5.0,
    }


def test_rows_go_into_their_place_of_the_page() -> None:
    rows = [row("clock_in: p50 / ping", "ms", 40, 30.0, 20.0), row("clock_in: p50 / PostgreSQL", "ms", 40, 30.0, 3.0)]
    before = "a\n<!-- tools -->\nold\n<!-- /tools -->\n<!-- scale -->\nkept\n<!-- /scale -->\n"
    after = page.fill(before, "tools", rows, "a machine")
    assert "old" not in after and "kept" in after and "| clock_in | 30.0 | 1.50 | 10.00 |" in after
    assert page.fill(after, "tools", rows, "a machine") == after


def test_a_chart_of_the_rows_and_the_command_come_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row("digits: p50 / vad", "s", 4, 0.7, 1.4), row("digits: p50 / detector", "s", 4, 0.7, 2.8)]
    for name in CHARTS:
        figure = CHARTS[name][1]
        named = [{**one, "name": str(one["name"]).replace("p50", figure)} for one in rows]
        (tmp_path / f"{name}.json").write_text(json.dumps(named))
        monkeypatch.setattr(page, "PAGE", tmp_path / f"{name}.md")
        monkeypatch.setattr(page, "FOLDER", tmp_path / "charts")
        page.PAGE.write_text(f"<!-- {name} -->\n<!-- /{name} -->\n")
        page.main(name, str(tmp_path / f"{name}.json"), "--short")
        assert f"(charts/{name}.svg)" in page.PAGE.read_text()
        assert f"`fieldline bench {name} --short`" in page.PAGE.read_text()
        assert "1.40" in (tmp_path / "charts" / f"{name}.svg").read_text()


@pytest.mark.parametrize(("name", "thing"), [("load", "5 calls, p95"), ("outage", "ears, hang: silence p95 / starter")])
def test_chart_names_what_the_rows_name(name: str, thing: str) -> None:
    drawn = chart_of(name, [row(thing, "s", 4, 0.7, 1.4), row("something: else / starter", "words", 4, 9.9, 9.9)])
    assert drawn is not None
    assert thing.rsplit(" / ")[0].removesuffix(CHARTS[name][1]).rstrip(":, ") in drawn
    assert "9.90" not in drawn
    assert chart_of("tools", [row("a: p50 / ping", "ms", 1, 1.0, 1.0)]) is None


def test_the_page_has_a_place_for_every_bench() -> None:
    text = page.PAGE.read_text()
    for name in BENCHES:
        assert f"<!-- {name} -->" in text and f"<!-- /{name} -->" in text


def test_finds_what_reads_a_whole_table() -> None:
    plan = """duration: 3.1 ms  plan:
Query Text: select 1
Nested Loop  (cost=0.00..521.15 rows=1 width=32) (actual rows=1 loops=1)
  ->  Seq Scan on trucks t  (cost=0.00..46.14 rows=1006 width=32) (actual rows=9 loops=2)
        Filter: (active AND (company_id = $1))
        Rows Removed by Filter: 2000
  ->  Seq Scan on companies c  (cost=0.00..1.02 rows=2 width=32) (actual rows=2 loops=1)
  ->  Index Scan using x on work_orders w  (cost=0.00..1.02 rows=2 width=32) (actual rows=9000 loops=1)
"""
    assert whole_table_reads(plan) == {"trucks": 4018}
