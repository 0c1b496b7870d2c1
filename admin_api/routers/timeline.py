"""One call as it went: what the sessions wrote down, with its transfers and messages in their places."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from admin_api.database import Row, Tables, Where, eq

#: What the REST layer gives at once (supabase/config.toml).
AT_ONCE = 1000
#: No call has more: it is ended after its half hour.
MOST = 20_000


class Turn(BaseModel):
    """Something that was said."""

    at: datetime
    who: Literal["caller", "agent"]
    text: str = Field(examples=["Clock me in on truck 201."])


class Entry(BaseModel):
    """Something that happened on a call."""

    at: datetime
    kind: str = Field(
        examples=["user"], description="user, agent, tool_call, tool_result, key, event, session, transfer or message"
    )
    text: str = Field(examples=["Clock me in on truck 201."])
    data: dict[str, Any] = Field(description="Arguments, results, latencies")


async def transcript_of(db: Tables, company_id: str, call_id: UUID) -> list[Turn]:
    """The speech of a call."""
    speech = Where("interaction_type", "in", ["user", "agent"])
    return [
        Turn(at=row["created_at"], who="caller" if row["interaction_type"] == "user" else "agent", text=row["content"])
        for row in await _interactions(db, company_id, await _sessions(db, company_id, call_id), speech)
    ]


async def timeline_of(db: Tables, company_id: str, call_id: UUID) -> list[Entry]:
    """Everything of a call, by time."""
    mine = eq(company_id=company_id, call_id=call_id)
    sessions = await _sessions(db, company_id, call_id)
    entries = [
        Entry(at=row["created_at"], kind=row["interaction_type"], text=row["content"], data=row["data"])
        for row in await _interactions(db, company_id, sessions)
    ]
    entries += [_entry(row, "session", row["session_start"], "worker", row["worker"] or "") for row in sessions]
    for row in (await db.select("transfers", where=mine)).rows:
        hidden = {key: value for key, value in row.items() if key not in ("number", "company_id", "call_id")}
        entries.append(Entry(at=row["started_at"], kind="transfer", text=row["outcome"] or "ringing", data=hidden))
    for row in (await db.select("messages", "id,timestamp,message_text,status", where=mine)).rows:
        entries.append(_entry(row, "message", row["timestamp"], "status", row["message_text"]))
    return sorted(entries, key=lambda entry: entry.at)


def _entry(row: Row, kind: str, at: str, shown: str, text: str) -> Entry:
    return Entry(at=datetime.fromisoformat(at), kind=kind, text=text, data={"id": row["id"], shown: row[shown]})


async def _sessions(db: Tables, company_id: str, call_id: UUID) -> list[Row]:
    where = eq(company_id=company_id, call_id=call_id)
    return (
        await db.select("voice_agent_sessions", "id,session_start,worker", where=where, order=["session_start"])
    ).rows


async def _interactions(db: Tables, company_id: str, sessions: list[Row], *more: Where) -> list[Row]:
    if not sessions:
        return []
    where = [*eq(company_id=company_id), Where("session_id", "in", [row["id"] for row in sessions]), *more]
    found: list[Row] = []
    while len(found) < MOST:
        page = await db.select(
            "voice_agent_interactions",
            "interaction_type,content,data,created_at,session_id,sequence",
            where=where,
            # A session's own order is its sequence; sessions follow one another.
            order=["created_at", "sequence"],
            limit=AT_ONCE,
            offset=len(found),
        )
        found += page.rows
        if len(page.rows) < AT_ONCE:
            break
    return found
