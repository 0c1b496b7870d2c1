"""The kinds of values that requests carry, and what models are made of.

Each field of a resource is declared once, in the model of what may be written; what may be changed and what is answered
follow from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    WithJsonSchema,
    create_model,
)

from fieldline.phone import to_e164

T = TypeVar("T")

#: What `public._clean_text` takes out of texts, too: nobody types it, and it hides text on a screen.
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
BIGGEST_ID = 2**63 - 1
#: No row of ours lies before or after.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def _clean(value: Any) -> Any:
    return INVISIBLE.sub("", _encodable(value).replace("\r\n", "\n")).strip() if isinstance(value, str) else value


def _e164(value: str) -> str:
    number = to_e164(value)
    if number is None:
        raise ValueError("this is no telephone number; write it as +12025550100")
    return number


def _encodable(value: T) -> T:
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, UnicodeEncodeError):
        raise ValueError("it holds something that JSON cannot carry") from None
    return value


def _in_our_time(value: datetime) -> datetime:
    if not EARLIEST <= value <= LATEST:
        raise ValueError("this moment is out of reach")
    return value


#: Without control characters, and trimmed.
Clean = BeforeValidator(_clean)
Text100 = Annotated[str, Clean, StringConstraints(min_length=1, max_length=100)]
Name = Annotated[str, Clean, StringConstraints(min_length=1, max_length=200)]
Line = Annotated[str, Clean, StringConstraints(min_length=1, max_length=255)]
Text500 = Annotated[str, Clean, StringConstraints(min_length=1, max_length=500)]
Text2000 = Annotated[str, Clean, StringConstraints(min_length=1, max_length=2000)]
Story = Annotated[str, Clean, StringConstraints(min_length=1, max_length=10_000)]
Phone = Annotated[str, Clean, StringConstraints(max_length=40), AfterValidator(_e164)]
Email = Annotated[str, Clean, StringConstraints(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Tag = Annotated[str, Clean, StringConstraints(min_length=1, max_length=60, to_lower=True)]
Id = Annotated[int, Field(ge=1, le=BIGGEST_ID)]
Priority = Annotated[int, Field(ge=0, le=100_000)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
_SPANS = {"type": "array", "items": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}}
#: The database has the last word on hours (`hours_problem`); this is how they look.
Hours = Annotated[
    dict[str, JsonValue],
    AfterValidator(_encodable),
    WithJsonSchema(
        {
            "type": "object",
            "description": "Opening spans by day (mon to sun) and holidays, in the company's time zone. A day that is"
            " not named is closed; a span that ends before it begins runs past midnight.",
            "properties": {
                **dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), _SPANS),
                "holidays": {"type": "array", "items": {}},
            },
            "examples": [{"mon": [["08:00", "12:00"], ["13:00", "17:00"]], "holidays": ["2026-12-25"]}],
        }
    ),
]
Facts = Annotated[dict[str, JsonValue], AfterValidator(_encodable)]


class Body(BaseModel):
    """A request's body: unknown fields are refused, so a misspelt one is not silently lost."""

    model_config = ConfigDict(extra="forbid")


class Paging(BaseModel):
    """What every list takes. Filters are fields of the same name as a column; `…_from` and `…_until` are bounds. What
    has words to look for is a `Searching`."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200, description="Rows on a page")
    offset: int = Field(0, ge=0, le=1_000_000, description="Rows before the page")


class Searching(Paging):
    """What a list with words in it takes."""

    q: Annotated[str, Clean, StringConstraints(max_length=100)] | None = Field(
        None, description="Text to search for, anywhere and in either case", examples=["karen"]
    )


def sorted_by(default: str, *columns: str) -> Any:
    """The field `sort` of a list's filters: these columns, a leading minus for the highest first."""
    words = "|".join(columns)
    return Field(default, pattern=f"^-?({words})$", description=f"{', '.join(columns)}; a leading minus turns it round")


def _described(model: type[BaseModel]) -> Mapping[str, tuple[Any, str | None, list[Any] | None]]:
    return {name: (f.annotation, f.description, f.examples) for name, f in model.model_fields.items()}


def partial(model: type[BaseModel]) -> type[Body]:
    """The same fields, each of them optional: a body of PATCH."""
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        kind = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
        optional = Field(default_factory=lambda: None, description=field.description, examples=field.examples)
        fields[name] = (kind, optional)
    return create_model(f"{model.__name__}Change", __base__=Body, __doc__="Only the fields to change.", **fields)


def answered(name: str, doc: str, model: type[BaseModel], **more: Any) -> type[BaseModel]:
    """What is answered: the fields of `model` as they are stored, without the rules of writing, and `more` of them."""
    more = {key: kind if isinstance(kind, tuple) else (kind, ...) for key, kind in more.items()}
    first = {key: more.pop(key) for key in ("id",) if key in more}
    fields = {
        field: (kind, Field(description=description, examples=examples))
        for field, (kind, description, examples) in _described(model).items()
    }
    return create_model(name, __doc__=doc, **first, **fields, **more)
