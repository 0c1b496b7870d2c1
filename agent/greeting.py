"""What the greeting is made of, and how soon it comes."""

from __future__ import annotations

import logging
import time
from typing import Any

from livekit.agents import AgentSession, AgentStateChangedEvent

from agent.metrics import GREETING_SECONDS

logger = logging.getLogger(__name__)

Facts = dict[str, Any]


def greeting_facts(company: Facts, guess: Facts) -> Facts:
    """For the sentence `greeting`; everybody but a technician hears when the company is open."""
    technician = guess if guess.get("kind") == "technician" else {}
    return {
        "greeting": company.get("greeting"),
        "company": company["name"],
        "first_name": technician.get("first_name"),
        "hours": {} if technician else company.get("hours"),
        **recording_facts(company),
    }


def recording_facts(company: Facts) -> Facts:
    """Whether calls are recorded, and what the company says about it."""
    settings = company["settings"]
    return {"recording": settings["recording"], "announcement": settings.get("recording_announcement")}


def measure_greeting(session: AgentSession[Any], began: float) -> None:
    """Note how long a caller waited for the first word, from `began` on."""

    def spoke(event: AgentStateChangedEvent) -> None:
        if event.new_state == "speaking":
            session.off("agent_state_changed", spoke)
            waited_s = time.monotonic() - began
            GREETING_SECONDS.observe(waited_s)
            logger.info("greeted", extra={"after_s": round(waited_s, 3)})

    session.on("agent_state_changed", spoke)
