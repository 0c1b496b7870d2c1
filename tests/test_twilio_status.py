"""What Twilio says later about an SMS becomes the delivery's state."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from admin_api.app import create_app
from fieldline.delivery import SmsSender
from fieldline.settings import load_settings
from fieldline.twilio_client import twilio_client
from tests.support.lines import Connection, value
from tests.support.post import a_delivery, twilio_messages
from tests.support.stacks import Supabase

TOKEN = "t" * 32
HOST = "https://line.example.com"


@pytest.fixture
async def http(supabase: Supabase) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(supabase.settings.model_copy(update={"twilio_auth_token": SecretStr(TOKEN)}))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOST) as client,
    ):
        yield client


@pytest.fixture
async def sent(owner: Connection) -> int:
    """An SMS that Twilio has taken."""
    await owner.execute(
        "insert into messages (company_id, from_caller, to_employee_id, message_text, urgent)"
        " select company_id, 'Jane', id, 'Gate', true from employees where name = 'Karen Miller'"
    )
    await owner.execute("delete from deliveries where channel = 'email'")
    return await value(
        owner, "update deliveries set state = 'sent', provider_id = 'SM1', sent_at = fieldline_now() returning id"
    )


async def report(http: httpx.AsyncClient, delivery: int, signed_as: str | None = None, **form: str) -> int:
    address = f"/webhooks/twilio/status/{delivery}"
    form = {"MessageSid": "SM1", **form}
    signature = RequestValidator(TOKEN).compute_signature(f"{HOST}{signed_as or address}", form)
    answer = await http.post(address, data=form, headers={"X-Twilio-Signature": signature})
    return answer.status_code


@pytest.mark.parametrize(
    ("status", "state", "message"),
    [
        ("delivered", "delivered", "delivered"),
        ("undelivered", "failed", "failed"),
        ("failed", "failed", "failed"),
        ("sent", "sent", "delivered"),
        ("queued", "sent", "delivered"),
        ("a word of next year", "sent", "delivered"),
    ],
)
async def test_the_carriers_last_word_is_the_deliverys_state(
    http: httpx.AsyncClient, owner: Connection, sent: int, status: str, state: str, message: str
) -> None:
    assert await report(http, sent, MessageStatus=status, ErrorCode="30003") == 204
    assert await value(owner, "select state from deliveries") == state
    assert await value(owner, "select status from messages") == message
    if state == "failed":
        assert await value(owner, "select last_error from deliveries") == "Twilio 30003"


async def test_late_and_repeated_reports_take_nothing_back(
    http: httpx.AsyncClient, owner: Connection, sent: int
) -> None:
    for status in ("delivered", "sent", "delivered", "failed"):
        assert await report(http, sent, MessageStatus=status) == 204
    assert await value(owner, "select state from deliveries") == "delivered"
    assert await value(owner, "select delivered_via from messages") == ["sms"]


async def test_a_report_about_another_sms_changes_nothing(
    http: httpx.AsyncClient, owner: Connection, sent: int
) -> None:
    assert await report(http, sent, MessageSid="SM2", MessageStatus="failed") == 204
    assert await report(http, sent + 1000, MessageStatus="failed") == 204
    assert await value(owner, "select state from deliveries") == "sent"


async def test_a_report_that_twilio_did_not_sign_for_this_sms_is_refused(
    http: httpx.AsyncClient, owner: Connection, sent: int
) -> None:
    other = f"/webhooks/twilio/status/{sent + 1}"
    assert await report(http, sent, signed_as=other, MessageStatus="failed") == 403
    assert await value(owner, "select state from deliveries") == "sent"


async def test_twilio_is_told_where_to_report() -> None:
    async with twilio_messages() as twilio:
        settings = load_settings(
            twilio_account_sid="AC" + "1" * 32, twilio_auth_token=SecretStr(TOKEN), twilio_base_url=twilio.url
        )
        sender = SmsSender(twilio_client(settings), "+12025550100", HOST)
        await sender.send(a_delivery(channel="sms", address="+12025550110", subject=None))
    assert twilio.sent[0]["StatusCallback"] == f"{HOST}/webhooks/twilio/status/7"
