"""List, read, add, change and remove, for any table of the office: a `Resource` says what differs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field

from admin_api.database import Row, Tables, Where, eq
from admin_api.deps import Membership, Role
from admin_api.problems import FORBIDDEN, STALE, Problem, from_store, invalid, not_found
from admin_api.shapes import Body, Paging
from fieldline.errors import StoreError

RowT = TypeVar("RowT")
SPECIAL = re.compile(r"""[,(){}"'\\%*:]""")


class Listing(BaseModel, Generic[RowT]):
    """A page of a list."""

    items: list[RowT]
    total: int = Field(description="How many there are with these filters, on all pages", examples=[1])
    limit: int = Field(examples=[50])
    offset: int = Field(examples=[0])


@dataclass(frozen=True)
class Resource:
    """A table as the API shows it. Roles are the least ones; a verb without a role does not exist."""

    noun: str
    table: str
    answer: type[BaseModel]
    filters: type[Paging]
    key: type[UUID] | type[int] = int
    search: tuple[str, ...] = ()
    body: type[BaseModel] | None = None
    change: type[Body] | None = None
    read: Role = "viewer"
    add: Role | None = None
    edit: Role | None = None
    remove: Role | None = None
    #: A view that is read in the table's place: more columns, the same rows.
    view: str | None = None
    #: Conditions that hold for every row of this resource.
    always: tuple[Where, ...] = ()
    #: Columns with hours or settings, and the database function that says in words what is wrong with them.
    explained: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> str:
        """What is selected: the fields of the answer, and no others."""
        return ",".join(self.answer.model_fields)

    @property
    def source(self) -> str:
        """Where rows are read."""
        return self.view or self.table

    @property
    def _written(self) -> str:
        return "id" if self.view else self.columns

    def mine(self, member: Membership, **more: object) -> list[Where]:
        """Conditions for the company's own rows."""
        return [*eq(company_id=member.company_id, **more), *self.always]

    async def list(self, db: Tables, member: Membership, page: Paging, *more: Where) -> dict[str, Any]:
        """A page of rows that fit the filters."""
        sort = str(getattr(page, "sort", "id"))
        found = await db.select(
            self.source,
            self.columns,
            where=[*self.mine(member), *conditions(page), *more],
            any_of=searched(self.search, getattr(page, "q", None)),
            # The key settles the order of equals, or pages would overlap.
            order=[sort, "id"] if sort.removeprefix("-") != "id" else [sort],
            limit=page.limit,
            offset=page.offset,
            count=True,
        )
        return {"items": found.rows, "total": found.total, "limit": page.limit, "offset": page.offset}

    def _this(self, member: Membership, key: object) -> list[Where]:
        """Conditions for one row; without a key, the only one that a company has."""
        return self.mine(member) if key is None else self.mine(member, id=key)

    async def one(self, db: Tables, member: Membership, key: object) -> Row:
        """One row; 404 when there is none in this company."""
        row = await db.first(self.source, self.columns, where=self._this(member, key))
        if row is None:
            raise not_found()
        return row

    async def create(self, db: Tables, member: Membership, values: Mapping[str, Any]) -> Row:
        """Add a row to the company."""
        try:
            row = await db.insert(self.table, {"company_id": member.company_id, **values}, columns=self._written)
        except StoreError as error:
            raise await self._explain(db, error, values) from None
        return await self.one(db, member, row["id"]) if self.view else row

    async def patch(
        self, db: Tables, member: Membership, key: object, values: Mapping[str, Any], if_match: str | None
    ) -> Row:
        """Change a row; with `if_match`, only in the version that the editor has seen."""
        where = self._this(member, key)
        if if_match is not None or not values:
            row = await self.one(db, member, key)
            if if_match not in (None, "*", etag(row)):
                raise stale()
            if not values:
                return row
            where = [*where, *eq(updated_at=row["updated_at"])]
        try:
            changed = await db.update(self.table, values, where=where, columns=self._written)
        except StoreError as error:
            raise await self._explain(db, error, values) from None
        if not changed:
            now = await self.one(db, member, key)
            raise stale() if if_match is not None and where[-1].value != now["updated_at"] else Problem(FORBIDDEN)
        return await self.one(db, member, key) if self.view else changed[0]

    async def seen(self, db: Tables, member: Membership, key: object, if_match: str | None) -> str | None:
        """The `updated_at` that `if_match` stands for, to be asked for again by the write; None when any will do.

        Raises:
            Problem: 404, there is no such row; 409, this is not its newest version.
        """
        row = await self.one(db, member, key)
        if if_match in (None, "*"):
            return None
        if if_match != etag(row):
            raise stale()
        return row["updated_at"]

    async def delete(self, db: Tables, member: Membership, key: object, if_match: str | None = None) -> None:
        """Remove a row; with `if_match`, only in the version that the editor has seen."""
        where = self.mine(member, id=key)
        if seen := if_match and await self.seen(db, member, key, if_match):
            where += eq(updated_at=seen)
        if not await db.delete(self.table, where=where, columns="id"):
            now = await self.one(db, member, key)
            raise stale() if seen and seen != now["updated_at"] else Problem(FORBIDDEN)

    async def _explain(self, db: Tables, error: StoreError, values: Mapping[str, Any]) -> Problem:
        """In the database's own words where it has some: the rules of hours and settings stand there only."""
        if error.code == "23514":
            for column, function in self.explained.items():
                argument = function.removesuffix("_problem")
                if values.get(column) is not None and (why := await db.rpc(function, **{argument: values[column]})):
                    return invalid(column, str(why))
        return from_store(error)


def etag(row: Mapping[str, Any]) -> str:
    """The version of a row: it changes with every write, because a trigger stamps the row."""
    return f'"{hashlib.sha256(str(row["updated_at"]).encode()).hexdigest()[:16]}"'


def stale() -> Problem:
    """The answer to an editor who has not seen the newest version."""
    return Problem(STALE, "Somebody else has changed it since you read it: read it again, then change it.")


def tag(response: Response, row: Row) -> Row:
    """The row, and its version in the answer's headers."""
    if "updated_at" in row:
        response.headers["ETag"] = etag(row)
    return row


def conditions(page: Paging) -> list[Where]:
    """The filters that were given, as conditions."""
    found: list[Where] = []
    for name, value in page.model_dump(exclude_none=True, mode="json").items():
        if name in ("limit", "offset", "q", "sort"):
            continue
        for suffix, operator in (("_from", "gte"), ("_until", "lt"), ("", "eq")):
            if name.endswith(suffix):
                found.append(Where(name.removesuffix(suffix), operator, value))
                break
    return found


def searched(columns: Sequence[str], words: str | None) -> list[Where]:
    """A search in any of the columns.

    What is a wildcard, or ends a value, in the address of a query stands for any one character: looking for `a,b` also
    finds `a.b`, and nothing can be broken out of.
    """
    if not words:
        return []
    return [Where(column, "ilike", f"*{SPECIAL.sub('_', words)}*") for column in columns]
