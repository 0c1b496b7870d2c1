"""Twilio's side: the Elastic SIP trunk, where its calls go, who may call out by it, and its numbers.

Twilio's trunks carry no metadata, so ours is known by its friendly name. Blocking: run it in a thread.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.response import Response
from twilio.rest import Client
from twilio.rest.trunking.v1.trunk import TrunkInstance

from fieldline.errors import TelephonyError
from sip.desired import Telephony
from sip.messages import fingerprint
from sip.plan import NEW, OTHER_SECRET, SECRET, Plan

WHERE = "Twilio"
REPEAT = "Repeat when it works again (status.twilio.com): what has been done is not done twice."


def ensure_all(client: Client, wanted: Telephony, password: str, disaster_path: str, plan: Plan) -> None:
    """Trunk, origination, credentials and numbers as they should be.

    Raises:
        TelephonyError: Twilio refused, does not answer, or a number is not in the account or on somebody else's trunk.
    """
    try:
        trunk = ensure_trunk(client, wanted, disaster_path, plan)
        ensure_origination(client, trunk, wanted, plan)
        ensure_credentials(client, trunk, wanted, password, plan)
        ensure_numbers(client, trunk, wanted, plan)
        release_numbers(client, trunk, wanted, plan)
    except TwilioException as error:
        status, said = _refusal(error)
        hint = REPEAT if status >= 500 else "Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN." if status == 401 else ""
        raise TelephonyError(f"Twilio refused ({status}): {said}", hint=hint) from error
    except requests.RequestException as error:
        raise TelephonyError(f"Twilio does not answer: {error}", hint=REPEAT) from error


def disaster_url(wanted: Telephony, path: str) -> str | None:
    """What Twilio asks when nothing of ours takes a call; None where the trunk's address is the operator's own.

    It carries the numbers to ring, dialled=fallback, so that the answer needs no database; Twilio signs all of it.
    """
    base = wanted.carrier_side.disaster_recovery
    if base is None:
        return None
    if not wanted.fallbacks:
        return ""
    return f"{base}{path}?{urlencode({dialled.lstrip('+'): to for dialled, to in wanted.fallbacks.items()})}"


def ensure_trunk(client: Client, wanted: Telephony, disaster_path: str, plan: Plan) -> TrunkInstance | None:
    """The trunk of our name; None when a dry run would make it."""
    after: dict[str, Any] = {
        "domain_name": wanted.outbound.address,
        "secure": wanted.media.encryption == "require",
    }
    if (url := disaster_url(wanted, disaster_path)) is not None:
        after |= {"disaster_recovery_url": url, "disaster_recovery_method": "POST"}
    trunks = client.trunking.v1.trunks
    existing = next((trunk for trunk in trunks.list() if trunk.friendly_name == wanted.name), None)
    what = f"SIP trunk {wanted.name}"
    if existing is None:
        plan.create(WHERE, what, after)
        return None if plan.dry_run else trunks.create(friendly_name=wanted.name, **after)
    before = {name: getattr(existing, name) or type(value)() for name, value in after.items()}
    if plan.change(WHERE, what, before, after) and not plan.dry_run:
        return existing.update(**{name: value for name, value in after.items() if before[name] != value})
    return existing


def ensure_origination(client: Client, trunk: TrunkInstance | None, wanted: Telephony, plan: Plan) -> None:
    """Where Twilio sends the calls: one address of our name; others on the trunk are left."""
    after: dict[str, Any] = {
        "sip_url": f"sip:{wanted.inbound.host};transport={wanted.inbound.transport}",
        "weight": 10,
        "priority": 10,
        "enabled": True,
    }
    urls = client.trunking.v1.trunks(trunk.sid).origination_urls if trunk and trunk.sid else None
    existing = next((url for url in urls.list() if url.friendly_name == wanted.name), None) if urls else None
    what = f"origination address {wanted.name}"
    if existing is None:
        plan.create(WHERE, what, after)
        if urls and not plan.dry_run:
            urls.create(friendly_name=wanted.name, **after)
        return
    before = {name: getattr(existing, name) for name in after}
    if plan.change(WHERE, what, before, after) and not plan.dry_run:
        existing.update(**{name: value for name, value in after.items() if before[name] != value})


def ensure_credentials(
    client: Client, trunk: TrunkInstance | None, wanted: Telephony, password: str, plan: Plan
) -> None:
    """The list with the one name and password that may call out, and that list on the trunk.

    Twilio never gives a password back, so the list's name ends with its fingerprint.
    """
    name = f"{wanted.name} {fingerprint(wanted.name, password)}"
    username = wanted.outbound.username
    lists = client.sip.credential_lists
    existing = next((found for found in lists.list() if (found.friendly_name or "").split(" ")[0] == wanted.name), None)
    what = f"credential list {wanted.name}"
    if existing is None:
        plan.create(WHERE, what, {"username": username, "password": SECRET})
        if not plan.dry_run:
            existing = lists.create(friendly_name=name)
            lists(_sid(existing)).credentials.create(username=username, password=password)
    else:
        credentials = lists(_sid(existing)).credentials
        own = next((found for found in credentials.list() if found.username == username), None)
        before = {"username": own.username if own else None, "password": existing.friendly_name}
        if plan.change(WHERE, what, *_hidden(before, {"username": username, "password": name})) and not plan.dry_run:
            _ = own.update(password=password) if own else credentials.create(username=username, password=password)
            existing.update(friendly_name=name)
    _ensure_on_trunk(client, trunk, _sid(existing) if existing else NEW, plan, wanted.name)


def _ensure_on_trunk(client: Client, trunk: TrunkInstance | None, list_sid: str, plan: Plan, name: str) -> None:
    associated = client.trunking.v1.trunks(trunk.sid).credentials_lists if trunk and trunk.sid else None
    if associated and any(found.sid == list_sid for found in associated.list()):
        return
    plan.create(WHERE, f"credential list {name} on the trunk", {})
    if associated and not plan.dry_run:
        associated.create(credential_list_sid=list_sid)


def ensure_numbers(client: Client, trunk: TrunkInstance | None, wanted: Telephony, plan: Plan) -> None:
    """Every number on our trunk; a number on another one is somebody else's."""
    for number in wanted.numbers:
        found = client.incoming_phone_numbers.list(phone_number=number)
        if not found:
            raise TelephonyError(f"Twilio: {number} is not in this account.", hint="Buy or port it in, then repeat.")
        held_by = found[0].trunk_sid or None
        if held_by and (trunk is None or held_by != trunk.sid):
            raise TelephonyError(
                f"Twilio: {number} is on the trunk {held_by}, which Fieldline did not make.",
                hint="Take it off that trunk in Twilio's console, then repeat.",
            )
        if held_by:
            continue
        plan.create(WHERE, f"number {number} on the trunk", {})
        if trunk and trunk.sid and not plan.dry_run:
            client.trunking.v1.trunks(trunk.sid).phone_numbers.create(phone_number_sid=_sid(found[0]))


