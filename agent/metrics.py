"""What Prometheus sees of the line, beside livekit-agents' own figures."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

CALLS = Counter("fieldline_calls", "Calls that ended, by how", ["end_reason"])
TURN_SECONDS = Histogram(
    "fieldline_turn_seconds",
    "From the end of the caller's speech to the first sound of the answer",
    buckets=(0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0),
)
STAGE_SECONDS = Histogram(
    "fieldline_stage_seconds",
    "Stages of a turn: transcript and end_of_turn after the caller's last sound, first_token, first_sound",
    ["stage", "provider"],
    buckets=(0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0),
)
GREETING_SECONDS = Histogram(
    "fieldline_greeting_seconds",
    "From the start of the job to the first sound of the greeting",
    buckets=(0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 5.0),
)
PROVIDER_SWITCHES = Counter(
    "fieldline_provider_switches",
    "Failed and recovered providers, by what serves instead",
    ["kind", "provider", "now", "reason"],
)
#: Calls are processes of their own, and most have ended when somebody looks: what the last one saw counts.
PROVIDER_UP = Gauge(
    "fieldline_provider_up",
    "1 while a provider works, 0 since it failed in a call",
    ["kind", "provider"],
    multiprocess_mode="mostrecent",
)
