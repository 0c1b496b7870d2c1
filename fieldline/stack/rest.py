"""The Supabase API (PostgREST- and GoTrue-compatible): @supabase/lite on Node, on our PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from fieldline.errors import StackError
from fieldline.stack.ports import LOOPBACK
from fieldline.stack.state import Secrets
from fieldline.stack.supervisor import Part
from fieldline.stack.web import answers

API_ROLE = "fieldline_api"
ADAPTER = Path(__file__).with_name("lite.config.mjs")
CONFIG = Path(__file__).resolve().parents[2] / "supabase" / "config.toml"
#: Connections of the API to PostgreSQL; 16 callers at once find one each.
POOL = 16


@dataclass
class Rest:
    """The API of one database. `modules` is the folder node_modules, `folder` is where it may write."""

    node: Path
    modules: Path
    folder: Path
    secrets: Secrets
    database_port: int
    port: int
    database: str = "postgres"

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def part(self) -> Part:
        """How the supervisor runs it. Never in admin mode, where a request without a key is almighty."""
        self._place_adapter()
        return Part(
            name="rest",
            command=[*self._lite(), "start", "--no-admin", "--config", "lite.config.mjs"],
            probe=self._healthy,
            env=self._environment(),
            cwd=self.folder,
            within=60,
        )

    async def make_auth(self) -> None:
        """Make the auth tables, which the migrations refer to, with lite's own definition of them.

        Raises:
            StackError: lite failed; the message has what it said.
        """
        self._place_adapter()
        await asyncio.to_thread(self._make_auth)

    def _make_auth(self) -> None:
        command = [*self._lite(), "migration", "up", "--config", "lite.config.mjs"]
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=self._environment(),
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            raise StackError("The auth tables were not made within 60 s.", hint=f"See {CONFIG}.") from None
        if done.returncode != 0:
            raise StackError(f"The auth tables could not be made:\n{done.stdout}{done.stderr}")

    async def _healthy(self) -> bool:
        return await answers(f"{self.url}/auth/v1/health", apikey=self.secrets.publishable_key)

    def _lite(self) -> list[str]:
        return [str(self.node), str(self.modules / "@supabase" / "lite" / "dist" / "cli" / "index.js")]

    def _place_adapter(self) -> None:
        """Node looks for packages beside the file that imports them, so the adapter stands beside a link."""
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ADAPTER, self.folder / ADAPTER.name)
        link = self.folder / "node_modules"
        if not link.is_symlink() or link.readlink() != self.modules:
            link.unlink(missing_ok=True)
            link.symlink_to(self.modules, target_is_directory=True)

    def _environment(self) -> dict[str, str]:
        address = f"{API_ROLE}:{self.secrets.api_password}@{LOOPBACK}:{self.database_port}/{self.database}"
        kept = ("PATH", "HOME", "LANG", "TMPDIR")
        return {
            **{name: os.environ[name] for name in kept if name in os.environ},
            "DO_NOT_TRACK": "1",
            "NODE_ENV": "production",
            "FIELDLINE_SUPABASE_CONFIG": str(CONFIG),
            "FIELDLINE_API_DATABASE_URL": f"postgres://{address}",
            "FIELDLINE_REST_PORT": str(self.port),
            "FIELDLINE_REST_POOL": str(POOL),
            "SUPABASE_JWT_SECRET": self.secrets.jwt_secret,
            "SUPABASE_PUBLISHABLE_KEY": self.secrets.publishable_key,
            "SUPABASE_SECRET_KEY": self.secrets.secret_key,
        }
