"""The company: what callers hear, when it is open, what it has settled, and the numbers that people dial."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field

from admin_api.company_settings import CompanySettings
from admin_api.crud import IfMatch, router_for, typed
from admin_api.deps import Db, Member, needs
from admin_api.repeat import RepeatableRouter
from admin_api.resource import Resource, tag
from admin_api.shapes import Body, Hours, Name, Paging, Searching, Text100, Text500, answered, partial, sorted_by


class CompanyBody(Body):
    """What a company may change about itself."""

    company_name: Name = Field(description="As callers hear it", examples=["Northgate Security"])
    greeting_message: Text500 = Field(
        description="The first words of every call", examples=["Northgate Security, this is the automated assistant."]
    )
    timezone: Text100 = Field(description="IANA name", examples=["America/New_York"])
    business_hours: Hours = Field(description="When the company is open, with its holidays")
    settings: CompanySettings = Field(
        description="Recording, transfers, limits, PINs, languages, facts for callers, addresses of the office; the"
        " database refuses what it does not know",
        examples=[{"recording": False, "languages": ["en"], "office_emails": ["office@northgate.example"]}],
    )


class PhoneNumberBody(Body):
    """What may be said of a number. Which numbers there are is the operator's business: they cost money."""

    label: Text100 = Field("main", description="What the office calls it", examples=["main"])
    active: bool = Field(True, description="Whether calls to it are answered")


class PhoneNumberFilters(Searching):
    """Filters of the list."""

    active: bool | None = Field(None, description="Only numbers that are answered, or not")
    sort: str = sorted_by("number", "number", "label", "created_at")


company = Resource(
    noun="company",
    table="company_info",
    key=UUID,
    body=CompanyBody,
    change=partial(CompanyBody),
    answer=answered("Company", "The company.", CompanyBody, company_id=UUID, created_at=datetime, updated_at=datetime),
    filters=Paging,
    edit="admin",
    explained={"business_hours": "hours_problem", "settings": "settings_problem"},
)
Company: Any = company.answer

phone_numbers = Resource(
    noun="phone number",
    table="phone_numbers",
    key=UUID,
    body=PhoneNumberBody,
    change=partial(PhoneNumberBody),
    answer=answered(
        "PhoneNumber",
        "A number that people dial.",
        PhoneNumberBody,
        id=UUID,
        number=(str, Field(description="E.164", examples=["+12025550100"])),
        created_at=datetime,
        updated_at=datetime,
    ),
    filters=PhoneNumberFilters,
    search=("number", "label"),
    edit="admin",
)

router = RepeatableRouter(tags=["company"])
router.include_router(router_for(phone_numbers, "phone-numbers"))


class Reachable(BaseModel):
    """Whether the company is open now."""

    reachable: bool
    reason: str = Field(examples=["open"], description="open, closed, holiday or hours_broken")
    next_at: datetime | None = Field(description="When it opens next")


@router.get("/company", response_model=Company, dependencies=[needs("viewer")])
async def read_company(member: Member, db: Db, response: Response) -> Any:
    """The company: one per tenant, so it has no id. The ETag names its version."""
    return tag(response, await company.one(db, member, None))


async def change_company(member: Member, db: Db, response: Response, body: Any, if_match: IfMatch = None) -> Any:
    """Change what callers hear, the hours, the time zone or the settings. Hours and settings are replaced whole."""
    values = body.model_dump(mode="json", exclude_unset=True)
    return tag(response, await company.patch(db, member, None, values, if_match))


router.patch("/company", response_model=Company, dependencies=[needs("admin")])(
    typed(change_company, body=company.change)
)


@router.get("/company/open", dependencies=[needs("viewer")])
async def read_whether_open(member: Member, db: Db) -> Reachable:
    """Whether the company is open at this moment, and when next."""
    return Reachable.model_validate(await db.rpc("is_reachable", kind="company", id=member.company_id))
