"""What `fieldline doctor` says of the carrier: the plan that provisioning would follow, in words, with nothing done."""

from __future__ import annotations

from fieldline.doctor.finding import Finding
from fieldline.errors import SettingsError, TelephonyError
from fieldline.settings import Settings
from sip.desired import load
from sip.plan import Change, Difference, Plan
from sip.provision import carrier_side

NAME = "carrier"
MEND = "`fieldline provision --dry-run` shows it all, without --dry-run it mends it"
#: Fields of Twilio's that an operator knows by another name.
FIELDS = {
    "domain_name": "the termination address",
    "secure": "secure trunking",
    "disaster_recovery_url": "the disaster recovery address",
    "disaster_recovery_method": "the disaster recovery method",
    "sip_url": "where calls are sent",
}


async def examine_carrier(settings: Settings) -> list[Finding]:
    """What differs at the carrier from trunks.yaml, one finding each; a single "ok" when nothing does.

    Nothing at all where no trunks.yaml of the installation's own says what should be.

    Raises:
        SettingsError: trunks.yaml is wrong.
    """
    if not settings.trunks_file:
        return []
    wanted = load(settings)
    if not wanted.carrier.provisioned:
        return [Finding(NAME, "ok", f"{wanted.carrier_name}'s side is set up by hand: not looked at")]
    plan = Plan(dry_run=True)
    password = settings.sip_password.get_secret_value() if settings.sip_password else None
    try:
        await carrier_side(settings, wanted, password, plan)
    except TelephonyError as error:
        return [Finding(NAME, "broken", str(error).splitlines()[0], error.hint or MEND)]
    except SettingsError as error:
        return [Finding(NAME, "broken", "; ".join(error.problems), "set it as docs/go-live.md says")]
    if plan.notes:
        return [Finding(NAME, "warning", note, "set it as docs/go-live.md says") for note in plan.notes]
    if plan.changes:
        return [Finding(NAME, "broken", _words(change), MEND) for change in plan.changes]
    return [Finding(NAME, "ok", f"{', '.join(wanted.numbers)}: trunk, address, password and disaster recovery as set")]


def _words(change: Change) -> str:
    if change.action == "create":
        return f"{change.where} has no {change.what}"
    if change.action == "release":
        return f"{change.where}: {change.what} is to be released: its callers are refused"
    return f"{change.where}: {change.what}: {'; '.join(map(_differs, change.differences))}"


def _differs(difference: Difference) -> str:
    name = FIELDS.get(difference.field, difference.field)
    return f"{name} is {difference.before or 'not set'} and should be {difference.after or 'empty'}"
