"""Calls of customers straight on PostgreSQL, and a calendar with room in it."""

from __future__ import annotations

from tests.support.lines import DEMO, Connection, TechnicianCall
from tests.support.reception import call_from

CITY_BANK, RETAIL_MALL, FLATS = "+12025550120", "+12025550121", "+12025550127"


async def customer(sql: Connection, number: str = FLATS, name: str = "Apartment Complex") -> TechnicianCall:
    """A call of this customer, who has said the name."""
    call = await call_from(sql, number)
    facts = await call.ask("confirm_customer", heard_name=name)
    assert facts["confirmed"], facts
    return call


async def newcomer(sql: Connection, number: str, name: str = "Jane Doe") -> TechnicianCall:
    """A call of somebody who has just become a customer."""
    call = await call_from(sql, number)
    await call.do("register_customer", name=name, address="14 Elm Street, Arlington", confirmed=True)
    return call


async def clear_calendar(sql: Connection) -> None:
    """What is seeded after today was long ago: every technician has time from tomorrow on."""
    await sql.execute(
        """update work_orders
        set scheduled_for = scheduled_for - interval '200 days', ends_at = ends_at - interval '200 days'
        where company_id = %s and status = 'scheduled'""",
        [DEMO],
    )
