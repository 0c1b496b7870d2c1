"""What the tables of the field refuse, whoever writes: status, stock, clock, tenants, and roles of the office."""

from __future__ import annotations

from typing import LiteralString

import psycopg
import pytest

from tests.support.lines import DEMO, SECOND, Connection, act_as, ask, one, refused, value

DORA, VERA, OTTO = (f"00000000-0000-4000-8000-0000000000d{n}" for n in (1, 2, 3))


@pytest.fixture
async def office(sql: Connection) -> Connection:
    """Dora dispatches and Vera only looks, both at the demo company; Otto is the other company's admin."""
    for user, company, role in ((DORA, DEMO, "dispatcher"), (VERA, DEMO, "viewer"), (OTTO, SECOND, "admin")):
        await sql.execute("insert into auth.users (id, email) values (%s, %s)", [user, f"{user}@people.example"])
        membership = "insert into memberships (user_id, company_id, role) values (%s, %s, %s)"
        await sql.execute(membership, [user, company, role])
    return sql


async def fails(sql: Connection, state: str, query: LiteralString, *values: object) -> None:
    """The statement is refused with this SQLSTATE."""
    with pytest.raises(psycopg.Error) as refusal:
        async with sql.transaction():
            await sql.execute(query, values)
    assert refusal.value.sqlstate == state, refusal.value


async def order_id(sql: Connection, number: int) -> int:
    return await value(sql, "select id from work_orders where company_id = %s and number = %s", DEMO, number)


async def test_not_even_the_owner_changes_a_status_past_the_transition_function(sql: Connection) -> None:
    await fails(sql, "42501", "update work_orders set status = 'cancelled', cancel_reason = 'x' where number = 1057")


@pytest.mark.parametrize(
    ("number", "status"),
    [(1065, "completed"), (1001, "pending"), (1001, "in_progress"), (1016, "scheduled"), (1057, "done"), (1057, None)],
)
async def test_order_does_not_jump(office: Connection, number: int, status: str | None) -> None:
    moved = ask(office, "set_order_status", {"order_id": await order_id(office, number), "status": status}, user=DORA)
    assert (await refused(moved)).code == "FL022"


async def test_dispatcher_moves_an_order_and_history_names_her(office: Connection) -> None:
    order = await order_id(office, 1065)
    facts = await ask(
        office, "set_order_status", {"order_id": order, "status": "cancelled", "reason": "Rain"}, user=DORA
    )
    assert facts == {"number": 1065, "status": "cancelled"}
    kept = await one(
        office,
        """select changed_by_type, changed_by_id, new_value from work_order_history
        where work_order_id = %s and field_changed = 'status'""",
        order,
    )
    assert kept == ("employee", DORA, "cancelled")
    assert await value(office, "select cancel_reason from work_orders where id = %s", order) == "Rain"


async def test_cancelling_needs_a_reason(office: Connection) -> None:
    moved = ask(
        office, "set_order_status", {"order_id": await order_id(office, 1065), "status": "cancelled"}, user=DORA
    )
    assert (await refused(moved)).code == "FL040"


@pytest.mark.parametrize("user", [VERA, OTTO])
async def test_viewer_and_stranger_cannot_move_an_order(office: Connection, user: str) -> None:
    arguments = {"order_id": await order_id(office, 1065), "status": "in_progress"}
    assert (await refused(ask(office, "set_order_status", arguments, user=user))).code == "FL020"


async def test_office_truck_carries_no_stock(sql: Connection) -> None:
    await fails(
        sql,
        "23514",
        """insert into truck_inventory (company_id, truck_id, item_id, quantity)
        select t.company_id, t.id, i.id, 1 from trucks t join inventory_items i using (company_id)
        where t.is_office_truck limit 1""",
    )
    await fails(
        sql,
        "23505",
        "insert into trucks (company_id, number, name, is_office_truck) values (%s, 2, 'Another', true)",
        DEMO,
    )
    await fails(sql, "23514", "update trucks set is_office_truck = true where number = 201")


