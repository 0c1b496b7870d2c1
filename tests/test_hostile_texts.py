"""Text that tries something, in every text field that the API takes: refused in words, or kept and shown as text."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from admin_api.app import create_app
from fieldline.settings import load_settings
from tests.support.console import visitor
from tests.support.office import NORTHGATE, Office, open_office
from tests.support.operations import OPERATIONS, Call, build_call, filled, send
from tests.support.stacks import Supabase

#: Mark-up, a template, and two ways out of a statement. Short, because some fields are.
HOSTILE = "<b>{{7*7}}</b>'; drop table x;--"
#: A bell, an escape, a C1 control and a mark that turns the writing round; and what PostgreSQL cannot keep at all.
UNSEEN = ("\x07\x1b\x9b\u202e", "\x00")
PAGES = ("", "messages", "work", "work/orders/1057", "stock", "directory", "settings", "members", "audit", "try")


def texts(schema: dict[str, Any], parts: dict[str, Any]) -> list[str]:
    """Fields of a request's body that take free text."""
    if "$ref" in schema:
        schema = parts[schema["$ref"].rpartition("/")[2]]
    kinds = {name: [field, *field.get("anyOf", ())] for name, field in schema.get("properties", {}).items()}
    free = [name for name, them in kinds.items() if any(k.get("type") == "string" and "enum" not in k for k in them)]
    return [name for name in free if not (name.endswith("_id") or name == "token")]


def fields() -> list[tuple[str, str]]:
    """Every operation with a JSON body, and each of its text fields."""
    document = create_app(load_settings()).openapi()
    found = []
    for name, operation in OPERATIONS.items():
        if isinstance(operation.body, dict):
            method, path = name.split(" ")
            content = document["paths"][f"/api/v1{path}"][method.lower()]["requestBody"]["content"]
            schema = content["application/json"]["schema"]
            found += [(name, text) for text in texts(schema, document["components"]["schemas"])]
    return found


FIELDS = fields()


@pytest.fixture(scope="module")
async def office(session_supabase: Supabase) -> AsyncIterator[Office]:
    await session_supabase.reset()
    async with open_office(session_supabase) as office:
        yield office


@pytest.fixture(scope="module")
async def paths(office: Office) -> dict[str, str]:
    """Where each operation's row is. Asked before any test, for rows are found by names that the tests change."""
    return {name: (await build_call(office, name)).path for name in sorted({name for name, _field in FIELDS})}


async def sent(office: Office, paths: dict[str, str], name: str, field: str, text: str) -> Any:
    """The answer to a request that is right but for this text."""
    body = await filled(office, OPERATIONS[name].body, NORTHGATE)
    return await send(office, "admin", Call(name.split(" ")[0], paths[name], {**body, field: text}, {}))


def test_no_text_field_is_missing() -> None:
    assert {("POST /employees", "name"), ("POST /work-orders", "title"), ("PATCH /company", "greeting_message")} <= {
        *FIELDS
    }
    assert len(FIELDS) > 40


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=lambda part: str(part))
async def test_text_is_kept_as_it_is_or_refused_with_the_name_of_its_field(
    office: Office, paths: dict[str, str], name: str, field: str
) -> None:
    answer = await sent(office, paths, name, field, HOSTILE)
    if answer.status_code in (200, 201):
        shown = answer.json()
        assert shown.get(field, HOSTILE).casefold() == HOSTILE.casefold()
    else:
        problem = answer.json()
        assert answer.status_code in (400, 404, 409, 422) and problem["type"].startswith("urn:fieldline:problem:")
        assert "drop table" not in problem.get("detail", "") and "Traceback" not in answer.text


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=lambda part: str(part))
async def test_control_characters_are_taken_out_or_refused(
    office: Office, paths: dict[str, str], name: str, field: str
) -> None:
    for unseen in UNSEEN:
        answer = await sent(office, paths, name, field, f"Ring{unseen} me")
        assert answer.status_code in (200, 201, 400, 404, 409, 422)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", str(answer.json().get(field, "")))


async def test_pages_show_what_was_sent_as_text(office: Office, paths: dict[str, str]) -> None:
    for name, field in FIELDS:
        await sent(office, paths, name, field, HOSTILE)
    async with visitor(office, "admin") as browser:
        pages = {path: (await browser.get(f"/console/{path}")) for path in PAGES}
    assert {path: page.status_code for path, page in pages.items()} == dict.fromkeys(PAGES, 200)
    everything = "".join(page.text for page in pages.values())
    assert "<b>{{" not in everything and "<b>49" not in everything
    assert everything.count("&lt;b&gt;{{7*7}}") > 20
