"""The database's own tests: every file of supabase/tests, each in a transaction that it rolls back itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import LiteralString, cast

import psycopg
import pytest

from tests.support.stacks import Databases

FOLDER = Path(__file__).resolve().parents[1] / "supabase" / "tests"
PRELUDE = FOLDER / "_prelude.sql"
FILES = sorted(path for path in FOLDER.glob("*.sql") if path != PRELUDE)


def statements(path: Path) -> LiteralString:
    """The file's text; it is ours, so it may be run as it stands."""
    return cast(LiteralString, path.read_text())


@pytest.fixture(scope="module")
async def peopled(postgres: Databases) -> AsyncIterator[str]:
    url = await postgres.copy()
    async with await psycopg.AsyncConnection.connect(url) as owner:
        await owner.execute(statements(PRELUDE))
    yield url
    await postgres.drop(url)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_rules_of_the_database_hold(path: Path, peopled: str) -> None:
    async with await psycopg.AsyncConnection.connect(peopled, autocommit=True) as owner:
        await owner.execute(statements(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_plans_its_checks_and_rolls_back(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("--")]
    assert lines[0] == "begin;"
    assert lines[1].startswith("select tests.plan(")
    assert lines[-2:] == ["select tests.done();", "rollback;"]
