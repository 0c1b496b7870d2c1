"""What was typed into a form, checked by the models of the API: one rule for both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from admin_api.problems import Problem

WORDS = {
    "missing": "This is needed.",
    "string_too_short": "This is needed.",
    "string_too_long": "This is too long.",
    "string_pattern_mismatch": "This does not look right.",
}


class Unfit(Exception):
    """The form does not fit; `problems` says why, field by field. The form is shown again with them."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(", ".join(problems))


def checked(model: type[BaseModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they may be stored; only those that were given.

    Raises:
        Unfit: a value does not fit.
    """
    given = {name: value for name, value in values.items() if value is not None}
    nothing = {name: None for name, value in values.items() if value is None}
    try:
        fit = model.model_validate({**nothing, **given} if nothing else given)
    except ValidationError as error:
        raise Unfit({str(item["loc"][0]): _words(item) for item in error.errors() if item["loc"]}) from None
    return fit.model_dump(mode="json", exclude_unset=True)


def _words(item: Mapping[str, Any]) -> str:
    if item["type"] == "value_error":
        said = str(item["msg"]).removeprefix("Value error, ")
        return f"{said[:1].upper()}{said[1:]}."
    if item.get("input") is None:
        return "This is needed."
    return WORDS.get(item["type"], f"{item['msg']}.")


def unfit(problem: Problem) -> Unfit:
    """What the database said, beside the field that it is about; the rest on top of the form."""
    if not problem.errors:
        return Unfit({"": problem.detail})
    return Unfit({error.field.partition(".")[0]: _sentence(error.detail, problem) for error in problem.errors})


def told(error: Unfit | Problem) -> dict[str, str]:
    """Why a form is shown again, field by field."""
    return (error if isinstance(error, Unfit) else unfit(error)).problems


def _sentence(detail: str, problem: Problem) -> str:
    return problem.detail if detail in ("taken", "this value does not fit", "there is none") else detail
