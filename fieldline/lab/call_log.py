"""A call's row in the log, as a person wants to see it."""

from __future__ import annotations

from typing import Any

from fieldline.lab.rows import Rows

_STILL_OPEN = "select count(*) from public.call_logs where room = %(room)s and ended_at is null"
_LOG = """
select c.from_number, c.to_number, c.line, c.caller_name as number_belongs_to, t.name as verified_as,
  c.started_at, extract(epoch from c.duration)::float8 as duration_seconds, c.status, c.end_reason, c.summary,
  count(distinct s.id) as sessions,
  count(i.id) filter (where i.interaction_type = 'user') as caller_turns,
  count(i.id) filter (where i.interaction_type = 'agent') as agent_turns,
  count(i.id) filter (where i.interaction_type = 'tool_call') as tool_calls,
  c.room
from public.call_logs c
  left join public.technicians t on t.id = c.technician_id
  left join public.voice_agent_sessions s on s.call_id = c.id
  left join public.voice_agent_interactions i on i.session_id = s.id
where c.room = %(room)s
group by c.id, t.name
"""


_TOLD = """
from public.voice_agent_interactions i
  join public.voice_agent_sessions s on s.id = i.session_id join public.call_logs c on c.id = s.call_id
where c.room = %(room)s and i.interaction_type = 'event' and i.content = 'employee_told'
"""


async def told(rows: Rows, room: str) -> str:
    """What the last employee who was rung for this call was told: no telephone but theirs carries it.

    Raises:
        RowsError: nobody has been told anything within 20 s.
    """
    await rows.until(f"select count(*) > 0 {_TOLD}", True, what="the employee was not told who calls", room=room)
    return await rows.value(f"select i.data ->> 'words' {_TOLD} order by i.created_at desc limit 1", room=room)


async def call_log(rows: Rows, room: str) -> dict[str, Any] | None:
    """The row of the call in `room` once it is closed; None when the call never had one.

    Raises:
        RowsError: the row is still open 20 s after the caller has hung up.
    """
    await rows.until(_STILL_OPEN, 0, what="the call's row was not closed", room=room)
    return await rows.record(_LOG, room=room)
