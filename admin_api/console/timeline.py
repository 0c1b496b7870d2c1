"""A call as it is read: speech, keys, tools with their results, what the office did, transfers, in one line of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from admin_api.console import words

Row = Mapping[str, Any]


@dataclass
class Entry:
    """One thing that was said or done."""

    kind: str
    at: str
    text: str = ""
    title: str = ""
    tone: str = "idle"
    label: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    interrupted: bool = False
    unsure: bool = False
    seconds: float | None = None


def entries(items: Iterable[Row]) -> list[Entry]:
    """The items of a call, in order; keys in a row are one entry, and a tool is one with its result."""
    found: list[Entry] = []
    running: dict[str, Entry] = {}
    for item in items:
        kind, data = item["type"], item["data"] or {}
        if kind == "key":
            _key(found, item)
        elif kind == "tool_call":
            entry = Entry("tool", item["at"], title=words.humane(item["content"]), label="Running", tone="warn")
            entry.facts = words.given(data.get("arguments"))
            running[str(data.get("call"))] = entry
            found.append(entry)
        elif kind == "tool_result":
            entry = running.pop(str(data.get("call")), None)
            if entry is None:
                entry = Entry("tool", item["at"], title=words.humane(item["content"]))
                found.append(entry)
            _result(entry, data)
        elif kind in ("user", "agent"):
            found.append(_speech(item, data))
        elif (entry := _event(item, data)) is not None:
            found.append(entry)
    return found


def _key(found: list[Entry], item: Row) -> None:
    if found and found[-1].kind == "keys":
        found[-1].text += "•"
    else:
        found.append(Entry("keys", item["at"], text="•"))


def _result(entry: Entry, data: Row) -> None:
    if data.get("refused"):
        entry.label, entry.tone = words.humane(data.get("reason")), "warn"
    elif data.get("unavailable") or data.get("error"):
        entry.label, entry.tone = (
            "Database out of reach" if data.get("unavailable") else f"Error {data['error']}",
            "bad",
        )
    else:
        entry.label, entry.tone = ("Done later" if data.get("later") else "Done"), "good"
    known = dict(entry.facts)
    entry.facts += [pair for pair in words.given(data.get("facts"))[:8] if known.get(pair[0]) != pair[1]]


def _speech(item: Row, data: Row) -> Entry:
    timings = data.get("timings") or {}
    confidence = data.get("confidence")
    return Entry(
        item["type"],
        item["at"],
        text=item["content"],
        interrupted=bool(data.get("interrupted")),
        unsure=isinstance(confidence, float) and confidence < 0.5,
        seconds=timings.get("e2e_latency"),
    )


def _event(item: Row, data: Row) -> Entry | None:
    name = item["content"]
    if name == "office":
        title = f"The office: {words.COMMANDS.get(str(data.get('command')), words.humane(data.get('command')))}"
        return Entry("event", item["at"], title=title, tone="live")
    title = words.EVENTS.get(name, words.humane(name))
    if name == "keypad":
        entered = {"pin": "PIN"}.get(str(data.get("entry")), words.humane(data.get("entry")))
        return Entry("event", item["at"], title=f"{entered} keyed in")
    if name == "ended":
        title = words.END_REASONS.get(str(data.get("reason")), title)
    tone = {"not_verified": "warn", "trouble": "bad", "not_written": "bad", "danger": "bad", "verified": "good"}.get(
        name, "idle"
    )
    facts = [] if name in ("opened", "ended", "resumed") else words.given(data)
    return Entry("event", item["at"], title=title, tone=tone, facts=facts)


def transfers(rows: Iterable[Row]) -> list[Entry]:
    """Attempts to connect the caller, as entries."""
    found = []
    for row in rows:
        label, tone = words.pair(words.TRANSFERS, row["outcome"]) if row["outcome"] else ("Ringing", "live")
        who = (row.get("employees") or {}).get("name") or "somebody"
        facts = [("About", row["about"])] if row.get("about") else []
        if row.get("sip_status") and row["outcome"] != "accepted":
            facts.append(("Telephone network", f"{row['sip_status']} {row.get('sip_reason') or ''}".strip()))
        if row.get("talk_seconds"):
            facts.append(("Talked", f"{row['talk_seconds']} s"))
        found.append(
            Entry("transfer", row["started_at"], title=f"Transfer to {who}", label=label, tone=tone, facts=facts)
        )
    return found


def latencies(items: Iterable[Entry]) -> list[float]:
    """Seconds from the end of the caller's words to the agent's voice, turn by turn."""
    return [entry.seconds for entry in items if entry.kind == "agent" and entry.seconds is not None]


@dataclass(frozen=True)
class Chart:
    """Bars of a chart in a view box of 100 by 40."""

    bars: list[tuple[float, float, float, str]]
    width: float
    median: float
    slowest: float
    ceiling: float


def chart(seconds: list[float]) -> Chart | None:
    """The picture of a call's latencies, or None where none was measured."""
    if not seconds:
        return None
    ceiling = max(2.0, *seconds)
    step = 100 / len(seconds)
    bars = [
        (
            n * step + step * 0.15,
            value / ceiling * 36,
            value,
            "good" if value <= 1.0 else "warn" if value <= 2.0 else "bad",
        )
        for n, value in enumerate(seconds)
    ]
    ordered = sorted(seconds)
    return Chart(bars, step * 0.7, ordered[len(ordered) // 2], ordered[-1], ceiling)
