"""Places real SIP calls inside a network namespace and prints what came of them as JSON, one object.

python -m tests.support.sip.run FOLDER CACHE
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from fieldline.lab.audio import Pcm, loud_s
from fieldline.lab.hearing import CALLER_HZ, EMPLOYEE_HZ, tone_ms, tone_windows
from fieldline.lab.rows import Rows, open_rows
from tests.support.sip.refusing import RefusingPhone
from tests.support.sip.softphone import Softphone
from tests.support.sip.world import (
    CALLER_PORT,
    HOST,
    INTERFACE,
    LINE,
    OFFICE_PORT,
    REFUSING_PORT,
    SIP_PORT,
    World,
    world,
)

#: Who is rung first: the first of the seed by routing_priority.
STRANGER, OFFICE = "+12025559876", "+12025550110"
#: So long the two talk, in tones; the agent's introduction covers the first second or two of it.
TALK_S = 4.0
#: So long the office's telephone rings before somebody picks it up; a softphone alone would answer at once.
RINGS_S = 3.0
#: The two have been parted when one has not heard the other for so many windows of 20 ms.
PAUSE = 25
LAST_CALL = "from public.call_logs order by started_at desc limit 1"
ATTEMPTS = f"from public.transfers t join (select id {LAST_CALL}) c on c.id = t.call_id"
OPEN_CALLS = "select count(*) from public.call_logs where ended_at is null"
SPOKEN = "select count(*) from public.voice_agent_interactions where interaction_type = 'agent'"
#: The line has spoken to the caller after the last attempt was over.
BACK = f"""select bool_and(t.ended_at is not null) and (
  select max(i.created_at) from public.voice_agent_interactions i where i.interaction_type = 'agent') > max(t.ended_at)
  {ATTEMPTS}"""


async def main(folder: Path, cache: Path) -> dict[str, Any]:
    """Every call, one after the other."""
    found: dict[str, Any] = {}
    async with world(folder, cache) as lab, open_rows(lab.stack.info.database_url) as rows:
        found["inbound"] = await inbound(lab, rows)
        _, refusing = await asyncio.get_running_loop().create_datagram_endpoint(
            RefusingPhone, local_addr=(HOST, REFUSING_PORT)
        )
        await lab.route_office_to(REFUSING_PORT)
        for status in (486, 603, 480):
            refusing.status = status
            found[str(status)] = await not_connected(lab, rows, str(status))
        refusing.status = None
        found["caller_leaves"] = await caller_leaves(lab, rows, refusing)
        await lab.route_office_to(OFFICE_PORT)
        found["accepted at once"] = await accepted(lab, rows, rings_s=0.0)
        found["accepted"] = await accepted(lab, rows, rings_s=RINGS_S)
    return found


async def inbound(lab: World, rows: Rows) -> dict[str, Any]:
    """A stranger calls, is greeted, and hangs up."""
    async with caller(lab, "inbound") as phone:
        await greeted(phone, rows)
        await phone.hang_up()
        await phone.until("CALL_CLOSED")
        heard_s = loud_s(phone.heard())
    await rows.until(OPEN_CALLS, 0, what="the call's end")
    log = await rows.record(f"select from_number, to_number, status, end_reason {LAST_CALL}")
    return {"log": log, "heard_s": heard_s}


async def not_connected(lab: World, rows: Rows, name: str) -> dict[str, Any]:
    """The office refuses; the line comes back to the caller, who then hangs up."""
    async with caller(lab, name) as phone:
        await greeted(phone, rows)
        await phone.press("0")
        await rows.until(f"select count(*) > 0 {ATTEMPTS} where t.outcome is not null", True, what="an attempt's end")
        attempt = await rows.record(f"select t.outcome, t.sip_status {ATTEMPTS} order by t.started_at limit 1")
        await rows.until(BACK, True, what="a voice for the caller after the attempt")
        still_on = phone.count("CALL_CLOSED") == 0
        await phone.hang_up()
    await rows.until(OPEN_CALLS, 0, what="the call's end")
    return {"attempt": attempt, "still_on": still_on}


async def caller_leaves(lab: World, rows: Rows, office: RefusingPhone) -> dict[str, Any]:
    """The caller hangs up while the office rings; the ringing stops."""
    before = office.cancelled
    async with caller(lab, "leaves") as phone:
        await greeted(phone, rows)
        await phone.press("0")
        await rows.until(f"select count(*) > 0 {ATTEMPTS}", True, what="an attempt")
        await office.rings()
        await phone.hang_up()
        await office.until_cancelled(before + 1)
    await rows.until(OPEN_CALLS, 0, what="the call's end")
    return {"outcome": await rows.value(f"select t.outcome {ATTEMPTS}")}


async def accepted(lab: World, rows: Rows, *, rings_s: float) -> dict[str, Any]:
    """The office picks up, hears the briefing, accepts by key; both talk in tones until the caller hangs up."""
    name = f"accepted-{rings_s:.0f}"
    folder = lab.folder / f"office-{name}"
    office = Softphone(folder, OFFICE, lab.voice(EMPLOYEE_HZ), host=HOST, port=OFFICE_PORT, interface=INTERFACE)
    async with office, caller(lab, name) as phone:
        await greeted(phone, rows)
        await phone.press("0")
        await office.until("CALL_INCOMING")
        await asyncio.sleep(rings_s)
        await office.answer()
        await office.until("CALL_ESTABLISHED")
        await rows.until(f"select count(*) > 0 {ATTEMPTS} where t.answered_at is not null", True, what="the answer")
        await office.press("1")
        await rows.until(f"select count(*) > 0 {ATTEMPTS} where t.connected_at is not null", True, what="the accept")
        await asyncio.sleep(TALK_S)
        await phone.hang_up()
        await office.until("CALL_CLOSED")
        await rows.until(OPEN_CALLS, 0, what="the call's end")
        return {
            "outcome": await rows.value(f"select t.outcome {ATTEMPTS}"),
            "status": await rows.value(f"select status {LAST_CALL}"),
            "talked_s": await rows.value(f"select extract(epoch from t.ended_at - t.connected_at)::float8 {ATTEMPTS}"),
            "office_heard_caller_s": tone_ms(office.heard(), CALLER_HZ) / 1000,
            "caller_heard_office_s": tone_ms(phone.heard(), EMPLOYEE_HZ) / 1000,
            "office_heard_early_ms": before_the_talk_ms(office.heard(), CALLER_HZ),
            "caller_heard_early_ms": before_the_talk_ms(phone.heard(), EMPLOYEE_HZ),
        }


def before_the_talk_ms(heard: Pcm, hertz: float) -> int:
    """Milliseconds of the other's tone before the last stretch of it, which is the talk."""
    at = np.flatnonzero(tone_windows(heard, hertz))
    pauses = np.flatnonzero(np.diff(at) > PAUSE)
    return (int(pauses[-1]) + 1) * 20 if len(pauses) else 0


async def greeted(phone: Softphone, rows: Rows) -> None:
    """Call the line and wait until it has greeted."""
    before = await rows.value(SPOKEN)
    await phone.dial(f"sip:{LINE}@{HOST}:{SIP_PORT}")
    await phone.until("CALL_ESTABLISHED")
    await rows.until(f"select ({SPOKEN}) > {before}", True, what="a greeting")


def caller(lab: World, name: str) -> Softphone:
    """The stranger's telephone, which says its tone all the time."""
    return Softphone(
        lab.folder / name, STRANGER, lab.voice(CALLER_HZ), host=HOST, port=CALLER_PORT, interface=INTERFACE
    )


if __name__ == "__main__":
    found = json.dumps(asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]))), indent=2)
    Path(sys.argv[1], "calls.json").write_text(found)
    print(found)  # noqa: T201
