"""The outbox is emptied: sent once however many workers look, kept while a carrier or the database is down."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from unittest.mock import create_autospec

import psycopg
import pytest

from fieldline.delivery import senders
from fieldline.duties.deliver import Deliver
from fieldline.errors import StoreUnavailable
from fieldline.mailbox import empty, mails
from fieldline.outbox_functions import OutboxFunctions
from fieldline.store import LineStore
from tests.support.lines import DEMO, Connection, act_as, value
from tests.support.post import FakeSender, out_of_order
from tests.support.stacks import Supabase


async def leave(owner: Connection, messages: int = 1) -> None:
    """Messages for Karen, of which each goes by SMS and by mail."""
    await owner.execute(
        "insert into messages (company_id, from_caller, to_employee_id, message_text, urgent)"
        " select company_id, 'Jane', id, 'Gate ' || n, true from employees, generate_series(1, %s) n"
        " where name = 'Karen Miller'",
        [messages],
    )


async def states(owner: Connection) -> dict[str, int]:
    rows = await (await owner.execute("select state, count(*) from deliveries group by state")).fetchall()
    return dict(rows)


async def test_a_message_reaches_the_mailbox_and_says_so(
    supabase: Supabase, store: LineStore, owner: Connection
) -> None:
    empty(supabase.settings.home)
    await leave(owner)
    await Deliver(store, senders(supabase.settings)).look()
    found = {mail.channel: mail for mail in mails(supabase.settings.home)}
    assert found["email"].address == "karen@northgate.example" and found["sms"].address == "+12025550110"
    assert "Gate 1" in found["sms"].body and "URGENT" in found["email"].body
    row = await (await owner.execute("select status, delivered_via from messages")).fetchone()
    assert row == ("delivered", ["email", "sms"])


async def test_two_workers_send_everything_once(supabase: Supabase, owner: Connection) -> None:
    await leave(owner, 20)
    stores = [await LineStore.open(supabase.settings) for _ in range(2)]
    carrier = FakeSender()
    await asyncio.gather(*(Deliver(store, {"sms": carrier, "email": carrier}).look() for store in stores))
    assert await states(owner) == {"sent": 40}
    assert Counter(Counter(delivery.id for delivery in carrier.sent).values()) == {1: 40}
    for store in stores:
        await store.aclose()


async def test_what_one_worker_is_claiming_the_other_steps_over(supabase: Supabase, owner: Connection) -> None:
    await leave(owner, 5)
    line = await value(owner, "select user_id from line_accounts limit 1")
    got: list[set[int]] = []
    async with (
        await psycopg.AsyncConnection.connect(supabase.database_url) as one,
        await psycopg.AsyncConnection.connect(supabase.database_url) as other,
    ):
        # Neither has committed when the second asks: it must neither wait nor get the same.
        for name, connection in (("one", one), ("other", other)):
            await act_as(connection, str(line))
            facts = await value(connection, "select claim_deliveries(%s, 6)", name)
            got.append({delivery["id"] for delivery in facts["deliveries"]})
    assert [len(ids) for ids in got] == [6, 4] and not got[0] & got[1]


async def test_carrier_that_is_down_loses_nothing(store: LineStore, owner: Connection) -> None:
    await leave(owner)
    sms, mail = FakeSender(down=out_of_order()), FakeSender()
    duty = Deliver(store, {"sms": sms, "email": mail})
    await duty.look()
    await duty.look()
    assert await states(owner) == {"queued": 1, "sent": 1}
    row = await (await owner.execute("select attempts, last_error from deliveries where channel = 'sms'")).fetchone()
    assert row == (1, "carrier is down")
    sms.down = None
    await owner.execute("select set_clock(fieldline_now() + interval '31 seconds')")
    await duty.look()
    assert await states(owner) == {"sent": 2} and len(sms.sent) == len(mail.sent) == 1


async def test_while_mail_and_sms_are_down_a_message_waits_and_says_why(store: LineStore, owner: Connection) -> None:
    await leave(owner)
    sms, mail = FakeSender(down=out_of_order()), FakeSender(down=out_of_order())
    duty = Deliver(store, {"sms": sms, "email": mail})
    await duty.look()
    waits = "select channel, state, attempts, last_error from deliveries order by channel"
    assert await (await owner.execute(waits)).fetchall() == [
        ("email", "queued", 1, "carrier is down"),
        ("sms", "queued", 1, "carrier is down"),
    ]
    assert await value(owner, "select status from messages") == "pending"
    sms.down = mail.down = None
    await owner.execute("select set_clock(fieldline_now() + interval '31 seconds')")
    await duty.look()
    assert await states(owner) == {"sent": 2} and len(sms.sent) == len(mail.sent) == 1
    assert await value(owner, "select status from messages") == "delivered"


async def test_a_number_that_is_none_fails_and_the_mail_still_goes(store: LineStore, owner: Connection) -> None:
    await leave(owner)
    await Deliver(store, {"sms": FakeSender(down=out_of_order(for_good=True)), "email": FakeSender()}).look()
    assert await states(owner) == {"failed": 1, "sent": 1}
    assert await value(owner, "select delivered_via from messages") == ["email"]


async def test_message_that_reaches_nobody_is_told_to_the_office(store: LineStore, owner: Connection) -> None:
    await leave(owner)
    nothing = FakeSender(down=out_of_order(for_good=True))
    await Deliver(store, {"sms": nothing, "email": nothing}).look()
    assert await value(owner, "select status from messages") == "failed"
    told = "select count(*) from notifications where notification_type = 'system' and company_id = %s"
    assert await value(owner, told, DEMO) == 1


async def test_a_sender_that_breaks_holds_up_nobody(store: LineStore, owner: Connection) -> None:
    await leave(owner)
    await Deliver(store, {"sms": FakeSender(down=RuntimeError("bug")), "email": FakeSender()}).look()
    assert await states(owner) == {"queued": 1, "sent": 1}


async def test_database_that_goes_away_after_the_send_makes_no_second_send() -> None:
    delivery: dict[str, Any] = {"id": 1, "channel": "sms", "address": "+12025550110", "subject": None, "body": "x"}
    store = create_autospec(OutboxFunctions, instance=True)
    store.claim_deliveries.side_effect = [
        {"deliveries": [{**delivery, "attempt": 1, "company": "Northgate"}]},
        {"deliveries": []},
    ]
    store.settle_delivery.side_effect = [StoreUnavailable("down"), {"state": "sent"}]
    carrier = FakeSender()
    duty = Deliver(store, {"sms": carrier})
    with pytest.raises(StoreUnavailable):
        await duty.look()
    await duty.look()
    assert len(carrier.sent) == 1
    assert [call.kwargs["outcome"] for call in store.settle_delivery.call_args_list] == ["sent", "sent"]