def release_numbers(client: Client, trunk: TrunkInstance | None, wanted: Telephony, plan: Plan) -> None:
    """Take off our trunk what trunks.yaml does not name: LiveKit would refuse its calls. It stays in the account."""
    if not (trunk and trunk.sid):
        return
    for number in client.trunking.v1.trunks(trunk.sid).phone_numbers.list():
        if number.phone_number not in wanted.numbers:
            plan.release(WHERE, f"number {number.phone_number} from the trunk")
            if not plan.dry_run:
                client.trunking.v1.trunks(trunk.sid).phone_numbers(_sid(number)).delete()


def _refusal(error: TwilioException) -> tuple[int, str]:
    """HTTP status and text; the client wraps a page that it cannot list in an error without fields."""
    if isinstance(error, TwilioRestException):
        return error.status, f"{error.msg} (code {error.code})"
    answer = next((arg for arg in error.args if isinstance(arg, Response)), None)
    if answer is None:
        return 0, str(error)
    try:
        said = json.loads(answer.text)
        return int(answer.status_code), f"{said['message']} (code {said['code']})"
    except (ValueError, KeyError, TypeError):
        return int(answer.status_code), answer.text[:200]


def _hidden(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    if before["password"] == after["password"]:
        return {**before, "password": SECRET}, {**after, "password": SECRET}
    return {**before, "password": OTHER_SECRET}, {**after, "password": SECRET}


def _sid(thing: Any) -> str:
    return str(thing.sid)
