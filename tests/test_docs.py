"""Pages that cannot lie: what they name exists, and what exists is named."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
import typer

from fieldline.cli import app
from fieldline.settings import Settings
from tests.support.environ import variables

pytestmark = pytest.mark.check

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
#: Variables of others that the pages speak of.
OTHERS = {"DATABASE_URL", "PATH"}
SQL = "\n".join(path.read_text() for path in sorted((ROOT / "supabase/migrations").glob("*.sql")))


def code(text: str) -> list[str]:
    """What stands as code: fenced blocks and indented ones by line, and spans."""
    fenced = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.M | re.S)
    rest = re.sub(r"^```[^\n]*\n.*?^```", "", text, flags=re.M | re.S)
    lines = [line.strip() for block in fenced for line in block.splitlines()]
    lines += [line.strip() for line in re.findall(r"^ {4}\S.*$", rest, re.M)]
    return lines + re.findall(r"`([^`\n]+)`", rest)


@cache
def all_code() -> list[tuple[str, str]]:
    return [(page.name, piece) for page in PAGES for piece in code(page.read_text())]


def commands() -> dict[str, click.Command]:
    """Every command by its words: "up", "company add"."""
    found: dict[str, click.Command] = {}

    def visit(command: Any, words: tuple[str, ...]) -> None:
        for name, inner in getattr(command, "commands", {}).items():
            visit(inner, (*words, name))
        if not getattr(command, "commands", None):
            found[" ".join(words)] = command

    visit(typer.main.get_command(app), ())
    return found


def fieldline_calls() -> list[tuple[str, str]]:
    return [(page, piece) for page, piece in all_code() if piece.startswith("fieldline ")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(), re.M)
            anchors = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
            assert anchor in anchors, f"{page.name}: {file.name} has no heading #{anchor}"


def test_named_commands_exist_with_their_options() -> None:
    known = commands()
    for page, piece in fieldline_calls():
        words = piece.split()[1:]
        name = next((n for n in (" ".join(words[:2]), words[0]) if n in known), None)
        if name is None:
            group = [n for n in known if n.startswith(f"{words[0]} ")]
            assert group or not words[0].islower(), f"{page}: there is no `fieldline {words[0]}`"
            continue
        options = {option for parameter in known[name].params for option in parameter.opts} | {"--help"}
        used = set(re.findall(r"(?<!\S)--[a-z-]+", piece))
        assert used <= options, f"{page}: `fieldline {name}` has no {', '.join(used - options)}"


def test_every_command_is_documented() -> None:
    operations = (ROOT / "docs/operations.md").read_text()
    missing = [name for name in commands() if f"`fieldline {name}" not in operations]
    assert missing == [], "add them to the table in docs/operations.md"


def test_every_setting_is_named_in_env_example_and_no_other_is_documented() -> None:
    ours = {name for field in Settings.model_fields for name in variables(field)}
    example = set(re.findall(r"^([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(), re.M))
    known = ours | example | OTHERS | set(re.findall(r"[A-Z][A-Z0-9_]+", (ROOT / ".ci/run").read_text()))
    for page, piece in all_code():
        for name in re.findall(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b", piece):
            assert name in known, f"{page} names {name}, which nothing reads"


def tables() -> set[str]:
    return set(re.findall(r"create (?:table|view) (?:if not exists )?public\.(\w+)", SQL))


def test_database_page_has_every_table_and_no_other() -> None:
    page = (ROOT / "docs/database.md").read_text()
    assert set(re.findall(r"^\| `(\w+)`", page, re.M)) == tables()


def test_database_page_says_what_the_tables_say_of_themselves() -> None:
    page = (ROOT / "docs/database.md").read_text()
    comments = re.findall(r"comment on (?:table|view) public\.(\w+) is\s+'((?:[^']|'')*)'", SQL)
    said = {name: text.replace("''", "'") for name, text in comments if name in tables()}
    listed = dict(re.findall(r"^\| `(\w+)`(?: \(view\))? \| (.+) \|$", page, re.M))
    assert listed == said


@cache
def identifiers() -> set[str]:
    """Every snake_case word of the repository's sources and configuration."""
    kinds = ("*.py", "*.sql", "*.yaml", "*.yml", "*.toml", "*.mjs", "Caddyfile", "Dockerfile", "Makefile")
    folders = ("agent", "admin_api", "fieldline", "sip", "bench", "deploy", "supabase")
    files = [path for folder in folders for kind in kinds for path in (ROOT / folder).rglob(kind)]
    files += [ROOT / "docker-compose.yml", ROOT / "pyproject.toml", ROOT / "Makefile", ROOT / "providers.yaml"]
    return {word for path in files for word in re.findall(r"[a-z0-9]+(?:_[a-z0-9]+)+", path.read_text())}


#: Words of other products that the pages need.
FOREIGN = {"pg_dump", "pg_restore", "allowed_addresses", "room_config", "nat_1_to_1_ip", "schema_migrations"}


def test_names_in_code_exist_somewhere_in_the_sources() -> None:
    for page, piece in all_code():
        for word in re.findall(r"(?<![\w/.-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w/-])", piece):
            assert word in identifiers() | FOREIGN, f"{page} names {word}, which no source does"


def test_named_files_exist() -> None:
    folders = ("agent", "admin_api", "bench", "deploy", "docs", "fieldline", "sip", "supabase", "tests", ".ci")
    pattern = re.compile(rf"(?<![\w/.@])(?:{'|'.join(map(re.escape, folders))})/[\w./-]*\w")
    for page, piece in all_code():
        for path in pattern.findall(piece):
            assert (ROOT / path).exists(), f"{page} names {path}"


def test_make_verbs_exist() -> None:
    verbs = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    for page, piece in all_code():
        for verb in re.findall(r"(?:^|&& )make ([a-z]+)", piece):
            assert verb in verbs, f"{page}: there is no `make {verb}`"


def test_no_page_is_an_orphan() -> None:
    linked = {
        (page.parent / target.partition("#")[0]).resolve()
        for page in PAGES
        for target in LINK.findall(page.read_text())
    }
    # GitHub shows these by their names.
    entrances = {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"}
    assert [page.name for page in PAGES if page.name not in entrances and page.resolve() not in linked] == []


def test_limits_on_the_pages_are_the_databases() -> None:
    migrations = ROOT / "supabase" / "migrations"
    rules = "".join((migrations / f"2026010100001{name}.sql").read_text() for name in ("3_reception", "4_transfers"))
    found = re.findall(r"  a_(?:call|day) integer := case when .* then (\d+) else (\d+) end;", rules)
    (withheld_messages, messages), (danger, a_call), (withheld_day, a_day) = found
    [a_call_messages] = re.findall(r"m\.call_id = me\.call_id\) >= (\d+)", rules)
    reception, transfer = ((ROOT / "docs" / f"{page}.md").read_text() for page in ("reception", "transfer"))
    said = re.findall(r"^\| (?:a call|24 hours .*) \| (\d+) \| (\d+|no limit) \|$", transfer, re.M)
    assert said == [(a_call, danger), (a_day, "no limit"), (withheld_day, "no limit")]
    assert f"At most {a_call_messages} messages" in reception
    assert f"{messages} in 24 hours from one number, and {withheld_messages} from all withheld" in reception
