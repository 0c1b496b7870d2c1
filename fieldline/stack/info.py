"""What a running stack tells: addresses, keys, accounts, and the environment of each part."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fieldline.settings import Settings
from fieldline.stack.ports import LOOPBACK, Ports
from fieldline.stack.state import Secrets

DATABASE = "fieldline"

#: What only maintenance may hold; no part that answers calls or the web gets it.
MAINTENANCE_ONLY = ("DATABASE_URL", "SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY")


@dataclass(frozen=True)
class StackInfo:
    """Addresses and keys of one stack. Parts that do not run have their address all the same."""

    home: Path
    supabase_url: str
    supabase_publishable_key: str
    supabase_secret_key: str
    supabase_jwt_secret: str
    database_url: str
    livekit_url: str
    livekit_api_key: str
    livekit_api_secret: str
    api_port: int
    worker_port: int
    metrics_port: int
    line_email: str
    line_password: str
    files_secret: str
    admin_email: str
    admin_password: str
    admin_token: str

    @property
    def api_url(self) -> str:
        return f"http://{LOOPBACK}:{self.api_port}"

    @property
    def console_url(self) -> str:
        return f"{self.api_url}/console"

    @property
    def worker_url(self) -> str:
        return f"http://{LOOPBACK}:{self.worker_port}"

    @property
    def env(self) -> dict[str, str]:
        """Every variable that `fieldline env` prints: enough for any command against this stack."""
        return {
            "FIELDLINE_ENV": "local",
            "FIELDLINE_HOME": str(self.home),
            "FIELDLINE_API_URL": self.api_url,
            "FIELDLINE_CONSOLE_URL": self.console_url,
            "FIELDLINE_API_PORT": str(self.api_port),
            "FIELDLINE_WORKER_PORT": str(self.worker_port),
            "FIELDLINE_METRICS_PORT": str(self.metrics_port),
            "FIELDLINE_LINE_EMAIL": self.line_email,
            "FIELDLINE_LINE_PASSWORD": self.line_password,
            "FIELDLINE_FILES_SECRET": self.files_secret,
            "LIVEKIT_URL": self.livekit_url,
            "LIVEKIT_API_KEY": self.livekit_api_key,
            "LIVEKIT_API_SECRET": self.livekit_api_secret,
            "SUPABASE_URL": self.supabase_url,
            "SUPABASE_PUBLISHABLE_KEY": self.supabase_publishable_key,
            "SUPABASE_SECRET_KEY": self.supabase_secret_key,
            "SUPABASE_JWT_SECRET": self.supabase_jwt_secret,
            "DATABASE_URL": self.database_url,
        }

    def part_env(self, *, without: tuple[str, ...] = ()) -> dict[str, str]:
        """The environment of a child: the operator's own (provider keys), ours over it, no maintenance keys."""
        hidden = {*MAINTENANCE_ONLY, *without}
        everything = {**loopback_direct(os.environ), **self.env, "PYTHONUNBUFFERED": "1"}
        return {name: value for name, value in everything.items() if name not in hidden}

    def as_json(self) -> dict[str, object]:
        """For `fieldline up --json`: the variables, and the administrator to sign in as."""
        return {
            **self.env,
            "admin_email": self.admin_email,
            "admin_password": self.admin_password,
            "admin_token": self.admin_token,
        }


def describe(
    home: Path,
    secrets: Secrets,
    ports: Ports,
    *,
    settings: Settings,
    outside_livekit: str | None = None,
    carrier: bool = False,
    token: str = "",
) -> StackInfo:
    """The stack of a home, put together from what it keeps; an outside LiveKit has its keys in `settings`."""
    key, secret = secrets.livekit_api_key, secrets.livekit_api_secret
    if outside_livekit and settings.livekit_api_key and settings.livekit_api_secret:
        key, secret = settings.livekit_api_key, settings.livekit_api_secret.get_secret_value()
    return StackInfo(
        home=home,
        supabase_url=f"http://{LOOPBACK}:{ports.rest}",
        supabase_publishable_key=secrets.publishable_key,
        supabase_secret_key=secrets.secret_key,
        supabase_jwt_secret=secrets.jwt_secret,
        database_url=owner_url(secrets.owner_password, ports.postgres, DATABASE),
        livekit_url=outside_livekit or own_livekit(ports, carrier=carrier),
        livekit_api_key=key,
        livekit_api_secret=secret,
        api_port=ports.api,
        worker_port=ports.worker,
        metrics_port=ports.metrics,
        line_email=secrets.line_email,
        line_password=secrets.line_password,
        files_secret=secrets.files_secret,
        admin_email=secrets.admin_email,
        admin_password=secrets.admin_password,
        admin_token=token,
    )


def own_livekit(ports: Ports, *, carrier: bool) -> str:
    """Where clients find the stack's own livekit-server: behind the carrier stand-in, where there is one."""
    return f"ws://{LOOPBACK}:{ports.carrier if carrier else ports.livekit}"


def owner_url(password: str, port: int, database: str) -> str:
    """The database owner's address; it opens everything and is for maintenance only."""
    return f"postgresql://postgres:{password}@{LOOPBACK}:{port}/{database}"


def loopback_direct(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment, with a proxy (if there is one) told to leave loopback alone."""
    result = dict(environment)
    if any(name.lower() in ("http_proxy", "https_proxy", "all_proxy") for name in result):
        for name in ("NO_PROXY", "no_proxy"):
            kept = [host for host in result.get(name, "").split(",") if host]
            result[name] = ",".join([*kept, "127.0.0.1", "localhost"])
    return result
