"""More of everything than the demo company has: technicians who can call, their trucks, stock and orders.

Written by the database's owner, in SQL, into a scratch database. What it makes obeys the same constraints and triggers
as what people enter.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

#: The demo company's number (supabase/seed.sql).
NUMBER = "+12025550100"
PIN = "5938"
FIRST_BADGE = 1001
#: Trucks of the crowd; everybody has one to drive, and who can call has one more to take parts from.
FIRST_TRUCK = 1001
FIRST_DONOR = 500_001
#: Order numbers of the crowd begin here, far from the demo's.
FIRST_ORDER = 100_001
STOCK = 100_000


@dataclass(frozen=True)
class Caller:
    """A technician of the crowd, by what they would say; `orders` are those not yet done, soonest first."""

    badge: str
    phone: str
    truck: int
    donor: int
    orders: tuple[int, ...]


PEOPLE = """
with company as (select company_id as id from public.phone_numbers where number = %(number)s),
people as (
  insert into public.technicians (company_id, badge, name, phone)
  select company.id, (%(badge)s + n)::text, 'Crowd Worker ' || n, '+1303' || lpad((5550000 + n)::text, 7, '0')
  from company, generate_series(%(first)s, %(last)s) n returning company_id
)
insert into public.trucks (company_id, number, name)
select company.id, t.first + n, 'Truck ' || (t.first + n)
from company, generate_series(%(first)s, %(last)s) n,
  (values (%(truck)s, %(last)s), (%(donor)s, %(caller)s)) t (first, last)
where n <= t.last
"""

STOCK_UP = """
insert into public.truck_inventory (company_id, truck_id, item_id, quantity)
select t.company_id, t.id, i.id, %(stock)s
from public.trucks t join public.inventory_items i using (company_id)
where t.number >= %(truck)s and not exists (select from public.truck_inventory s where s.truck_id = t.id)
"""

PINS = """
select public._store_pin(t, %(pin)s)
from public.technicians t join public.phone_numbers p using (company_id)
where t.badge = any (%(badges)s) and p.number = %(number)s
"""

#: `per_day` orders a day and technician, from `from_day` days before today on: past ones completed, the rest scheduled.
ORDERS = """
with company as (
  select p.company_id as id, _company_zone(p.company_id) as zone from public.phone_numbers p where p.number = %(number)s
), today as (
  select (fieldline_now() at time zone zone)::date as day, company.* from company
), visits as (
  select today.id as company_id, t.id as technician_id, today.day as today, o,
    %(order)s + (t.badge::int - %(badge)s) * %(each)s + o as number,
    ((today.day + %(from_day)s + o / %(per_day)s + time '08:00' + (o %% %(per_day)s) * interval '4 hours')
      at time zone today.zone) as starts
  from today
  join public.technicians t on t.company_id = today.id
    and t.badge::bigint between %(badge)s + %(first)s and %(badge)s + %(last)s
  cross join generate_series(0, %(each)s - 1) o
), customers as (
  select c.id, row_number() over (order by c.id) - 1 as place, count(*) over () as many
  from public.customers c join company on c.company_id = company.id
)
insert into public.work_orders (company_id, number, customer_id, title, brief_description, full_summary, order_type,
  status, assigned_technician_id, scheduled_for, ends_at, started_at, completed_at, completion_summary)
select v.company_id, v.number, c.id, 'Camera maintenance', 'Clean lenses, check power and recordings.',
  'Yearly visit. Clean all lenses and check every power supply.', 'maintenance',
  case when past then 'completed' else 'scheduled' end, v.technician_id, v.starts, v.starts + interval '2 hours',
  case when past then v.starts end, case when past then v.starts + interval '90 minutes' end,
  case when past then 'All cameras cleaned and checked.' end
from visits v
cross join lateral (select v.starts < fieldline_now() - interval '1 day' as past) p
join customers c on c.place = v.number %% c.many
"""

#: What completed orders leave behind.
TRACES = """
with done as (
  select w.* from public.work_orders w where w.number >= %(order)s and w.status = 'completed'
), travel as (
  insert into public.travel_logs (company_id, work_order_id, technician_id, travel_start_time, travel_end_time)
  select company_id, id, assigned_technician_id, started_at - interval '30 minutes', started_at from done
), notes as (
  insert into public.work_order_notes (company_id, work_order_id, technician_id, note_text, created_at)
  select company_id, id, assigned_technician_id, 'The key is at the front desk.', started_at + interval '1 hour'
  from done
)
insert into public.customer_history (
  company_id, customer_id, work_order_id, notes, created_by_type, created_by_id, created_at
)
select company_id, customer_id, id, completion_summary, 'technician', assigned_technician_id::text, completed_at
from done
"""

#: One more message for each caller to hear.
NOTIFY = """
insert into public.manual_notifications (company_id, technician_id, message)
select t.company_id, t.id, 'Please bring the spare drill kit back to the shop.'
from public.technicians t where t.badge::bigint between %(badge)s and %(badge)s + 999999
"""


async def add_crowd(
    owner: psycopg.AsyncConnection,
    *,
    first: int,
    count: int,
    orders_each: int,
    from_day: int = 0,
    orders_per_day: int = 1,
    pins: int | None = None,
) -> list[Caller]:
    """Add technicians number `first` to `first + count - 1` with `orders_each` orders; callers are those with a PIN.

    Args:
        owner: connection of the database's owner.
        from_day: the first order's day, counted from today; orders before today are completed.
        pins: how many of them get a PIN and so can call; all by default.
    """
    done = max(0, -from_day * orders_per_day)
    callers = [_caller(first + n, orders_each, done) for n in range(count if pins is None else pins)]
    values = {
        "number": NUMBER,
        "badge": FIRST_BADGE,
        "truck": FIRST_TRUCK,
        "donor": FIRST_DONOR,
        "order": FIRST_ORDER,
        "first": first,
        "last": first + count - 1,
        "caller": first + len(callers) - 1,
        "each": orders_each,
        "from_day": from_day,
        "per_day": orders_per_day,
        "stock": STOCK,
        "pin": PIN,
    }
    # Bound by the client: the statements are long and run once, and the server need not guess the types.
    cursor = psycopg.AsyncClientCursor(owner)
    for statement in (PEOPLE, STOCK_UP, ORDERS):
        await cursor.execute(statement, values)
    if from_day < 0:
        await cursor.execute(TRACES, values)
    await cursor.execute(PINS, {**values, "badges": [c.badge for c in callers]})
    await owner.execute("analyze")
    return callers


async def notify_all(owner: psycopg.AsyncConnection) -> None:
    """One unread message for every technician of the crowd."""
    await owner.execute(NOTIFY, {"badge": FIRST_BADGE})


def _caller(n: int, orders_each: int, done: int) -> Caller:
    first = FIRST_ORDER + n * orders_each
    return Caller(
        badge=str(FIRST_BADGE + n),
        phone=f"+1303{5550000 + n:07d}",
        truck=FIRST_TRUCK + n,
        donor=FIRST_DONOR + n,
        orders=tuple(range(first + done, first + orders_each)),
    )
