"""Requests that nobody thought of, made from the OpenAPI document, as an admin, a viewer and a stranger.

Whatever is sent: no 5xx, no status that the document does not name, and answers of the shape that it promises.
"""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis import checks as general
from schemathesis.specs.openapi import checks

from admin_api import openapi
from admin_api.app import create_app
from fieldline.settings import load_settings
from fieldline.stack.ports import LOOPBACK
from tests.support.gateway import free_ports
from tests.support.office import enter, token
from tests.support.stacks import Supabase

#: Requests of each kind, fitting and not, for each operation and person.
EXAMPLES = {"admin": 2, "viewer": 1, "sam": 1}
CHECKS = [
    general.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
START_LIMIT_S = 60
LABELS = [f"{method} {path}" for method, path, _route in openapi.operations(create_app(load_settings()))]


@pytest.fixture(scope="module")
async def office(session_supabase: Supabase) -> AsyncIterator[tuple[str, Any, dict[str, str]]]:
    """Address of the API, its schema, and a token for each person."""
    await session_supabase.reset()
    await enter(session_supabase.database_url)
    given_ = session_supabase.settings.model_copy(
        update={"rate_limit_per_user": 1_000_000, "rate_limit_per_address": 1_000_000}
    )
    app = create_app(given_)
    [port] = free_ports(1)
    server = uvicorn.Server(uvicorn.Config(app, host=LOOPBACK, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + START_LIMIT_S
    while not server.started and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    tokens = {person: token(given_, person) for person in EXAMPLES}
    yield f"http://{LOOPBACK}:{port}", schemathesis.openapi.from_dict(app.openapi()), tokens
    server.should_exit = True
    thread.join()


@pytest.mark.parametrize("person", EXAMPLES)
@pytest.mark.parametrize("label", LABELS)
def test_whatever_is_sent_the_answer_is_one_of_those_promised(
    office: tuple[str, Any, dict[str, str]], label: str, person: str
) -> None:
    address, schema, tokens = office
    operation = schema.find_operation_by_label(label)
    assert operation is not None
    headers = {"Authorization": f"Bearer {tokens[person]}"}

    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

        @settings(
            max_examples=EXAMPLES[person],
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        )
        @given(case=operation.as_strategy(mode))
        def ask(case: Any) -> None:
            case.call_and_validate(base_url=address, headers=headers, checks=CHECKS)

        ask()
