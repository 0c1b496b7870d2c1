"""What Prometheus sees of the line, beside livekit-agents' own figures."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

CALLS = Counter("fieldline_calls", "Calls that ended, by how", ["end_reason"])
TURN_SECONDS = Histogram(
    "fieldline_turn_seconds",
    "From the end of the caller's speech to the first sound of the answer",
    buckets=(0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0),
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
PROVIDER_UP = Gauge(
    "fieldline_provider_up", "1 while a provider works, 0 since it failed in a call", ["kind", "provider"]
)
