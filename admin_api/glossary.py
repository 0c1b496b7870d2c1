"""What the names in the API mean, said once: descriptions and examples for every field that has none of its own.

A name means the same wherever it stands; where it does not, `Model.name` is looked up first, and a field's own words
win over both. A test asks that the OpenAPI document leaves nothing without words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

AN_ID = "7a1c2f0e-5a52-4d1c-9c2b-0d6a3c1b9f10"
#: An example of what says nothing but its type.
BY_TYPE: dict[str, Any] = {
    "uuid": AN_ID,
    "date-time": "2026-03-05T14:00:00Z",
    "date": "2026-03-05",
    "integer": 7,
    "number": 12.5,
    "boolean": False,
}
HOURS = {"mon": [["08:00", "12:00"], ["13:00", "17:00"]], "holidays": ["2026-12-25"]}

DESCRIPTIONS: Mapping[str, str] = {
    "accepted_at": "When the link was used; null until then",
    "added": "How many are new",
    "address": "The telephone number or e-mail address that it goes to",
    "after": "What stands there since; null for what was removed",
    "alert_office": "Whether the office was told of it at once",
    "alias": "As people say it",
    "alias_id": "Which of the names, by the id that their list gives",
    "answered_at": "When they picked up; null when they did not",
    "at": "When it happened",
    "attempt": "Which try of this call it was, from 1",
    "attempts": "How often it was tried",
    "audio_path": "Where the sound is kept; null without sound",
    "badge": "What the technician keys in on the telephone",
    "before": "What stood there; null for what was added",
    "body": "The words that go out",
    "by_line": "Calls by the line that answered them",
    "by_status": "Calls by how they ended",
    "call_id": "The call on which it happened",
    "caller_number": "Whom to call back; null when the number was withheld",
    "calls": "How many there were",
    "cancel_reason": "Why it was cancelled; null when it was not",
    "change": "Pieces that came (or, below zero, went)",
    "changed": "How many were there already",
    "changed_by_id": "Their id; null for the system",
    "changed_by_type": "Who changed it: office, technician, customer or system",
    "channel": "sms or email",
    "checks": "What was asked, by name",
    "code": "What the technician keys in",
    "company_id": "The company",
    "company_name": "What the company is called",
    "completed_at": "When the work was done; null until then",
    "completion_summary": "What was done; null until it is completed",
    "connected_at": "When caller and employee could talk; null when they never could",
    "created_at": "When it was written",
    "created_by_id": "Their id; null for the system",
    "created_by_type": "Who wrote it: office, technician, customer or system",
    "customer_address": "Where technicians go",
    "customer_id": "The customer",
    "customer_name": "The customer, as people say it",
    "data": "Arguments, results, latencies",
    "delivered_via": "By which ways it went out",
    "deliveries": "How many were put back into the outbox",
    "department_id": "The department",
    "detail": "What is wrong, in a sentence",
    "direction": "inbound or outbound",
    "dry_run": "Whether it was only tried: nothing is written then",
    "email": "The e-mail address",
    "emergency": "Whether it was put through for an emergency",
    "employee_id": "The employee",
    "end_reason": "Why it ended; null while it goes on",
    "ended_at": "When it ended; null while it goes on",
    "entity": "The table that was written to",
    "entity_id": "The key of the row in it",
    "errors": "The fields that are wrong, where it is about fields",
    "expires_at": "When it stops working",
    "field_changed": "The field that changed",
    "forgiven": "How many wrong tries were forgotten",
    "from_caller": "Who left it, as they said it",
    "from_day": "The first day, included",
    "id": "Names this one for good; lists give it",
    "invited_by": "Who invited them, by user id",
    "is_read": "Whether it was read",
    "item_id": "The part",
    "item_name": "The part, as people say it",
    "items": "The rows of this page",
    "last_updated": "When the quantity changed last",
    "latency_ms": "Milliseconds that the answer took",
    "limit": "Rows on a page",
    "message": "What it says",
    "message_id": "The message that goes out, where it is one",
    "message_text": "What the caller wants to be told",
    "minutes": "How long they lasted together",
    "model": "The provider's model",
    "models": "What each provider's model counted",
    "name": "The technician's name",
    "new_value": "What stands there since",
    "next_attempt_at": "When it is tried next, while it is queued",
    "note_text": "What to know",
    "notes": "What happened",
    "notification_id": "The notification that goes out, where it is one",
    "notification_type": "What kind of news it is",
    "number": "The calling number; null stands for withheld numbers",
    "offset": "Rows before the page",
    "ok": "Whether it answered",
    "old_value": "What stood there",
    "priority": "normal, high or urgent",
    "problem": "What is wrong; null when nothing is",
    "provider": "Who counted",
    "quantity": "Pieces, or feet, that are there",
    "quantity_after": "What was there afterwards",
    "reachable": "Whether a caller reaches somebody now",
    "read_at": "When it was read; null until then",
    "role": "viewer, dispatcher or admin",
    "seconds": "How long it plays",
    "sent_at": "When it went out; null until then",
    "standard_quantity": "What a full truck carries",
    "started_at": "When it began; null until then",
    "status": "How it stands",
    "ProblemBody.status": "The status of the answer, again",
    "NextStatus.status": "The status that the order is to have",
    "succeeded": "Whether the PIN was right",
    "summary": "What the call was about, in a few sentences; null until it is written",
    "technician_badge": "The badge of who goes; null while nobody does",
    "technician_id": "The technician",
    "technician_name": "Who goes; null while nobody does",
    "text": "What was said, or what it was",
    "timestamp": "When it was left",
    "title": "What kind of problem it is, in a few words",
    "to_day": "The last day, included",
    "to_department_id": "The department that it is for; null when it is for a person",
    "to_employee_id": "The person that it is for; null when it is for a department",
    "to_number": "The number that was dialled",
    "truck_id": "The truck",
    "truck_name": "What stands on the truck",
    "truck_number": "What people call the truck",
    "type": "The kind of problem, for programs: it does not change",
    "unit": "What is counted: units or feet",
    "updated_at": "When it was changed last; the ETag follows from it",
    "urgent": "Whether it should not wait",
    "user_id": "The account of the person",
    "verb": "insert, update or delete",
    "verified_at": "When the technician proved themselves; null when nobody did",
    "version": "Of this program",
    "who": "caller or agent",
    "work_order_id": "The order that it belongs to",
}

EXAMPLES: Mapping[str, Any] = {
    "about": "An invoice of February",
    "audio_path": f"messages/{AN_ID}.ogg",
    "availability_hours": HOURS,
    "available_hours": HOURS,
    "badge": "101",
    "business_hours": HOURS,
    "body": "City Bank asks to be called back.",
    "caller_name": "City Bank",
    "cancel_reason": "The customer asked for another week.",
    "category": "access control",
    "changed_by_id": "1",
    "completion_summary": "New power supply, picture is back.",
    "created_by_id": "1",
    "created_by_type": "technician",
    "data": {"latency_ms": 640},
    "email": "tom@northgate.example",
    "entity_id": AN_ID,
    "from_number": "+12025550101",
    "full_summary": "The camera over the back door has had no picture since Monday.",
    "Idempotency-Key": "5f0f6f5e-4f7a-4a0e-9d0b-6a1f2c3d4e5f",
    "if-match": '"5f0f6f5e4f7a4a0e"',
    "message": "Truck 201 is low on Cat6 Cable.",
    "message_text": "Please call me back about the invoice.",
    "new_value": "in_progress",
    "note_text": "The key is with the porter.",
    "notes": "Rang twice, nobody there.",
    "old_value": "scheduled",
    "phone": "+12025550110",
    "problem": "connection refused",
    "request_id": "5f0f6f5e4f7a4a0e",
    "role": "dispatcher",
    "status": "scheduled",
    "subject": "A message from City Bank",
    "summary": "A customer asked for a visit and got one on Thursday.",
    "url": "https://office.example/files/recordings/1.ogg?expires=1772719200",
    "usage": {"models": [{"provider": "openai", "model": "gpt-4.1-mini", "input_tokens": 5120}]},
    "version": "0.1.0",
}


def explain(schema: dict[str, Any], owner: str, name: str) -> None:
    """Give a property or parameter the words and the example that it lacks."""
    if "description" not in schema and (words := DESCRIPTIONS.get(f"{owner}.{name}", DESCRIPTIONS.get(name))):
        schema["description"] = words
    if not has_example(schema) and (example := _example(schema, name)) is not None:
        schema["examples"] = [example]


def has_example(schema: Mapping[str, Any]) -> bool:
    """Whether one sees what a value looks like: here, or where another schema is referred to."""
    kinds = [schema, *schema.get("anyOf", ()), schema.get("items", {}), schema.get("additionalProperties", {})]
    return bool({"examples", "example", "default"} & set(schema)) or any(
        {"$ref", "enum", "const"} & set(kind) for kind in kinds if isinstance(kind, Mapping)
    )


def _example(schema: Mapping[str, Any], name: str) -> Any:
    if name in EXAMPLES:
        return EXAMPLES[name]
    kinds = [schema, *schema.get("anyOf", ())]
    return next((BY_TYPE[word] for kind in kinds for word in _words(kind) if word in BY_TYPE), None)


def _words(kind: Mapping[str, Any]) -> tuple[str, str]:
    return str(kind.get("format", "")), str(kind.get("type", ""))
