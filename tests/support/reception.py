"""A call to reception: nobody has proved anything on it."""

from __future__ import annotations

import uuid
from typing import Any

from agent.speech import speech
from tests.support.lines import LINE_USER, Connection, TechnicianCall, ask

NORTHGATE, HARBOR = "+12025550100", "+12025550190"
JANE = "+12025550155"


async def call_from(sql: Connection, number: str | None, to: str = NORTHGATE) -> TechnicianCall:
    """A call from this number; None withholds it."""
    await sql.execute(
        "insert into auth.users (id, email) values (%s, 'line@x.test') on conflict do nothing", [LINE_USER]
    )
    await sql.execute("insert into line_accounts (user_id) values (%s) on conflict do nothing", [LINE_USER])
    opened = {"room": uuid.uuid4().hex, "from_number": number, "to_number": to}
    return TechnicianCall(sql, (await ask(sql, "call_open", opened))["call_id"], 0)


def said(name: str, facts: dict[str, Any]) -> str:
    """The English sentence, in the demo company's time."""
    return speech("en").say(name, facts, "America/New_York")
