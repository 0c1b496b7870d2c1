"""What the greeting is made of."""

from __future__ import annotations

from typing import Any

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
