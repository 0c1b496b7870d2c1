"""`fieldline provision`: LiveKit and the carrier are made what `sip/trunks.yaml` says."""

from __future__ import annotations

import asyncio

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
    plan = await _pass(settings, wanted, Plan(dry_run=True))
    if dry_run or not plan.changes:
        return plan
    return await _pass(settings, wanted, Plan(dry_run=False))


async def _pass(settings: Settings, wanted: Telephony, plan: Plan) -> Plan:
    secret = settings.sip_password
    password = secret.get_secret_value() if secret else None
    async with livekit.sip_service(settings) as sip:
        trunk_id = await livekit.ensure_inbound_trunk(sip, wanted, password, plan)
        await livekit.ensure_outbound_trunk(sip, wanted, password, plan)
        await livekit.ensure_dispatch_rule(sip, wanted, trunk_id, settings.agent_name, plan)
    if not wanted.carrier.provisioned:
        plan.notes.append(f"{wanted.carrier_name}'s side is set up by hand: docs/go-live.md")
    elif not settings.twilio_account_sid:
        plan.notes.append("TWILIO_ACCOUNT_SID is not set: the carrier's side is left alone")
    elif not password:
        plan.notes.append("FIELDLINE_SIP_PASSWORD is not set: the carrier's side is left alone")
    else:
        await asyncio.to_thread(twilio.ensure_all, twilio_client(settings), wanted, password, DISASTER_PATH, plan)
    return plan
