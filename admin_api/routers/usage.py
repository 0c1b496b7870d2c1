"""Usage: what a company's calls amounted to."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, model_validator

from admin_api.deps import Db, Member, needs
from admin_api.shapes import Body

router = APIRouter(prefix="/usage", tags=["usage"])
#: Days that one request may span.
LONGEST = 400


class Days(Body):
    """Two days of the company's calendar, both included."""

    from_day: date = Field(examples=["2026-03-01"], description="First day", ge=date(2000, 1, 1), le=date(2100, 1, 1))
    to_day: date = Field(examples=["2026-03-31"], description="Last day", ge=date(2000, 1, 1), le=date(2100, 1, 1))

    @model_validator(mode="after")
    def _in_order(self) -> Days:
        if not 0 <= (self.to_day - self.from_day).days <= LONGEST:
            raise ValueError(f"to_day is the same day or a later one, at most {LONGEST} days after from_day")
        return self


class ModelUsage(BaseModel):
    """What one provider's model counted."""

    provider: str = Field(examples=["deepgram"])
    model: str = Field(examples=["nova-3"])
    amounts: dict[str, float] = Field(examples=[{"audio_duration": 812.4}], description="Tokens, characters, seconds")


class Usage(BaseModel):
    """What a company's calls amounted to."""

    from_day: date
    to_day: date
    calls: int = Field(examples=[212])
    minutes: float = Field(examples=[431.5])
    by_status: dict[str, int] = Field(examples=[{"completed": 200, "message_taken": 12}])
    by_line: dict[str, int] = Field(examples=[{"technician": 180, "reception": 32}])
    models: list[ModelUsage]


@router.get("", dependencies=[needs("viewer")])
async def read_usage(member: Member, db: Db, days: Annotated[Days, Query()]) -> Usage:
    """Calls, minutes, and what the providers counted, between two days."""
    span = days.model_dump(mode="json")
    return Usage.model_validate(await db.rpc("company_usage", company_id=member.company_id, **span))
