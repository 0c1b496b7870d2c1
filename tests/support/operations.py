"""Every operation of the API as one table: how to call it with success on Northgate's rows, and whom it belongs to.

`target` is SQL that finds or makes the row that stands in the path; its columns fill the placeholders in order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.support.office import NORTHGATE, Office

N = NORTHGATE
EMPLOYEE = "select id from public.employees where name = 'Tom Baker'"
DEPARTMENT = "select id from public.departments where name = 'Support'"
NUMBER = f"select id from public.phone_numbers where company_id = '{N}'"
CALL = (
    "insert into public.call_logs (company_id, line, to_number, room)"
    f" values ('{N}', 'reception', '+12025550100', gen_random_uuid()) returning id"
)
MESSAGE = f"insert into public.messages (company_id, from_caller, message_text) values ('{N}', 'Bo', 'Hi') returning id"
TECHNICIAN = f"select id from public.technicians where company_id = '{N}' and badge = '104'"
TRUCK = f"select id from public.trucks where company_id = '{N}' and number = 204"
PART = "select id from public.inventory_items where name = 'Crimper'"
ALIAS = (
    f"insert into public.item_aliases (company_id, item_id, alias) select '{N}', id, gen_random_uuid()::text"
    " from public.inventory_items where name = 'Crimper' returning item_id, id"
)
CUSTOMER = "select id from public.customers where name = 'City Bank'"
ORDER = (
    "insert into public.work_orders (company_id, customer_id, title, brief_description)"
    f" select '{N}', id, 'Look', 'Look at it' from public.customers where name = 'City Bank' returning id"
)
NOTICE = (
    "insert into public.notifications (company_id, notification_type, message)"
    f" values ('{N}', 'system', 'Look') returning id"
)
DELIVERY = (
    "with n as (insert into public.notifications (company_id, notification_type, message)"
    f" values ('{N}', 'system', 'Look') returning id)"
    " insert into public.deliveries (company_id, channel, address, body, once, state, attempts, notification_id)"
    f" select '{N}', 'sms', '+12025550110', 'Look', 'notification ' || n.id, 'failed', 30, n.id from n"
    " returning id"
)
WORD = (
    "insert into public.manual_notifications (company_id, technician_id, message)"
    f" select '{N}', id, 'Call' from public.technicians where company_id = '{N}' and badge = '104' returning id"
)
MEMBER = (
    "with u as (insert into auth.users (id, email) values (gen_random_uuid(), gen_random_uuid() || '@x.example')"
    f" returning id) insert into public.memberships select '{N}', id, 'viewer' from u returning user_id"
)
INVITATION = (
    "insert into public.invitations (company_id, email, role, token_hash, expires_at) values"
    f" ('{N}', 'x@x.example', 'viewer', encode(extensions.digest(gen_random_uuid()::text, 'sha256'), 'hex'),"
    " public.fieldline_now() + interval '1 day') returning id"
)
AUDITED = (
    "insert into public.audit_log (company_id, user_id, who, verb, entity, entity_id)"
    f" values ('{N}', gen_random_uuid(), 'Bo', 'update', 'employees', '1') returning id"
)
ID_OF = {
    "customer": "select id from public.customers where company_id = '{c}' limit 1",
    "technician": "select id from public.technicians where company_id = '{c}' order by id desc limit 1",
    "part": "select id from public.inventory_items where company_id = '{c}' limit 1",
}


@dataclass(frozen=True)
class Operation:
    """How to call it. In `body`, `<customer>` stands for the id of one, and `#` for a number that is new each time."""

    target: str | None = None
    body: Any = None
    status: int = 200
    query: dict[str, str] = field(default_factory=dict)


NAME = "New #"
ADDED, GONE, REFUSED = 201, 204, 409
OPERATIONS: dict[str, Operation] = {
    "GET /me": Operation(),
    "GET /company": Operation(),
    "PATCH /company": Operation(body={"greeting_message": "Good day."}),
    "GET /company/open": Operation(),
    "GET /phone-numbers": Operation(),
    "GET /phone-numbers/{id}": Operation(NUMBER),
    "PATCH /phone-numbers/{id}": Operation(NUMBER, {"label": "front"}),
    "GET /employees": Operation(),
    "POST /employees": Operation(body={"name": NAME}, status=ADDED),
    "GET /employees/{id}": Operation(EMPLOYEE),
    "PATCH /employees/{id}": Operation(EMPLOYEE, {"status": "away"}),
    "DELETE /employees/{id}": Operation(
        f"insert into public.employees (company_id, name) values ('{N}', 'Bo') returning id", status=GONE
    ),
    "GET /employees.csv": Operation(),
    "POST /employees/import": Operation(body="name,email\nNew #,n#@x.example\n"),
    "GET /departments.csv": Operation(),
    "POST /departments/import": Operation(body="name\nNew #\n"),
    "GET /departments": Operation(),
    "POST /departments": Operation(body={"name": NAME}, status=ADDED),
    "GET /departments/{id}": Operation(DEPARTMENT),
    "PATCH /departments/{id}": Operation(DEPARTMENT, {"routing_priority": 25}),
    "DELETE /departments/{id}": Operation(
        f"insert into public.departments (company_id, name) values ('{N}', gen_random_uuid()) returning id", status=GONE
    ),
    "GET /call-logs": Operation(),
    "GET /call-logs/{id}": Operation(CALL),
    "GET /call-logs/{id}/transcript": Operation(CALL),
    "GET /call-logs/{id}/timeline": Operation(CALL),
    "GET /call-logs/{id}/transfers": Operation(CALL),
    "GET /call-logs/{id}/recording": Operation(CALL),
    "GET /messages": Operation(),
    "GET /messages/{id}": Operation(MESSAGE),
    "GET /messages/{id}/deliveries": Operation(MESSAGE),
    "POST /messages/{id}/read": Operation(MESSAGE),
    # It has only just been taken, so it is still on its way.
    "POST /messages/{id}/resend": Operation(MESSAGE, status=REFUSED),
    "GET /deliveries": Operation(),
    "GET /deliveries/{id}": Operation(DELIVERY),
    "POST /deliveries/{id}/retry": Operation(DELIVERY),
    "GET /technicians": Operation(),
    "POST /technicians": Operation(body={"badge": "9#", "name": NAME, "phone": "+1202444####"}, status=ADDED),
    "GET /technicians/{id}": Operation(TECHNICIAN),
    "PATCH /technicians/{id}": Operation(TECHNICIAN, {"name": "Alex R."}),
    "GET /technicians/{id}/pin-attempts": Operation(TECHNICIAN),
    "POST /technicians/{id}/pin": Operation(TECHNICIAN, {"pin": "4812"}),
    "POST /technicians/{id}/one-time-code": Operation(TECHNICIAN),
    "POST /technicians/{id}/unlock": Operation(TECHNICIAN),
    "POST /technicians/unlock-number": Operation(body={"number": "+12025550101"}),
    "GET /trucks": Operation(),
    "POST /trucks": Operation(body={"number": "<#>", "name": NAME}, status=ADDED),
    "GET /trucks/{id}": Operation(TRUCK),
    "PATCH /trucks/{id}": Operation(TRUCK, {"name": "Truck 204 blue"}),
    "GET /trucks/{id}/stock": Operation(TRUCK),
    "POST /trucks/{id}/stock": Operation(TRUCK, {"item_id": "<part>", "add": 3}),
    "GET /trucks/{id}/movements": Operation(TRUCK),
    "GET /inventory": Operation(),
    "POST /inventory": Operation(body={"name": NAME}, status=ADDED),
    "GET /inventory/{id}": Operation(PART),
    "PATCH /inventory/{id}": Operation(PART, {"low_quantity": 1}),
    "DELETE /inventory/{id}": Operation(
        f"insert into public.inventory_items (company_id, name) values ('{N}', gen_random_uuid()::text) returning id",
        status=GONE,
    ),
    "GET /inventory/{id}/aliases": Operation(PART),
    "POST /inventory/{id}/aliases": Operation(PART, {"alias": NAME}, status=ADDED),
    "DELETE /inventory/{id}/aliases/{alias_id}": Operation(ALIAS, status=GONE),
    "GET /inventory/{id}/stock": Operation(PART),
    "GET /customers": Operation(),
    "POST /customers": Operation(body={"name": NAME, "address": "Here", "phone": "+12025550160"}, status=ADDED),
    "GET /customers/{id}": Operation(CUSTOMER),
    "PATCH /customers/{id}": Operation(CUSTOMER, {"address": "There"}),
    "DELETE /customers/{id}": Operation(
        "insert into public.customers (company_id, name, address, phone)"
        f" values ('{N}', 'City Bnak', 'Here', '+12025550161') returning id",
        status=GONE,
    ),
    "GET /customers/{id}/history": Operation(CUSTOMER),
    "POST /customers/{id}/history": Operation(CUSTOMER, {"notes": "Rang."}, status=ADDED),
    "GET /work-orders": Operation(),
    "POST /work-orders": Operation(
        body={"customer_id": "<customer>", "title": "Fix", "brief_description": "Fix it"}, status=ADDED
    ),
    "GET /work-orders/{id}": Operation(ORDER),
    "PATCH /work-orders/{id}": Operation(ORDER, {"title": "Fix"}),
    "POST /work-orders/{id}/schedule": Operation(ORDER, {"scheduled_for": "2026-03-09T14:00:00Z"}),
    "POST /work-orders/{id}/status": Operation(ORDER, {"status": "cancelled", "reason": "Not needed"}),
    "GET /work-orders/{id}/notes": Operation(ORDER),
    "POST /work-orders/{id}/notes": Operation(ORDER, {"note_text": "Key at the porter's."}, status=ADDED),
    "GET /work-orders/{id}/history": Operation(ORDER),
    "GET /notifications": Operation(),
    "GET /notifications/{id}": Operation(NOTICE),
    "POST /notifications/{id}/read": Operation(NOTICE),
    "GET /technician-notifications": Operation(),
    "POST /technician-notifications": Operation(
        body={"technician_id": "<technician>", "message": "Call"}, status=ADDED
    ),
    "GET /technician-notifications/{id}": Operation(WORD),
    "GET /members": Operation(),
    "GET /members/{user_id}": Operation(MEMBER),
    "PATCH /members/{user_id}": Operation(MEMBER, {"role": "dispatcher"}),
    "DELETE /members/{user_id}": Operation(MEMBER, status=GONE),
    "GET /invitations": Operation(),
    "POST /invitations": Operation(body={"email": "n#@x.example", "role": "viewer"}, status=ADDED),
    "GET /invitations/{id}": Operation(INVITATION),
    "DELETE /invitations/{id}": Operation(INVITATION, status=GONE),
    # Not an invitation: refused by its own rule, for everybody who is signed in.
    "POST /invitations/accept": Operation(body={"token": "no-such-invitation"}, status=REFUSED),
    "GET /usage": Operation(query={"from_day": "2026-03-01", "to_day": "2026-03-31"}),
    "GET /audit-log": Operation(),
    "GET /audit-log/{id}": Operation(AUDITED),
}


@dataclass(frozen=True)
class Call:
    """An operation with its placeholders filled."""

    method: str
    path: str
    body: Any
    query: dict[str, str]


_counter = iter(range(1000, 10_000))


async def build_call(office: Office, name: str, *, company: str = NORTHGATE) -> Call:
    """The operation, ready to be sent. Rows that its body names are `company`'s; those of its path are Northgate's."""
    operation = OPERATIONS[name]
    method, path = name.split(" ")
    if operation.target:
        [ids] = await office.rows(operation.target)
        for value in ids:
            path = re.sub(r"{\w+}", str(value), path, count=1)
    return Call(method, f"/api/v1{path}", await filled(office, operation.body, company), operation.query)


async def filled(office: Office, body: Any, company: str) -> Any:
    """The body of an operation with ids of `company` and numbers that are new."""
    if body is None or isinstance(body, str):
        return body and body.replace("#", str(next(_counter)))
    filled = {}
    for key, value in body.items():
        number = next(_counter)
        if value == "<#>":
            value = number
        elif isinstance(value, str) and value.startswith("<"):
            [[value]] = await office.rows(ID_OF[value.strip("<>")].format(c=company))
        elif isinstance(value, str):
            value = value.replace("####", str(number)).replace("#", str(number))
        filled[key] = value
    return filled


async def send(office: Office, person: str, call: Call) -> Any:
    """The answer that somebody gets."""
    if isinstance(call.body, str):
        return await office[person].request(call.method, call.path, content=call.body, params=call.query)
    return await office[person].request(call.method, call.path, json=call.body, params=call.query)
