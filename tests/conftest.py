"""What every test can ask for.

Without anything running
    clean_environ   pytest's monkeypatch in an empty folder, no variable of Fieldline's set

Database (one PostgreSQL per session, migrated and seeded, its clock started at Wednesday 2026-03-04 09:00
America/New_York)
    postgres        Databases: `await postgres.copy()` gives the owner's URL of a new database, `.drop(url)`
    database        the owner's URL of a fresh copy, for this test only
    sql             psycopg.AsyncConnection of the owner on a shared copy, in a transaction that is rolled back

Supabase API on it, with the line account and an admin of the demo company
    supabase        Supabase, its rows and clock put back before each test: `.settings` (of a worker), `.info`
                    (StackInfo: addresses, keys, accounts), `.database_url` (owner), `await .reset()`
    store           LineStore, signed in as the line account
    owner           psycopg.AsyncConnection of the owner, each statement at once

Rooms (marked `room` by themselves; skipped with the reason where livekit-server cannot be had)
    livekit         as `supabase`, and livekit-server runs: `.info.livekit_url`, `.settings`
    stack           as `livekit`, and worker, admin API and duties run: a lab phone can call. `.stack` is the
                    Stack, with `stop_part(name)` and `start_part(name)`, and `.stack.carrier.numbers` says who picks
                    up when the line rings a number

Session-wide objects behind them, for fixtures of a wider scope: `session_stack`, `session_supabase`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Generator
from pathlib import Path

import psycopg
import pytest

from fieldline.settings import Settings, get_settings, load_settings
from fieldline.stack import Stack
from fieldline.stack.cache import CannotBring
from fieldline.store import LineStore
from tests.support import diagnosis, environ, required
from tests.support.lines import Connection
from tests.support.stacks import SEEDED, WEDNESDAY, WITH_ACCOUNTS, Databases, Supabase

#: Where the parts are brought to; the only setting of the operator's that tests keep.
KEPT = ("FIELDLINE_CACHE_DIR",)


def pytest_configure() -> None:
    """No key, address or `.env` of the operator's reaches a test: nothing is paid for or written elsewhere."""
    Settings.model_config["env_file"] = None
    for field in Settings.model_fields:
        for name in environ.variables(field):
            if name not in KEPT:
                os.environ.pop(name, None)
    get_settings.cache_clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    required.mark_rooms(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    required.refuse_skip(item, report)
    diagnosis.keep_traces(item, report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    diagnosis.tell_earlier_tries(terminalreporter)


@pytest.fixture
def clean_environ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    environ.clean(monkeypatch, tmp_path)
    return monkeypatch


@pytest.fixture(scope="session")
async def session_stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    home = tmp_path_factory.mktemp("fieldline")
    async with Stack(
        home, at=WEDNESDAY, scratch=True, parts=["postgres"], carrier=True, settings=load_settings()
    ) as stack:
        yield stack


@pytest.fixture(scope="session")
async def postgres(session_stack: Stack) -> Databases:
    databases = Databases(session_stack)
    await databases.keep(SEEDED)
    return databases


@pytest.fixture
async def database(postgres: Databases) -> AsyncIterator[str]:
    url = await postgres.copy()
    yield url
    await postgres.drop(url)


@pytest.fixture(scope="session")
async def shared_copy(postgres: Databases) -> str:
    return await postgres.copy()


@pytest.fixture
async def sql(shared_copy: str) -> AsyncIterator[psycopg.AsyncConnection]:
    async with await psycopg.AsyncConnection.connect(shared_copy) as connection:
        yield connection
        await connection.rollback()


@pytest.fixture(scope="session")
async def session_supabase(postgres: Databases) -> Supabase:
    await postgres.stack.add("rest")
    await postgres.keep(WITH_ACCOUNTS)
    return Supabase(postgres.stack, postgres)


@pytest.fixture
async def supabase(request: pytest.FixtureRequest, session_supabase: Supabase) -> Supabase:
    if "stack" not in request.fixturenames:
        # Duties of an earlier test's stack would do this test's work.
        await session_supabase.stack.stop_part("duties")
    await session_supabase.reset()
    return session_supabase


async def _with(supabase: Supabase, *parts: str) -> Supabase:
    try:
        await supabase.stack.add(*parts)
    except CannotBring as error:
        pytest.skip(str(error))
    return supabase


@pytest.fixture
async def livekit(supabase: Supabase) -> Supabase:
    return await _with(supabase, "livekit")


@pytest.fixture
async def stack(supabase: Supabase) -> Supabase:
    return await _with(supabase, "livekit", "api", "worker", "duties")


@pytest.fixture
async def store(supabase: Supabase) -> AsyncIterator[LineStore]:
    store = await LineStore.open(supabase.settings)
    yield store
    await store.aclose()


@pytest.fixture
async def owner(supabase: Supabase) -> AsyncIterator[Connection]:
    async with await psycopg.AsyncConnection.connect(supabase.database_url, autocommit=True) as connection:
        yield connection
