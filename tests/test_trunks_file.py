"""trunks.yaml: what is wrong is refused with its place, and no trunk is ever open."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from fieldline.errors import SettingsError
from fieldline.settings import load_settings
from sip.desired import DEFAULT, FOLDER, load, parse
from tests.support.telephony import NUMBER

pytestmark = pytest.mark.check

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "open": ({"inbound": {"host": "a.example", "allowed_addresses": []}}, "an open trunk"),
    "whole internet": ({"inbound": {"host": "a.example", "allowed_addresses": ["0.0.0.0/1"]}}, "whole internet"),
    "no numbers": ({"companies": [{"name": "A", "numbers": []}]}, "companies.0.numbers"),
    "unknown carrier": ({"carrier": "acme"}, "there are twilio, vonage"),
    "a call that comes back": (
        {"companies": [{"name": "A", "numbers": [NUMBER], "fallback_number": NUMBER}]},
        "come back for ever",
    ),
    "a typing error": ({"dispach": {}}, "dispach"),
    "somebody else's address": ({"outbound": {"address": "pstn.example.com", "username": "a"}}, "pstn.twilio.com"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_refused_with_the_place(name: str) -> None:
    change, said = WRONG[name]
    with pytest.raises(SettingsError, match=said):
        parse({**yaml.safe_load(DEFAULT.read_text()), **change}, "trunks.yaml")


def test_production_refuses_the_demos_number() -> None:
    keys = {"livekit_url": "wss://a.example", "livekit_api_key": "APIabc", "livekit_api_secret": "x" * 32}
    line = {"line_email": "a@b.example", "line_password": "y" * 32, "files_secret": "z" * 32}
    base = {"supabase_url": "https://a.example", "supabase_publishable_key": "sb_publishable_1"}
    with pytest.raises(SettingsError, match="belongs to nobody"):
        load(load_settings(env="production", **keys, **line, **base))


def test_every_problem_is_told_at_once() -> None:
    given = yaml.safe_load(DEFAULT.read_text()) | {"inbound": {"host": "a b"}, "media": {"encryption": "maybe"}}
    with pytest.raises(SettingsError) as caught:
        parse(given, "trunks.yaml")
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("carrier", sorted(path.stem for path in (FOLDER / "carriers").glob("*.yaml")))
def test_a_carriers_template_says_where_its_addresses_are_from(carrier: str) -> None:
    template = yaml.safe_load((FOLDER / "carriers" / f"{carrier}.yaml").read_text())
    given = yaml.safe_load(DEFAULT.read_text()) | {"carrier": carrier}
    given["outbound"]["address"] = f"acme{template['address_ends_with']}"
    wanted = parse(given, "trunks.yaml")
    assert "https://" in wanted.carrier.source and wanted.carrier.read_on
    assert wanted.allowed_addresses == list(wanted.carrier.signalling)
