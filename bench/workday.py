"""A technician's call with every line function in it, one round per work order, each answer timed."""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from bench.crowd import NUMBER, PIN, Caller

Facts = dict[str, Any]
#: Calls one line function by its name.
Ask = Callable[..., Awaitable[Facts]]
Step = tuple[str, Facts]

#: Follow-ups are booked from this many days ahead on, where nobody of the crowd has orders.
FOLLOW_UPS_FROM = 400


def _id() -> str:
    return f"bench_{uuid.uuid4().hex}"


async def round_of(caller: Caller, n: int, today: date, facts: Callable[[], Facts]) -> AsyncIterator[Step]:
    """The steps of round `n`. Each does real work: nothing is answered from an earlier one.

    `facts` gives what the step before answered.
    """
    number = caller.orders[n]
    yield "line_companies", {}
    room = f"call-bench-{uuid.uuid4().hex}"
    yield "call_open", {"room": room, "from_number": caller.phone, "to_number": NUMBER}
    call = {"call_id": facts()["call_id"]}
    session = facts()["session_id"]
    yield "verify_pin", {**call, "badge": caller.badge, "pin": PIN}

    def write() -> Facts:
        return {**call, "request_id": _id()}

    yield "clock_in", {**write(), "truck": caller.truck}
    yield "my_status", call
    yield "my_jobs", {**call, "day": "today"}
    yield "next_job", call
    yield "job_details", {**call, "number": number}
    yield "start_travel", {**write(), "number": number}
    yield "arrive", {**write(), "number": number}
    yield "add_note", {**write(), "note": f"Camera {n} has a loose mount, tightened it.", "number": number}
    yield "use_part", {**write(), "part": "RJ45 Connector", "quantity": 2, "number": number}
    yield "check_stock", {**call, "part": "Cat6 Cable"}
    yield "who_has", {**call, "part": "IP Dome Camera"}
    yield "take_part", {**write(), "part": "BNC Connector", "quantity": 1, "from_truck": caller.donor}
    yield "request_restock", {**write(), "part": "Bullet Camera"}
    yield "read_last_entry", call
    yield "undo_last_entry", {**write(), "kind": "note"}
    yield "read_notifications", call
    unread = [item["id"] for item in facts()["notifications"]]
    yield "mark_notifications_read", {**write(), "ids": unread}
    yield "customer_history", {**call, "number": number}
    day = (today + timedelta(days=FOLLOW_UPS_FROM + n)).isoformat()
    yield "book_follow_up", {**write(), "day": day, "number": number}
    yield "complete_job", {**write(), "summary": "Tightened one mount, all cameras record.", "confirmed": True}
    yield "clock_out", {**write(), "confirmed": True}
    items = [{"sequence": i, "type": "user", "content": "what's next", "data": {}} for i in range(10)]
    yield "worker_beat", {"worker": f"bench-{caller.badge}", "rooms": [room], "load": 0.1}
    yield "call_append", {**call, "session_id": session, "items": items}
    yield "call_close", {**call, "status": "completed", "end_reason": "agent_goodbye"}


class Times:
    """Milliseconds of each function."""

    def __init__(self) -> None:
        self.ms: dict[str, list[float]] = defaultdict(list)

    async def timed(self, name: str, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Ask, and keep how long it took."""
        started = time.perf_counter()
        answer = await ask()
        self.ms[name].append((time.perf_counter() - started) * 1000)
        return answer


async def work(
    caller: Caller, rounds: range, today: date, ask: Ask, times: Times, *, ping: Callable[[], Awaitable[Any]]
) -> None:
    """Rounds of one caller. Before every step comes a ping, so that both see the same machine."""
    answered: list[Facts] = [{}]
    for n in rounds:
        async for name, arguments in round_of(caller, n, today, partial(answered.__getitem__, -1)):
            await times.timed("ping", ping)
            answered[-1] = await times.timed(name, partial(ask, name, **arguments))
