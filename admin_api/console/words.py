"""What states and kinds are called on the screen, and how they look: (label, tone)."""

from __future__ import annotations

import re
from typing import Any

#: Tones are the classes of chips: each has a mark besides its colour.
OUTCOMES = {
    "in_progress": ("On the line", "live"),
    "completed": ("Completed", "good"),
    "transferred": ("Connected", "good"),
    "message_taken": ("Message taken", "good"),
    "missed": ("Missed", "bad"),
    "failed": ("Failed", "bad"),
}
END_REASONS = {
    "caller_hung_up": "The caller hung up",
    "agent_goodbye": "Ended with a goodbye",
    "silence": "The caller was silent",
    "max_length": "The longest time was reached",
    "loop": "The talk led nowhere",
    "unknown_number": "The number belongs to nobody",
    "locked_out": "Too many wrong PINs",
    "worker_lost": "The agent was lost",
    "error": "Something went wrong",
    "ended_by_office": "Ended by the office",
}
LINES = {"technician": "Technician line", "reception": "Reception", "customer": "Customer line", "outbound": "Outbound"}
STATUSES = {
    "available": ("Available", "good"),
    "busy": ("Busy", "warn"),
    "away": ("Away", "warn"),
    "offline": ("Offline", "idle"),
}
REACHABLE = {
    "open": ("Reachable now", "good"),
    "closed": ("Outside hours", "idle"),
    "holiday": ("Holiday", "idle"),
    "hours_broken": ("Hours are broken", "bad"),
    "busy": ("Busy", "warn"),
    "away": ("Away", "warn"),
    "offline": ("Offline", "idle"),
    "inactive": ("Not active", "idle"),
    "no_phone": ("No number", "bad"),
    "nobody_available": ("Nobody available", "warn"),
}
MESSAGES = {
    "pending": ("On its way", "warn"),
    "delivered": ("Delivered", "good"),
    "failed": ("Not delivered", "bad"),
    "read": ("Read", "idle"),
}
DELIVERIES = {
    "queued": ("On its way", "warn"),
    "sending": ("Being sent", "warn"),
    "sent": ("Sent", "good"),
    "delivered": ("Arrived", "good"),
    "failed": ("Not delivered", "bad"),
}
CHANNELS = {"sms": "SMS", "email": "E-mail"}
ORDERS = {
    "pending": ("Pending", "idle"),
    "scheduled": ("Scheduled", "idle"),
    "travelling": ("Travelling", "warn"),
    "in_progress": ("On site", "live"),
    "completed": ("Done", "good"),
    "cancelled": ("Cancelled", "bad"),
}
TRANSFERS = {
    "accepted": ("Took the call", "good"),
    "declined": ("Declined", "warn"),
    "message": ("Asked for a message", "warn"),
    "busy": ("Busy", "warn"),
    "no_answer": ("No answer", "warn"),
    "voicemail": ("Voicemail", "warn"),
    "unreachable": ("Not reachable", "bad"),
    "hung_up": ("Hung up", "warn"),
    "caller_left": ("The caller left", "warn"),
    "superseded": ("Gave way to danger", "warn"),
    "failed": ("Failed", "bad"),
}
CHANGES = {
    "clock_in": "Clocked in",
    "clock_change": "Truck of the clock-in corrected",
    "clock_on": "Clock-out taken back",
    "clock_out": "Clocked out",
    "order": "Order changed",
    "travel": "Set out",
    "arrival": "Arrived",
    "note": "Note added",
    "note_alert": "Note added, office alerted",
    "stock": "Stock moved",
    "message": "Message taken",
}
COMMANDS = {"end": "End the call", "say": "Say to the caller", "note": "Note to the agent", "take_over": "Take over"}
COMMAND_PROBLEMS = {
    "call_over": "the call ended first",
    "failed": "it did not work",
    "not_possible": "this agent cannot do that",
    "not_now": "not at this moment of the call",
    "not_taken": "nobody took the call",
    "busy": "busy",
    "declined": "declined",
    "no_answer": "no answer",
    "unreachable": "not reachable",
    "caller_left": "the caller left",
    "voicemail": "a voicemail answered",
    "hung_up": "hung up",
}
PRIORITIES = {"normal": ("Normal", "idle"), "high": ("High", "warn"), "urgent": ("Urgent", "bad")}
ORDER_TYPES = {
    "new_installation": "New installation",
    "system_upgrade": "System upgrade",
    "maintenance": "Maintenance",
    "repair": "Repair",
}
ROLES = {
    "admin": "Administrator: everything, members and settings included",
    "dispatcher": "Dispatcher: calls, people, orders and messages",
    "viewer": "Viewer: reads, changes nothing",
}
EVENTS = {
    "opened": "The agent answered",
    "resumed": "Another agent took over after the first was lost",
    "verified": "Badge and PIN were right",
    "not_verified": "Badge and PIN were wrong",
    "ended": "The call ended",
    "trouble": "A part of the voice failed",
    "not_written": "Something could not be written",
    "danger": "Danger was heard",
    "keypad": "Keyed in",
}


def pair(known: dict[str, tuple[str, str]], value: Any) -> tuple[str, str]:
    """Label and tone of a state; one that is new here is shown as it is called."""
    return known.get(str(value), (humane(value), "idle"))


def humane(value: Any) -> str:
    """`office_truck` → `Office truck`."""
    said = re.sub(r"[_\s]+", " ", str(value or "")).strip()
    return said[:1].upper() + said[1:]


def given(arguments: Any) -> list[tuple[str, str]]:
    """Arguments or facts of a tool, the flat ones, for a line of text."""
    if not isinstance(arguments, dict):
        return []
    shown = []
    for name, value in arguments.items():
        if value is None or value is False or name in ("request_id", "call_id"):
            continue
        if isinstance(value, dict):
            value = value.get("number") or value.get("name") or value.get("title")
        if isinstance(value, list):
            value = {0: None, 1: "one entry"}.get(len(value), f"{len(value)} entries")
        if value is not None:
            shown.append((humane(name), "yes" if value is True else str(value)))
    return shown
