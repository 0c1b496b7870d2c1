"""The Twilio stand-in answers Twilio's own client as Twilio does: SMS, what became of them, and errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from fieldline.lab.twilio import FakeTwilio
from fieldline.settings import load_settings
from fieldline.twilio_client import HOST, twilio_client

FROM, TO = "+12025550100", "+12025550140"


@pytest.fixture
async def twilio() -> AsyncIterator[FakeTwilio]:
    async with FakeTwilio() as twilio:
        yield twilio


def client(twilio: FakeTwilio) -> Client:
    keys = {"twilio_account_sid": twilio.account, "twilio_auth_token": twilio.token}
    return twilio_client(load_settings(**keys, twilio_base_url=twilio.url))


async def test_sms_is_kept_and_can_be_asked_for(twilio: FakeTwilio) -> None:
    messages = client(twilio).messages
    sent = await asyncio.to_thread(messages.create, to=TO, from_=FROM, body="Call Dana back")
    assert sent.sid and sent.status == "queued"
    again = await asyncio.to_thread(messages(sent.sid).fetch)
    assert (again.body, again.to) == ("Call Dana back", TO)
    assert [message["body"] for message in twilio.messages] == ["Call Dana back"]


async def test_what_became_of_an_sms_is_told_with_a_signature(twilio: FakeTwilio) -> None:
    told: list[tuple[dict[str, str], str]] = []

    async def callback(request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        told.append((form, request.headers["X-Twilio-Signature"]))
        return web.Response()

    app = web.Application()
    app.router.add_post("/status", callback)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/status"
    messages = client(twilio).messages
    sent = await asyncio.to_thread(messages.create, to=TO, from_=FROM, body="Hi", status_callback=url)
    assert await twilio.report(twilio.messages[0], "undelivered", error_code=30034) == 200
    await runner.cleanup()
    ((form, signature),) = told
    assert (form["MessageSid"], form["MessageStatus"], form["ErrorCode"]) == (sent.sid, "undelivered", "30034")
    assert RequestValidator(twilio.token).validate(url, form, signature)
    assert (await asyncio.to_thread(messages(str(sent.sid)).fetch)).status == "undelivered"


async def test_errors_have_twilios_codes(twilio: FakeTwilio) -> None:
    messages = client(twilio).messages
    twilio.down = True
    with pytest.raises(TwilioRestException) as down:
        await asyncio.to_thread(messages.create, to=TO, from_=FROM, body="Hi")
    twilio.down, twilio.token = False, "f" * 32
    with pytest.raises(TwilioRestException) as stranger:
        await asyncio.to_thread(messages.create, to=TO, from_=FROM, body="Hi")
    assert (down.value.status, stranger.value.status, stranger.value.code) == (503, 401, 20003)
    assert twilio.messages == []


@pytest.mark.check
@pytest.mark.parametrize("host", ["trunking.twilio.com", "trunking.ashburn.us1.twilio.com"])
def test_every_product_goes_to_the_one_address(host: str) -> None:
    assert HOST.sub(r"http://a/\g<product>", f"https://{host}/v1/Trunks") == "http://a/trunking/v1/Trunks"
    assert HOST.sub("", "https://twilio.com.example.org/v1") == "https://twilio.com.example.org/v1"