async def test_stock_is_never_negative_and_never_twice(sql: Connection) -> None:
    await fails(sql, "23514", "update truck_inventory set quantity = -1")
    await fails(
        sql,
        "23505",
        """insert into truck_inventory (company_id, truck_id, item_id, quantity)
        select company_id, truck_id, item_id, 1 from truck_inventory limit 1""",
    )


async def test_clock_record_ends_after_it_begins(sql: Connection) -> None:
    await fails(sql, "23514", "update technician_clock_records set clock_out_time = clock_in_time")


async def test_row_cannot_point_into_another_company(sql: Connection) -> None:
    await fails(
        sql,
        "23503",
        """insert into work_orders (company_id, customer_id, title, brief_description)
        select %s, id, 'x', 'x' from customers where company_id = %s limit 1""",
        DEMO,
        SECOND,
    )
    await fails(
        sql,
        "23503",
        """update work_orders set assigned_technician_id = (select id from technicians where company_id = %s)
        where number = 1065 and company_id = %s""",
        SECOND,
        DEMO,
    )


async def test_actor_must_be_of_the_company(sql: Connection) -> None:
    await fails(
        sql,
        "23503",
        """insert into customer_history (company_id, customer_id, notes, created_by_type, created_by_id)
        select c.company_id, c.id, 'x', 'technician', t.id::text from customers c, technicians t
        where c.company_id = %s and t.company_id = %s limit 1""",
        DEMO,
        SECOND,
    )


async def test_dispatcher_writes_orders_with_a_drawn_number_and_her_own_name(office: Connection) -> None:
    async with office.transaction():
        await act_as(office, DORA)
        made = await one(
            office,
            """insert into work_orders (company_id, customer_id, title, brief_description)
            select company_id, id, 'New', 'New' from customers where name = 'City Bank'
            returning number, status, created_by_type, created_by_id""",
        )
        await fails(office, "42501", "update work_orders set status = 'completed' where number = 1065")
        await fails(
            office, "42501", "insert into work_orders (company_id, title, status) values (null, 'x', 'completed')"
        )
        await fails(office, "42501", "update truck_inventory set quantity = 1000")
        await fails(office, "42501", "delete from work_order_notes")
        await office.execute("reset role")
    assert made == (1121, "pending", "employee", DORA)


@pytest.mark.parametrize("table", ["trucks", "technicians", "customers", "work_orders", "inventory_items"])
async def test_viewer_changes_nothing_and_the_other_company_sees_nothing(
    office: Connection, table: LiteralString
) -> None:
    async with office.transaction():
        await act_as(office, VERA)
        seen = await value(office, f"select count(*) from {table} where company_id = '{DEMO}'")
        changed = await office.execute("update technicians set name = 'x' where true")
        await act_as(office, OTTO)
        others = await value(office, f"select count(*) from {table} where company_id = '{DEMO}'")
        await office.execute("reset role")
    assert seen > 0 and changed.rowcount == 0 and others == 0


async def test_alias_written_by_the_office_is_understood(office: Connection) -> None:
    async with office.transaction():
        await act_as(office, DORA)
        await office.execute(
            """insert into item_aliases (company_id, item_id, alias)
            select company_id, id, 'Jelly Beans' from inventory_items where name = 'RJ45 Connector'"""
        )
        await office.execute("reset role")
    assert await value(office, "select match_alias from item_aliases where alias = 'Jelly Beans'") == "jelly bean"


@pytest.mark.parametrize("table", ["line_requests", "work_order_counters"])
async def test_bookkeeping_is_closed_to_the_office(office: Connection, table: LiteralString) -> None:
    async with office.transaction():
        await act_as(office, DORA)
        await fails(office, "42501", f"select * from {table}")
        await office.execute("reset role")
