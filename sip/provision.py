"""`fieldline provision`: LiveKit and the carrier are made what `sip/trunks.yaml` says."""

from __future__ import annotations

import asyncio

from livekit.api.sip_service import SipService

from fieldline.settings import Settings
from fieldline.twilio_client import twilio_client
from sip import livekit, twilio
from sip.desired import Telephony, load
from sip.plan import Plan

#: The admin API's route for calls that nothing of ours takes: admin_api/routers/disaster.py.
DISASTER_PATH = "/twilio/disaster-recovery"


async def provision(settings: Settings, *, dry_run: bool) -> Plan:
    """What differed; unless it is a dry run it does not any more.

    Everything is compared before the first change, so a thing that stands in the way leaves all as it was.

    Raises:
        SettingsError: trunks.yaml or the environment is wrong.
        TelephonyError: LiveKit or the carrier refused, or holds what is somebody else's.
    """
    wanted = load(settings)
    secret = settings.sip_password
    password = secret.get_secret_value() if secret else None
    plan = Plan(dry_run=True)
    try:
        await _livekit(settings, wanted, password, plan)
    except livekit.NoSipService as error:
        if not dry_run:
            raise
        plan = Plan(notes=[f"{error} The plan is for an empty one."])
        await _trunks(livekit.Nothing(), settings, wanted, password, plan)
    await carrier_side(settings, wanted, password, plan)
    if dry_run or not plan.changes:
        return plan
    doing = Plan(dry_run=False)
    await _livekit(settings, wanted, password, doing)
    await carrier_side(settings, wanted, password, doing)
    return doing


async def _livekit(settings: Settings, wanted: Telephony, password: str | None, plan: Plan) -> None:
    async with livekit.sip_service(settings) as sip:
        await _trunks(sip, settings, wanted, password, plan)


async def _trunks(sip: SipService, settings: Settings, wanted: Telephony, password: str | None, plan: Plan) -> None:
    trunk_id = await livekit.ensure_inbound_trunk(sip, wanted, password, plan)
    await livekit.ensure_outbound_trunk(sip, wanted, password, plan)
    await livekit.ensure_dispatch_rule(sip, wanted, trunk_id, settings.agent_name, plan)


async def carrier_side(settings: Settings, wanted: Telephony, password: str | None, plan: Plan) -> None:
    """The carrier's part of the plan; what cannot be looked at is a note. Raises TelephonyError like `provision`."""
    if not wanted.carrier.provisioned:
        plan.notes.append(f"{wanted.carrier_name}'s side is set up by hand: docs/go-live.md")
    elif not settings.twilio_account_sid:
        plan.notes.append("TWILIO_ACCOUNT_SID is not set: the carrier's side is left alone")
    elif not password:
        plan.notes.append("FIELDLINE_SIP_PASSWORD is not set: the carrier's side is left alone")
    else:
        await asyncio.to_thread(twilio.ensure_all, twilio_client(settings), wanted, password, DISASTER_PATH, plan)
