"""What the telephone side should be: `sip/trunks.yaml` and the carrier templates, read and checked.

All problems of a file are reported together. Numbers are E.164, times are seconds.
"""

from __future__ import annotations

import ipaddress
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from fieldline.errors import SettingsError
from fieldline.settings import Settings

FOLDER = Path(__file__).parent
DEFAULT = FOLDER / "trunks.yaml"
#: 555-0100 to 555-0199 belong to nobody, in every area code.
FICTIONAL = ("55501",)
#: Stands in `allowed_addresses` for the carrier's own.
CARRIER = "carrier"
#: The shortest prefix that may be allowed, by IP version.
NARROW_ENOUGH = {4: 8, 6: 16}

E164 = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")]
Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Carrier(_Part):
    """A template: what a carrier publishes about itself, where, and when it was read."""

    source: str
    read_on: date
    signalling: tuple[str, ...] = Field(min_length=1)
    media: tuple[str, ...] = ()
    transport: Literal["udp", "tcp", "tls"]
    verdict_header: str | None = None
    address_ends_with: str
    provisioned: bool


class Company(_Part):
    """One company's numbers; the dialled one is what its people see when the line rings them."""

    name: str = Field(min_length=1)
    numbers: tuple[E164, ...] = Field(min_length=1)
    fallback_number: E164 | None = None

    @model_validator(mode="after")
    def _no_circle(self) -> Self:
        if self.fallback_number in self.numbers:
            raise ValueError("fallback_number is one of the line's own numbers: the call would come back for ever")
        return self


class Inbound(_Part):
    """The trunk that calls come in by: never open."""

    allowed_addresses: tuple[str, ...] = ()
    username: str | None = Field(default=None, min_length=1)
    host: Host
    transport: Literal["udp", "tcp", "tls"] = "udp"
    ringing_seconds: int = Field(default=30, ge=5, le=80)
    max_call_seconds: int = Field(default=7200, ge=60, le=86_400)

    @field_validator("allowed_addresses")
    @classmethod
    def _networks(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            if address == CARRIER:
                continue
            network = ipaddress.ip_network(address, strict=False)
            if network.prefixlen < NARROW_ENOUGH[network.version]:
                raise ValueError(f"{address} is as good as the whole internet")
        return addresses

    @model_validator(mode="after")
    def _never_open(self) -> Self:
        if not (self.allowed_addresses or self.username):
            raise ValueError("an open trunk: anybody could send calls. Set allowed_addresses (carrier) or username")
        return self


class Outbound(_Part):
    """The trunk that the line rings people by."""

    address: Host
    username: str = Field(min_length=1)


class Dispatch(_Part):
    """Which rooms calls get and what their participants carry; the agent's name is a setting."""

    room_prefix: Literal["call-"] = "call-"
    attributes: dict[str, str] = {}


class Media(_Part):
    """How sound travels."""

    encryption: Literal["disable", "allow", "require"] = "allow"
    codecs: tuple[Literal["PCMU", "PCMA", "G722", "opus"], ...] = Field(default=("PCMU", "PCMA"), min_length=1)
    noise_cancellation: bool = False


class CarrierSide(_Part):
    """What the carrier is told beyond the trunk itself."""

    disaster_recovery: Annotated[str, StringConstraints(pattern=r"^https://[^/?#\s]+$")] | None = None


class Telephony(_Part):
    """All of `trunks.yaml`, with its carrier's template filled in."""

    name: Name = "fieldline"
    carrier: Carrier
    carrier_name: str
    companies: tuple[Company, ...] = Field(min_length=1)
    inbound: Inbound
    outbound: Outbound
    dispatch: Dispatch = Dispatch()
    media: Media = Media()
    carrier_side: CarrierSide = CarrierSide()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        twice = sorted({number for number in self.numbers if self.numbers.count(number) > 1})
        if twice:
            raise ValueError(f"companies: {', '.join(twice)} is given twice")
        if not self.outbound.address.endswith(self.carrier.address_ends_with):
            raise ValueError(f"outbound.address: {self.carrier_name}'s end with {self.carrier.address_ends_with}")
        return self

    @property
    def numbers(self) -> list[str]:
        """Every number that the line answers."""
        return [number for company in self.companies for number in company.numbers]

    @property
    def allowed_addresses(self) -> list[str]:
        """The networks that may send calls, the carrier's written out."""
        return [
            network
            for address in self.inbound.allowed_addresses
            for network in (self.carrier.signalling if address == CARRIER else (address,))
        ]

    @property
    def fallbacks(self) -> dict[str, str]:
        """Dialled number → the number to ring when nothing of ours answers."""
        return {
            n: company.fallback_number for company in self.companies for n in company.numbers if company.fallback_number
        }


def load(settings: Settings) -> Telephony:
    """The file that the settings name, else the shipped one.

    Raises:
        SettingsError: every problem of the file at once, each with its place.
    """
    path = settings.trunks_file or DEFAULT
    telephony = parse(_read(path), str(path))
    fictional = [n for n in telephony.numbers if any(n[5:].startswith(start) for start in FICTIONAL)]
    if settings.env == "production" and fictional:
        raise SettingsError([f"{path}: {', '.join(fictional)} belongs to nobody; put your own numbers"])
    return telephony


def parse(given: Any, where: str) -> Telephony:
    """A parsed file as what should be. Raises SettingsError like `load`; `where` names the file in its text."""
    if not isinstance(given, dict):
        raise SettingsError([f"{where}: a mapping is needed, as in sip/trunks.yaml"])
    name = given.get("carrier")
    template = FOLDER / "carriers" / f"{name}.yaml"
    known = sorted(path.stem for path in template.parent.glob("*.yaml"))
    if name not in known:
        raise SettingsError([f"{where}: carrier: {name!r} is unknown; there are {', '.join(known)}"])
    try:
        return Telephony(**{**given, "carrier": _read(template), "carrier_name": name})
    except ValidationError as error:
        raise SettingsError([_problem(where, item) for item in error.errors()]) from None


def _problem(where: str, item: Any) -> str:
    place = ".".join(str(step) for step in item["loc"])
    message = str(item["msg"]).removeprefix("Value error, ")
    return f"{where}: {place}: {message}" if place else f"{where}: {message}"


def _read(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text())
    except OSError as error:
        raise SettingsError([f"FIELDLINE_TRUNKS_FILE: {path}: {error.strerror}"]) from None
    except yaml.YAMLError as error:
        raise SettingsError([f"{path}: {error}"]) from None
