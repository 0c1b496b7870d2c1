"""What the duties do while nobody waits: each asks its line function, and the office hears of it."""

from __future__ import annotations

from typing import Any
from unittest.mock import create_autospec

from fieldline.delivery import senders
from fieldline.duties.archive import Archive
from fieldline.duties.broken_hours import BrokenHours
from fieldline.duties.clock_outs import ForgottenClockOuts
from fieldline.duties.deliver import Deliver
from fieldline.mailbox import empty, mails
from fieldline.store import LineStore
from fieldline.upkeep_functions import UpkeepFunctions
from tests.support.lines import Connection, value
from tests.support.stacks import Supabase


async def test_the_office_gets_a_list_of_who_forgot_to_clock_out(
    supabase: Supabase, store: LineStore, owner: Connection
) -> None:
    empty(supabase.settings.home)
    await owner.execute(
        "update technician_clock_records set clock_out_time = fieldline_now() where clock_out_time is null"
    )
    await owner.execute(
        "insert into technician_clock_records (company_id, technician_id, truck_id, clock_in_time)"
        " select t.company_id, t.id, k.id, fieldline_now() - interval '13 hours' from technicians t"
        " join trucks k on k.company_id = t.company_id and k.number = 201 where t.badge = '101' and t.name like 'Mike%'"
    )
    duty = ForgottenClockOuts(store)
    await duty.look()
    await duty.look()
    await Deliver(store, senders(supabase.settings)).look()
    told = [mail for mail in mails(supabase.settings.home) if "Still clocked in" in mail.body]
    assert [mail.address for mail in told] == ["office@northgate.example"] and "truck 201" in told[0].body


async def test_the_office_is_told_once_of_hours_that_cannot_be_read(
    supabase: Supabase, store: LineStore, owner: Connection
) -> None:
    await owner.execute("alter table departments drop constraint departments_available_hours_check")
    await owner.execute("update departments set available_hours = '{\"mon\": 8}' where name = 'Billing'")
    duty = BrokenHours(store)
    await duty.look()
    await duty.look()
    assert (
        await value(owner, "select count(*) from notifications where message ~ 'hours of Billing cannot be read'") == 1
    )


async def test_old_orders_are_archived_in_portions_until_none_is_left() -> None:
    store = create_autospec(UpkeepFunctions, instance=True)
    answers: list[dict[str, Any]] = [{"archived": 200, "more": True}, {"archived": 3, "more": False}]
    store.archive_by_itself.side_effect = answers
    await Archive(store).look()
    assert store.archive_by_itself.call_count == 2


async def test_old_orders_are_archived_without_an_administrator(store: LineStore, owner: Connection) -> None:
    await owner.execute(
        "update work_orders set started_at = fieldline_now() - interval '401 days',"
        " completed_at = fieldline_now() - interval '400 days' where status = 'completed'"
    )
    old = await value(owner, "select count(*) from work_orders where status = 'completed'")
    await Archive(store).look()
    assert old and await value(owner, "select count(*) from work_orders_archive") == old
