"""The console's forms as a table: who may send each, and what the database says before and after."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.support.office import user_id

KAREN = "select id from employees where name = 'Karen Miller'"
DISPATCH = "select id from departments where name = 'Dispatch'"
ORDER = "select %s from work_orders where number = 1057"
TRUCK = "(select id from trucks where number = 202)"
ITEM = "(select min(item_id) from truck_inventory where truck_id = " + TRUCK + ")"
MESSAGE = "select id from messages where message_text = 'Ring me.'"
ANA = user_id("viewer")


@dataclass(frozen=True)
class Post:
    """A form, who may send it at least, and what the database says before and after."""

    path: str
    least: str
    asks: str
    before: Any
    after: Any
    form: dict[str, str] = field(default_factory=dict)
    #: Its answer is put in place of `{}` in the path.
    key: str = ""
    #: Rows to begin with.
    given: str = ""
    #: Whether the address names a row, which another company does not have.
    ones: bool = True


MAIL = (
    "insert into messages (company_id, from_caller, to_employee_id, message_text, status)"
    " select company_id, '+12025550120', id, 'Ring me.', 'delivered' from employees where name = 'Karen Miller'"
)
POSTS = {
    "add department": Post(
        "directory/departments",
        "admin",
        "select count(*) from departments where name = 'Night' and company_id = (select company_id from departments"
        " where name = 'Dispatch')",
        0,
        1,
        {"name": "Night"},
        ones=False,
    ),
    "change department": Post(
        "directory/departments/{}",
        "admin",
        "select count(*) from departments where description = 'Vans'",
        0,
        1,
        {"name": "Dispatch", "description": "Vans", "own_hours": "no"},
        DISPATCH,
    ),
    "move department": Post(
        "directory/departments/{}/move",
        "admin",
        "select name from departments where company_id = (select company_id from departments where name = 'Dispatch')"
        " order by routing_priority, name limit 1",
        "Dispatch",
        "Support",
        {"to": "down"},
        DISPATCH,
        "update departments set routing_priority = array_position(array['Dispatch', 'Support'], name::text) * 10"
        " where name in ('Dispatch', 'Support')",
    ),
    "remove department": Post(
        "directory/departments/{}/remove",
        "admin",
        "select count(*) from departments where name = 'Empty'",
        1,
        0,
        key="select id from departments where name = 'Empty'",
        given="insert into departments (company_id, name) select company_id, 'Empty' from departments"
        " where name = 'Dispatch'",
    ),
    "remove person": Post(
        "directory/people/{}/remove",
        "admin",
        "select count(*) from employees where name = 'Gone Soon'",
        1,
        0,
        key="select id from employees where name = 'Gone Soon'",
        given="insert into employees (company_id, name) select company_id, 'Gone Soon' from departments"
        " where name = 'Dispatch'",
    ),
    "note on an order": Post(
        "work/orders/1057",
        "dispatcher",
        "select count(*) from work_order_notes where note_text = 'Bring a ladder.'",
        0,
        1,
        {"note": "Bring a ladder."},
    ),
    "plan of an order": Post(
        "work/orders/1057",
        "dispatcher",
        ORDER % "assigned_technician_id is null",
        False,
        True,
        {"technician": ""},
    ),
    "cancel an order": Post(
        "work/orders/1057/status",
        "dispatcher",
        ORDER % "status",
        "pending",
        "cancelled",
        {"status": "cancelled", "reason": "No longer wanted"},
    ),
    "message to a technician": Post(
        "work/tell",
        "dispatcher",
        "select count(*) from manual_notifications where message = 'Come in.'",
        0,
        1,
        {
            "technician": "(select id from technicians where badge = '101' and name = 'Mike Johnson')",
            "message": "Come in.",
        },
        ones=False,
    ),
    "notice was read": Post(
        "work/notices/{}",
        "dispatcher",
        "select is_read from notifications where message = 'Look here.'",
        False,
        True,
        key="select id from notifications where message = 'Look here.'",
        given="insert into notifications (company_id, notification_type, message)"
        " select company_id, 'system', 'Look here.' from departments where name = 'Dispatch'",
    ),
    "add technician": Post(
        "work/technicians/new",
        "dispatcher",
        "select count(*) from technicians t join technician_pins p on p.technician_id = t.id"
        " where t.name = 'Nina Cole'",
        0,
        1,
        {"name": "Nina Cole", "phone": "+12025550177", "badge": "177", "pin": "4826", "active": "yes"},
        ones=False,
    ),
    "change technician": Post(
        "work/technicians/{}",
        "dispatcher",
        "select count(*) from technicians where name = 'Mike Jones'",
        0,
        1,
        {"name": "Mike Jones", "phone": "+12025550101", "badge": "101", "active": "yes"},
        "select id from technicians where name = 'Mike Johnson'",
    ),
    "set a PIN": Post(
        "work/technicians/{}/pin",
        "dispatcher",
        "select pin_hash = extensions.crypt('4826', pin_hash) from technician_pins p join technicians t"
        " on t.id = p.technician_id where t.name = 'Mike Johnson'",
        False,
        True,
        {"pin": "4826"},
        "select id from technicians where name = 'Mike Johnson'",
    ),
    "move stock": Post(
        "stock/move",
        "dispatcher",
        f"select quantity = 77 from truck_inventory where truck_id = {TRUCK} and item_id = {ITEM}",
        False,
        True,
        {"truck": TRUCK, "item": ITEM, "amount": "77", "how": "counted"},
    ),
    "message was read": Post(
        "messages/{}/read",
        "dispatcher",
        "select status from messages where message_text = 'Ring me.'",
        "delivered",
        "read",
        key=MESSAGE,
        given=MAIL,
    ),
    "message again": Post(
        "messages/{}/resend",
        "dispatcher",
        f"select min(state) from deliveries where message_id = ({MESSAGE})",
        "failed",
        "queued",
        key=MESSAGE,
        given=MAIL + "; update deliveries set state = 'failed' where message_id is not null",
    ),
    "change member": Post(
        "members/" + ANA,
        "admin",
        f"select role from memberships where user_id = '{ANA}'",
        "viewer",
        "dispatcher",
        {"role": "dispatcher"},
    ),
    "remove member": Post(
        f"members/{ANA}/remove",
        "admin",
        f"select count(*) from memberships where user_id = '{ANA}'",
        1,
        0,
    ),
    "what callers hear": Post(
        "settings",
        "admin",
        "select count(*) from company_info where greeting_message = 'Good day to you.'"
        " and company_id = (select company_id from departments where name = 'Dispatch')",
        0,
        1,
        {
            "part": "callers",
            "company_name": "Northgate",
            "greeting_message": "Good day to you.",
            "timezone": "America/New_York",
        },
        ones=False,
    ),
    "a number": Post(
        "settings/numbers/{}",
        "admin",
        "select label from phone_numbers where number = '+12025550100'",
        "main",
        "Night line",
        {"label": "Night line", "active": "yes"},
        "select id from phone_numbers where number = '+12025550100'",
        "update phone_numbers set label = 'main' where number = '+12025550100'",
    ),
}
