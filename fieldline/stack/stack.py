"""The local stack: PostgreSQL, the Supabase API, livekit-server, admin API, worker and duties as one thing.

    async with Stack(Path(".fieldline")) as stack:
        print(stack.info.supabase_url)

A home (`.fieldline/`) keeps its database. With `scratch=True` the stack lives in a folder of its own under
the home, so it can run beside a kept one, and that folder goes when the stack stops.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Collection, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Self

from fieldline.errors import StackError
from fieldline.settings import Settings, get_settings
from fieldline.stack import accounts, migrate
from fieldline.stack.cache import Cache
from fieldline.stack.carrier import carrier_before
from fieldline.stack.golang import bring_livekit
from fieldline.stack.guard import sweep
from fieldline.stack.info import DATABASE, StackInfo, describe, own_livekit
from fieldline.stack.livekit import LiveKit
from fieldline.stack.node import bring_packages, find_node, postgres_package
from fieldline.stack.plan import ALL, python_part, with_needs
from fieldline.stack.ports import Ports
from fieldline.stack.postgres import Postgres
from fieldline.stack.rest import Rest
from fieldline.stack.scratch import scratch_home
from fieldline.stack.state import Home, Secrets
from fieldline.stack.supervisor import Part, Supervisor

if TYPE_CHECKING:
    from fieldline.lab.carrier import Carrier


class Stack:
    """Starts, supervises and stops the parts asked for, and what those need.

    Args:
        home: the folder with state, secrets, logs and database.
        at: the time the database's clock starts from ("2026-03-04 09:00"); None is real time.
        scratch: a new database that is gone afterwards, seeded relative to `at`.
        parts: names out of `ALL`.
        carrier: put the carrier stand-in before our own livekit-server, so that the line can ring telephones:
            `carrier.numbers` says who picks up. An outside LiveKit has a carrier of its own.
        settings: cache, ports and LiveKit as asked for; by default from the environment.
        tell: gets one sentence when a part died and was started again.

    `supervisor`, `postgres`, `rest` and `info` are there once `start` has returned.
    """

    home: Home
    supervisor: Supervisor
    postgres: Postgres
    rest: Rest
    info: StackInfo
    carrier: Carrier | None = None

    def __init__(
        self,
        home: Path,
        *,
        at: str | None = None,
        scratch: bool = False,
        parts: Collection[str] = ALL,
        carrier: bool = False,
        settings: Settings | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.parts = with_needs(parts)
        self._with_carrier = carrier
        self._at = migrate.parse_time(at).isoformat() if at else None
        self._kept_home, self._scratch, self._tell = Path(home).absolute(), scratch, tell
        self._settings = settings or get_settings()
        self._cache = Cache(self._settings.cache_dir)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start everything; returns when every part is ready.

        Raises:
            StackError: a part cannot be brought, started or made ready. What had started is stopped again.
        """
        self._take_home()
        try:
            await asyncio.to_thread(self._plan)
            await self.add(*self.parts)
        except BaseException:
            await asyncio.shield(self.stop())
            raise

    async def add(self, *parts: str) -> None:
        """Start `parts`, and what they need, beside what runs already.

        Raises:
            StackError: a part cannot be brought, started or made ready.
        """
        new = [name for name in with_needs(parts) if name not in self.supervisor]
        self.parts = with_needs([*self.parts, *new])
        await asyncio.to_thread(self._bring, new)
        if "postgres" in new:
            await self._start_database()
        await _all(self._start_rest(new), self._start_livekit(new))
        self.info = await self._information()
        await _all(*(self.start_part(name) for name in new if name in ("api", "worker")))
        if "duties" in new:  # last: the line can answer without them, and the worker wants the processor
            await self.start_part("duties")
        self._write_state()

    async def stop(self) -> None:
        """Stop everything, last started first; the scratch folder goes. Safe to call twice."""
        if self.carrier is not None:
            await self.carrier.__aexit__()
            self.carrier = None
        await self.supervisor.close()
        self.home.release()
        if self._scratch:
            shutil.rmtree(self.home.root, ignore_errors=True)

    async def start_part(self, name: str) -> None:
        """Start one part again that `stop_part` stopped."""
        await self.supervisor.start(self._part(name))

    async def stop_part(self, name: str) -> None:
        """Stop one part; nothing starts it again until `start_part`."""
        await self.supervisor.stop(name)

    def _take_home(self) -> None:
        if self._scratch:
            self.home = scratch_home(self._kept_home)
        else:
            self.home = Home(self._kept_home)
            self.home.prepare()
            self.home.acquire()
        self.supervisor = Supervisor(self.home.logs, self.home.database, self._tell, self._write_state)

    def _plan(self) -> None:
        """Clear what a killed stack left here, choose ports, and write it all down before the first child."""
        last = self.home.read_state()
        sweep(set(), self.home.database, last.get("mark", ""))
        self._secrets: Secrets = self.home.secrets()
        self._ports = Ports.chosen(self._settings, last.get("ports", {}))
        self._server = self._outside_livekit(last)
        self._write_state()

    def _outside_livekit(self, last: dict[str, object]) -> str | None:
        """LIVEKIT_URL, unless it is only this home's own server of last time (out of `fieldline env`)."""
        asked = self._settings.livekit_url
        if asked is None or asked == last.get("livekit_url"):
            return None
        if not (self._settings.livekit_api_key and self._settings.livekit_api_secret):
            raise StackError(
                f"LIVEKIT_URL is {asked}, but its keys are missing.",
                hint="Set LIVEKIT_API_KEY and LIVEKIT_API_SECRET too, or unset LIVEKIT_URL for a local server.",
            )
        return asked

    def _bring(self, parts: list[str]) -> None:
        if "postgres" in parts:
            self._bring_database()
        if "livekit" in parts and self._server is None:
            self._livekit = LiveKit(
                bring_livekit(self._cache),
                self.home.root,
                self._secrets,
                port=self._ports.livekit,
                udp_port=self._ports.livekit_udp,
                api_url=f"http://127.0.0.1:{self._ports.api}",
            )

    def _bring_database(self) -> None:
        node = find_node()
        modules = bring_packages(self._cache, node)
        self.postgres = Postgres(
            modules / postgres_package() / "native",
            self.home.database,
            port=self._ports.postgres,
            password=self._secrets.owner_password,
            scratch=self._scratch,
        )
        self.rest = Rest(
            node.program,
            modules,
            self.home.rest,
            self._secrets,
            database_port=self._ports.postgres,
            port=self._ports.rest,
            database=DATABASE,
        )

    async def _start_database(self) -> None:
        await self.postgres.prepare()
        await self.start_part("postgres")
        database = self.postgres.url(DATABASE)
        await migrate.ensure_database(self.postgres.url(), DATABASE)
        await migrate.bootstrap(database, self._secrets.api_password)
        if not await migrate.has_auth(database):
            await self.rest.make_auth()
        applied = await migrate.migrate(database)
        await migrate.set_clock(database, self._at)
        if applied:
            await migrate.seed(database)

    async def _start_rest(self, parts: list[str]) -> None:
        if "rest" in parts:
            await self.start_part("rest")
            await accounts.ensure_accounts(self.rest, self.postgres.url(DATABASE))

    async def _start_livekit(self, parts: list[str]) -> None:
        if "livekit" in parts and self._server is None:
            await self.start_part("livekit")
            if self._with_carrier:
                self.carrier = await carrier_before(self._ports, self._secrets)

    def _part(self, name: str) -> Part:
        match name:
            case "postgres":
                return self.postgres.part()
            case "rest":
                return self.rest.part()
            case "livekit":
                return self._livekit.part()
        return python_part(name, self.info)

    async def _information(self) -> StackInfo:
        token = ""
        if "rest" in self.supervisor:
            token = await accounts.sign_in(self.rest, self._secrets.admin_email, self._secrets.admin_password)
        return describe(
            self.home.root,
            self._secrets,
            self._ports,
            settings=self._settings,
            outside_livekit=self._server,
            carrier=self.carrier is not None,
            token=token,
        )

    def _write_state(self) -> None:
        """Before the first child, so that even a stack killed at once can be swept; and when all is ready."""
        self.home.write_state(
            pid=os.getpid(),
            mark=self.supervisor.mark,
            ports=self._ports.as_state(),
            parts=self.supervisor.pids,
            ready=hasattr(self, "info"),
            at=self._at,
            livekit_url=own_livekit(self._ports, carrier=self.carrier is not None),
            carrier=self.carrier is not None,
            outside_livekit=self._server,
        )


async def _all(*starting: Coroutine[None, None, None]) -> None:
    """Wait for all; when one fails the others are cancelled, and its own error is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in starting:
                group.create_task(one)
    except* StackError as errors:
        raise errors.exceptions[0] from None
