"""The OpenAPI document leaves nothing without words: fields, parameters, and the headers of every answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from admin_api.app import create_app
from admin_api.glossary import DESCRIPTIONS, has_example
from admin_api.openapi import EXPOSED, LIMIT_HEADERS
from fieldline.settings import load_settings
from tests.support.office import Office, open_office
from tests.support.stacks import Supabase

#: What every answer of the web says, and security headers, which are for browsers.
OF_THE_WEB = {"content-length", "content-type", "cache-control", "content-security-policy", "permissions-policy"} | {
    "cross-origin-opener-policy", "referrer-policy", "x-content-type-options", "x-frame-options"
}  # fmt: skip


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(load_settings()).openapi()


@pytest.fixture
async def office(supabase: Supabase) -> AsyncIterator[Office]:
    async with open_office(supabase) as office:
        yield office


def fields(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for owner, schema in document["components"]["schemas"].items():
        for name, field in schema.get("properties", {}).items():
            yield f"{owner}.{name}", field


def answers(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if path.startswith("/api/v1/"):
                for status, response in operation["responses"].items():
                    yield f"{method.upper()} {path}", status, response


def parameters(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", []):
                yield f"{method.upper()} {path} {parameter['name']}", parameter


def test_every_field_has_a_description_and_shows_what_it_looks_like(document: dict[str, Any]) -> None:
    assert [name for name, field in fields(document) if not field.get("description")] == []
    assert [name for name, field in fields(document) if not has_example(field)] == []


def test_every_parameter_has_a_description_and_shows_what_it_looks_like(document: dict[str, Any]) -> None:
    assert [name for name, parameter in parameters(document) if not parameter.get("description")] == []
    assert [name for name, p in parameters(document) if not has_example(p) and not has_example(p["schema"])] == []


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation.get("description") and operation.get("summary"), f"{method} {path}"


def test_glossary_has_no_word_that_nobody_uses(document: dict[str, Any]) -> None:
    used = {name for name, _ in fields(document)} | {p["name"] for _, p in parameters(document)}
    used |= {name.partition(".")[2] for name in used}
    assert set(DESCRIPTIONS) <= used


def test_answers_name_their_headers(document: dict[str, Any]) -> None:
    for operation, status, response in answers(document):
        named = set(response["headers"])
        assert {"X-Request-Id", *LIMIT_HEADERS} <= named, f"{operation} {status}"
        assert ("Retry-After" in named) == (status in ("409", "429", "503")), f"{operation} {status}"
        assert all(header.get("description") for header in response["headers"].values()), f"{operation} {status}"
    declared = {name for _, _, response in answers(document) for name in response["headers"]}
    assert set(EXPOSED) <= declared


async def test_headers_that_come_are_those_that_were_named(office: Office, document: dict[str, Any]) -> None:
    key = {"Idempotency-Key": "headers"}
    customer = {"name": "Echo Ltd", "address": "1 Echo Road", "phone": "+12025550166"}
    invited = {"email": "new@x.example", "role": "viewer"}
    word = {"technician_id": 1, "message": "Call in, please."}
    added = await office["admin"].post("/api/v1/customers", json=customer, headers=key)
    where, stock = added.headers["Location"], "/api/v1/trucks/2/stock"
    for template, answer in [
        ("/api/v1/customers", added),
        ("/api/v1/customers", await office["admin"].post("/api/v1/customers", json=customer, headers=key)),
        ("/api/v1/customers/{id}", await office["admin"].get(where)),
        ("/api/v1/customers/{id}", await office["admin"].patch(where, json={"name": "Echo"})),
        ("/api/v1/customers/{id}/history", await office["admin"].post(f"{where}/history", json={"notes": "Rang."})),
        ("/api/v1/invitations", await office["admin"].post("/api/v1/invitations", json=invited)),
        ("/api/v1/technician-notifications", await office["admin"].post("/api/v1/technician-notifications", json=word)),
        ("/api/v1/trucks/{id}/stock", await office["admin"].post(stock, json={"item_id": 1, "add": 1})),
        ("/api/v1/customers", await office["nobody"].get("/api/v1/customers")),
    ]:
        operation = document["paths"][template][answer.request.method.lower()]
        named = {name.lower() for name in operation["responses"][str(answer.status_code)]["headers"]}
        came = {name.lower() for name in answer.headers} - OF_THE_WEB
        assert came <= named, f"{answer.request.method} {template} {answer.status_code}"
        # An answer is given again once, and nobody was told to wait; a count that agrees has no limit of its own.
        assert named - came <= {"idempotent-replayed", "retry-after"}, f"{answer.request.method} {template}"
