"""Calls: looking for one, and reading it."""

from __future__ import annotations

import asyncio
import re
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from admin_api.console import timeline
from admin_api.console.office import Office, OfficeUser
from admin_api.console.pages import render
from admin_api.console.sound import playable
from admin_api.database import Page, Row, Where
from admin_api.problems import not_found

router = APIRouter()

PAGE = 50
ORDER = ("-started_at", "id")
LIST = "id,line,from_number,caller_name,technician_id,started_at,ended_at,status,end_reason,is_test"
CALL = LIST + ",to_number,room,verified_at,summary,usage,company_id"
ITEMS = "id,type:interaction_type,content,data,at:created_at,session_id,sequence"
TRANSFERS = "started_at,connected_at,ended_at,outcome,about,sip_status,sip_reason,talk_seconds,employees(name)"

Words = Annotated[str, Query(max_length=200)]


@router.get("/calls")
async def calls(
    request: Request,
    office: Office,
    number: Words = "",
    person: Words = "",
    day: Words = "",
    outcome: Words = "",
    text: Words = "",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """Calls, newest first, by what is remembered of them."""
    asked = {"number": number, "person": person, "day": day, "outcome": outcome, "text": text}
    where, problem = conditions(office, asked)
    if words := text.strip():
        found = await calls_that_say(office, words, asked, offset)
    else:
        found = await office.db.select(
            "call_logs", LIST, where=where, order=ORDER, limit=PAGE, offset=offset, count=True
        )
    await name_technicians(office, found.rows)
    query = urlencode({name: value for name, value in asked.items() if value})
    return render(
        request,
        "calls.html",
        office,
        rows=found.rows,
        total=found.total or 0,
        limit=PAGE,
        offset=offset,
        query=query,
        asked=asked,
        problem=problem,
        filtered=bool(query),
    )


async def name_technicians(office: OfficeUser, rows: list[Row]) -> None:
    """Put `technician` into each row: who proved themselves on the call. Two ways lead from calls to technicians, so
    the API cannot embed them by itself."""
    ids = sorted({row["technician_id"] for row in rows if row["technician_id"] is not None})
    people = (
        await office.db.select("technicians", "id,name", where=[*office.mine(), Where("id", "in", ids)])
        if ids
        else None
    )
    names = {person["id"]: person["name"] for person in people.rows} if people else {}
    for row in rows:
        row["technician"] = names.get(row["technician_id"])


def conditions(office: OfficeUser, asked: dict[str, str]) -> tuple[list[Where], str]:
    """What was asked, as conditions; and what could not be understood."""
    where: list[Where] = office.mine()
    problem = ""
    if digits := re.sub(r"\D", "", asked["number"]):
        where.append(Where("from_number", "like", f"*{digits}*"))
    if named := asked["person"].strip():
        where.append(Where("caller_name", "ilike", f"*{_plain(named)}*"))
    if asked["outcome"]:
        where.append(Where("status", "eq", asked["outcome"]))
    try:
        since, until = day_of(office, asked["day"])
    except ValueError:
        problem = "That is no day of the calendar; write it as 2026-03-04."
    else:
        if since and until:
            where += [Where("started_at", "gte", since), Where("started_at", "lt", until)]
    return where, problem


def day_of(office: OfficeUser, day: str) -> tuple[str | None, str | None]:
    """Begin and end of a day in the company's time; nothing for none. Raises ValueError."""
    if not day:
        return None, None
    begin = datetime.combine(date.fromisoformat(day), time.min, office.zone)
    end = datetime.combine(begin.date() + timedelta(days=1), time.min, office.zone)
    return begin.isoformat(), end.isoformat()


def _plain(words: str) -> str:
    """Wildcards and marks of the query language stand for any one character."""
    return re.sub(r"""[,(){}"'\\%*:]""", "_", words)


async def calls_that_say(office: OfficeUser, words: str, asked: dict[str, str], offset: int) -> Page:
    """Calls in which these words were said, among those that fit what else was asked."""
    try:
        since, until = day_of(office, asked["day"])
    except ValueError:
        since, until = None, None
    found = await office.db.rpc(
        "find_calls",
        company_id=office.company_id,
        words=words,
        number=re.sub(r"\D", "", asked["number"]) or None,
        person=asked["person"].strip() or None,
        outcome=asked["outcome"] or None,
        since=since,
        until=until,
        skip=offset,
        most=PAGE,
    )
    if not found["ids"]:
        return Page([], found["total"])
    where = [*office.mine(), Where("id", "in", found["ids"])]
    return Page((await office.db.select("call_logs", LIST, where=where, order=ORDER)).rows, found["total"])


@router.get("/calls/{call_id}")
async def call(request: Request, office: Office, call_id: UUID) -> Response:
    """One call, from the first word to the rows it left behind."""
    row = await office.db.first("call_logs", CALL, where=office.mine(id=str(call_id)))
    if row is None:
        raise not_found()
    items, transfers, messages, commands, recordings, changes = await asyncio.gather(
        items_of(office, row["id"]),
        office.db.select("transfers", TRANSFERS, where=office.mine(call_id=row["id"]), order=["attempt"]),
        office.db.select("messages", "*", where=office.mine(call_id=row["id"]), order=["timestamp"]),
        office.db.select("call_commands", "*", where=office.mine(call_id=row["id"]), order=["created_at"]),
        office.db.select("call_recordings", "path", where=office.mine(call_id=row["id"]), order=["created_at"]),
        office.db.rpc("call_changes", call_id=row["id"]),
    )
    await name_technicians(office, [row])
    told = timeline.entries(items)
    entries = sorted([*told, *timeline.transfers(transfers.rows)], key=lambda entry: entry.at)
    return render(
        request,
        "call.html",
        office,
        call=row,
        entries=entries,
        chart=timeline.chart(timeline.latencies(told)),
        messages=messages.rows,
        commands=commands.rows,
        changes=changes,
        sounds=[link for part in recordings.rows if (link := await playable(request, part["path"]))],
    )


async def items_of(office: OfficeUser, call_id: str) -> list[Row]:
    """Everything that was recorded of a call, in order."""
    sessions = await office.db.select(
        "voice_agent_sessions", "id", where=office.mine(call_id=call_id), order=["session_start"]
    )
    order = {row["id"]: place for place, row in enumerate(sessions.rows)}
    if not order:
        return []
    found: list[Row] = []
    # PostgREST gives a thousand rows at a time.
    while True:
        page = await office.db.select(
            "voice_agent_interactions",
            ITEMS,
            where=[*office.mine(), Where("session_id", "in", list(order))],
            order=["id"],
            limit=1000,
            offset=len(found),
        )
        found += page.rows
        if len(page.rows) < 1000:
            return sorted(found, key=lambda item: (order[item["session_id"]], item["sequence"]))
