"""The house: who may import whom, what a name resolves to, and how long a file may grow."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.check

ROOT = Path(__file__).parent.parent
#: Each room and the rooms it may import from, besides itself.
MAY_IMPORT = {
    "fieldline": set(),
    "agent": {"fieldline"},
    "admin_api": {"fieldline"},
    "sip": {"fieldline"},
    "bench": {"fieldline", "agent", "admin_api", "sip"},
}
#: The one place that starts the rooms.
DOOR = Path("fieldline/cli.py")
MOST_LINES = 300
#: Written by a program from the schema, so nobody reads it from top to bottom.
GENERATED = {"fieldline/models.py"}
#: Besides settings.py: what starts programs hands them an environment, and the worker names itself to its jobs.
MAY_READ_ENVIRONMENT = (
    "fieldline/settings.py",
    "fieldline/stack",
    "fieldline/lab",
    "fieldline/backup.py",
    "agent/offline/espeak.py",
    "agent/worker.py",
    "agent/server.py",
    "agent/job.py",
)


def sources(*rooms: str) -> list[Path]:
    return [path.relative_to(ROOT) for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def imports(path: Path) -> set[str]:
    """Top-level names that a file imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_imports_point_one_way() -> None:
    wrong = [
        f"{path} imports {name}"
        for path in sources(*MAY_IMPORT)
        for name in sorted(imports(path) & set(MAY_IMPORT) - MAY_IMPORT[path.parts[0]] - {path.parts[0]})
        if path != DOOR
    ]
    assert wrong == []


def test_an_import_inside_a_function_counts(tmp_path: Path) -> None:
    inner = tmp_path / "inner.py"
    inner.write_text("def f():\n    from agent.call import Call\n    import admin_api.app as a\n")
    assert imports(inner) == {"agent", "admin_api"}


def test_only_the_hall_talks_to_the_database() -> None:
    drivers = {"supabase", "postgrest", "realtime", "psycopg"}
    assert [path for path in sources("agent", "admin_api", "sip") if drivers & imports(path)] == []


@pytest.mark.parametrize("name", ["agent", "admin_api", "sip", "fieldline", "bench"])
def test_name_is_ours(name: str) -> None:
    spec = importlib.util.find_spec(name)
    assert spec and spec.origin and Path(spec.origin).is_relative_to(ROOT / name)


def test_supabase_is_the_package_of_that_name() -> None:
    spec = importlib.util.find_spec("supabase")
    assert spec and spec.origin and not Path(spec.origin).is_relative_to(ROOT / "supabase")
    assert not list((ROOT / "supabase").rglob("*.py"))


def test_no_file_is_too_long() -> None:
    lengths = {path: len((ROOT / path).read_text().splitlines()) for path in sources(*MAY_IMPORT, "tests")}
    too_long = {str(path): lines for path, lines in lengths.items() if lines > MOST_LINES}
    assert {path: lines for path, lines in too_long.items() if path not in GENERATED} == {}


def test_settings_are_read_in_one_place() -> None:
    elsewhere = [
        str(path)
        for path in sources("agent", "admin_api", "sip", "fieldline")
        if reads_environment(path) and not any(f"{path}/".startswith(f"{place}/") for place in MAY_READ_ENVIRONMENT)
    ]
    assert elsewhere == []


def test_every_file_says_what_it_is_for() -> None:
    texts = {path: (ROOT / path).read_text() for path in sources(*MAY_IMPORT)}
    assert [str(path) for path, text in texts.items() if text.strip() and not ast.get_docstring(ast.parse(text))] == []


def reads_environment(path: Path) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in {("os", "environ"), ("os", "getenv")}
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
    )


def modules_behind_commands() -> list[str]:
    """What cli.py imports inside its commands, each of which a command imports first in its own process."""
    tree = ast.parse((ROOT / DOOR).read_text())
    inside = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.col_offset and node.module]
    return sorted({str(node.module) for node in inside})


@pytest.mark.parametrize("module", modules_behind_commands())
def test_module_behind_a_command_can_be_the_first_that_is_imported(module: str) -> None:
    done = subprocess.run([sys.executable, "-c", f"import {module}"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
