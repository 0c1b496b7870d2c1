"""What left the house and what did not: the office sees every SMS and e-mail, and has what failed sent again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from fieldline.delivery import senders
from fieldline.duties.deliver import Deliver
from fieldline.errors import NotSent
from fieldline.mailbox import empty
from fieldline.store import LineStore
from tests.support.console import CSRF, visitor
from tests.support.office import NORTHGATE, Office, open_office
from tests.support.post import FakeSender
from tests.support.stacks import Supabase

V1 = "/api/v1/deliveries"
REFUSED = NotSent("Twilio 30034", for_good=True)


@pytest.fixture
async def office(supabase: Supabase) -> AsyncIterator[Office]:
    async with open_office(supabase) as running:
        yield running


async def notify(office: Office, text: str = "Five wrong PINs.") -> None:
    """A lockout, which goes to the office's number at once."""
    await office.rows(
        """update company_info set settings = settings - 'office_emails' || '{"office_numbers": ["+12025550110"]}'"""
        " where company_id = %s",
        NORTHGATE,
    )
    await office.rows("select _notify_office(%s, 'lockout', %s, null, 'high')", NORTHGATE, text)


async def test_notice_that_was_refused_is_seen_and_sent_again(office: Office, store: LineStore) -> None:
    await notify(office)
    carrier = FakeSender(down=REFUSED)
    await Deliver(store, {"sms": carrier, "email": carrier}).look()
    [row] = (await office["viewer"].get(V1, params={"state": "failed", "channel": "sms"})).json()["items"]
    assert (row["attempts"], row["last_error"], row["address"]) == (1, "Twilio 30034", "+12025550110")
    assert "Five wrong PINs." in row["body"] and row["message_id"] is None
    told = (await office["viewer"].get("/api/v1/notifications", params={"notification_type": "system"})).json()["items"]
    assert "Twilio 30034" in told[0]["message"]
    again = await office["dispatcher"].post(f"{V1}/{row['id']}/retry")
    assert (again.status_code, again.json()["state"], again.json()["attempts"]) == (200, "queued", 0)
    assert (await office["dispatcher"].post(f"{V1}/{row['id']}/retry")).status_code == 409
    carrier.down = None
    await Deliver(store, {"sms": carrier, "email": carrier}).look()
    assert (await office["viewer"].get(f"{V1}/{row['id']}")).json()["state"] == "sent"
    assert (await office["dispatcher"].post(f"{V1}/{row['id']}/retry")).status_code == 409


async def test_invitations_are_neither_shown_nor_sent_again(office: Office) -> None:
    await office["admin"].post("/api/v1/invitations", json={"email": "new@people.example", "role": "viewer"})
    [(key,)] = await office.rows("update deliveries set state = 'failed' where invitation_id is not null returning id")
    assert (await office["admin"].get(V1)).json()["total"] == 0
    assert (await office["admin"].get(f"{V1}/{key}")).status_code == 404
    async with visitor(office, "admin") as browser:
        assert "new@people.example" not in (await browser.get("/console/deliveries")).text
        await browser.post(f"/console/deliveries/{key}/retry", data={"csrf": CSRF})
    assert await office.rows("select state from deliveries where id = %s", key) == [("failed",)]


async def test_page_says_why_it_did_not_go_and_a_dispatcher_sends_it_again(office: Office, store: LineStore) -> None:
    await notify(office, "<script>alert(1)</script>")
    carrier = FakeSender(down=REFUSED)
    await Deliver(store, {"sms": carrier, "email": carrier}).look()
    [(key,)] = await office.rows("select id from deliveries")
    async with visitor(office, "viewer") as browser:
        page = (await browser.get("/console/deliveries?show=failed")).text
        assert "Notice: lockout" in page and "one try, the last: Twilio 30034" in page and "&lt;script&gt;" in page
        assert "/retry" not in page
        assert "Notice: lockout" not in (await browser.get("/console/deliveries?show=email")).text
        assert (await browser.post(f"/console/deliveries/{key}/retry", data={"csrf": CSRF})).status_code == 403
    async with visitor(office, "dispatcher") as browser:
        assert f"/console/deliveries/{key}/retry" in (await browser.get("/console/deliveries")).text
        assert (await browser.post(f"/console/deliveries/{key}/retry", data={"csrf": CSRF})).status_code == 303
        assert "not tried yet" in (await browser.get("/console/deliveries?show=waiting")).text


async def test_local_line_shows_what_lies_in_the_mailbox(office: Office, store: LineStore) -> None:
    empty(office.settings.home)
    await notify(office)
    await Deliver(store, senders(office.settings)).look()
    [(key,)] = await office.rows("update deliveries set body = 'what the row says' returning id")
    async with visitor(office, "viewer") as browser:
        page = (await browser.get("/console/deliveries")).text
    assert f"{key:08d}.json" in page and "Five wrong PINs." in page and "what the row says" not in page
    empty(office.settings.home)


async def test_message_page_tells_each_way_its_tries_and_its_last_error(office: Office, store: LineStore) -> None:
    await office.rows(
        "insert into messages (company_id, from_caller, to_employee_id, message_text, urgent)"
        " select company_id, 'Jane', id, 'Gate', true from employees where name = 'Karen Miller'"
    )
    await Deliver(store, {"sms": FakeSender(down=REFUSED), "email": FakeSender()}).look()
    async with visitor(office, "viewer") as browser:
        page = (await browser.get("/console/messages")).text
    assert "SMS to +1 202-555-0110: not delivered, one try, the last: Twilio 30034" in page
    assert "E-mail to karen@northgate.example: sent, one try" in page
