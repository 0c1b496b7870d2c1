"""A call that nothing of ours takes: Twilio rings the company's own telephone, then takes a voicemail."""

from __future__ import annotations

from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient
from twilio.request_validator import RequestValidator

from admin_api.app import create_app
from fieldline.settings import load_settings
from sip.desired import load
from sip.provision import DISASTER_PATH
from sip.twilio import disaster_url

TOKEN = "t" * 32
CALL = {"To": "+12025550100", "From": "+13035550123", "CallSid": "CA1"}


@pytest.fixture
def api() -> TestClient:
    """The admin API with neither database nor LiveKit."""
    return TestClient(create_app(load_settings(twilio_auth_token=TOKEN)), base_url="https://line.example.com")


def url(path: str = "") -> str:
    """The address that provisioning gives to Twilio, or the same host with another path."""
    given = disaster_url(load(load_settings()), DISASTER_PATH)
    assert given
    return given if not path else f"https://{urlsplit(given).netloc}{DISASTER_PATH}{path}"


def asks(api: TestClient, address: str, form: dict[str, str], *, signed: str | None = None) -> ElementTree.Element:
    signature = RequestValidator(TOKEN).compute_signature(signed or address, form)
    answer = api.post(address, data=form, headers={"X-Twilio-Signature": signature})
    answer.raise_for_status()
    return ElementTree.fromstring(answer.text)


def test_rings_the_fallback_number_of_the_dialled_company(api: TestClient) -> None:
    dial = asks(api, url(), CALL).find("Dial")
    assert dial is not None and dial.text == "+12025550199"
    assert dial.attrib["action"] == f"{DISASTER_PATH}/voicemail"


def test_without_a_fallback_it_takes_a_voicemail(api: TestClient) -> None:
    twiml = asks(api, url(), {**CALL, "To": "+13035550177"})
    assert [step.tag for step in twiml] == ["Say", "Record"]


@pytest.mark.parametrize(
    ("status", "steps"),
    [
        ("completed", ["Hangup"]),
        ("no-answer", ["Say", "Record"]),
        ("busy", ["Say", "Record"]),
        ("failed", ["Say", "Record"]),
    ],
)
def test_voicemail_only_when_nobody_took_the_call(api: TestClient, status: str, steps: list[str]) -> None:
    assert [step.tag for step in asks(api, url("/voicemail"), {**CALL, "DialCallStatus": status})] == steps


def test_recording_ends_with_thanks(api: TestClient) -> None:
    assert [step.tag for step in asks(api, url("/thanks"), CALL)] == ["Say", "Hangup"]


@pytest.mark.parametrize("spoiled", ["another number in the address", "another form", "no signature"])
def test_what_twilio_did_not_sign_is_refused(api: TestClient, spoiled: str) -> None:
    address, form = url(), dict(CALL)
    signature = RequestValidator(TOKEN).compute_signature(address, form)
    if spoiled == "another number in the address":
        address = address.replace("12025550199", "19005550100")
    elif spoiled == "another form":
        form["To"] = "+19005550100"
    headers = {} if spoiled == "no signature" else {"X-Twilio-Signature": signature}
    assert api.post(address, data=form, headers=headers).status_code == 403


def test_without_a_token_nothing_is_answered() -> None:
    api = TestClient(create_app(load_settings()), base_url="https://line.example.com")
    assert api.post(url(), data=CALL).status_code == 503
