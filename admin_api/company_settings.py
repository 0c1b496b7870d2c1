"""What a company settles by a number: bounds for the API's body and the console's form.

The database refuses the same (`settings_problem`); here the answer names the field.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, WithJsonSchema

from admin_api.shapes import Facts


class NumberSettings(BaseModel):
    """The numbers among a company's settings, with what holds where a company has none."""

    model_config = ConfigDict(extra="allow", strict=True)

    transfer_ring_seconds: int = Field(25, ge=5, le=120, description="Seconds for which an employee's telephone rings")
    max_call_minutes: int = Field(30, ge=1, le=240, description="Minutes after which a call is ended")
    recording_days: int = Field(90, ge=1, le=3650, description="Days for which recordings are kept")
    message_sound_days: int = Field(90, ge=1, le=3650, description="Days for which the sound of messages is kept")
    booking_slot_minutes: int = Field(120, ge=15, le=480, description="Minutes of a visit that a customer books")
    visits_per_day: int = Field(2, ge=1, le=20, description="Orders of a technician on one day, when customers book")
    pin_tries: int = Field(5, ge=3, le=10, description="Wrong PINs from one number that lock it")
    pin_lock_minutes: int = Field(
        15, ge=15, le=1440, description="Minutes for which wrong PINs count, and for which the number is locked"
    )
    pin_length: int = Field(4, ge=4, le=8, description="Fewest digits of a PIN that is set from now on")


_AS_SCHEMA: dict[str, dict[str, Any]] = NumberSettings.model_json_schema()["properties"]
#: By name: the lowest number that may be settled, the highest, and what holds where a company has none.
NUMBERS = {name: (field["minimum"], field["maximum"], field["default"]) for name, field in _AS_SCHEMA.items()}


def _fit(settings: dict[str, JsonValue]) -> dict[str, JsonValue]:
    # An error of the model inside keeps its path: `settings.pin_tries`.
    NumberSettings.model_validate(settings)
    return settings


CompanySettings = Annotated[
    Facts,
    AfterValidator(_fit),
    WithJsonSchema(
        {
            "type": "object",
            "description": "Recording, transfers, limits, PINs, languages, facts for callers, addresses of the office.",
            "properties": _AS_SCHEMA,
            "additionalProperties": True,
        }
    ),
]
