"""LiveKit's side: inbound trunk, outbound trunk and dispatch rule.

Each `ensure_…` finds ours by name and mark, compares, notes in the plan what differs, and unless the plan is a dry
run makes it so. What others made is never changed; where it stands in the way, that is an error before any change.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from livekit import api
from livekit.api.sip_service import SipService

from fieldline.errors import SettingsError, TelephonyError
from fieldline.settings import Settings
from fieldline.telephony import ours
from sip import messages
from sip.desired import Telephony
from sip.messages import fields, merged, presentable
from sip.plan import NEW, OTHER_SECRET, Plan

WHERE = "LiveKit"
PATIENCE_S = 10.0
NO_REDIS = "This livekit-server has no Redis, so it can keep no trunks (redis.address in its configuration)."


class Nothing(SipService):
    """A LiveKit server without trunks, to plan for; it is never asked to make any."""

    def __init__(self) -> None:
        """No connection."""

    async def list_inbound_trunk(self, list: api.ListSIPInboundTrunkRequest) -> api.ListSIPInboundTrunkResponse:
        """None."""
        return api.ListSIPInboundTrunkResponse()

    async def list_outbound_trunk(self, list: api.ListSIPOutboundTrunkRequest) -> api.ListSIPOutboundTrunkResponse:
        """None."""
        return api.ListSIPOutboundTrunkResponse()

    async def list_dispatch_rule(self, list: api.ListSIPDispatchRuleRequest) -> api.ListSIPDispatchRuleResponse:
        """None."""
        return api.ListSIPDispatchRuleResponse()


class NoSipService(TelephonyError):
    """The LiveKit server has nowhere to keep trunks."""


@asynccontextmanager
async def sip_service(settings: Settings) -> AsyncIterator[SipService]:
    """The SIP part of LiveKit's API.

    Raises:
        SettingsError: no address or key.
        TelephonyError: for whatever goes wrong inside the block at LiveKit.
    """
    secret = settings.livekit_api_secret
    if not (settings.livekit_url and settings.livekit_api_key and secret):
        raise SettingsError(["LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET: needed to set up trunks"])
    patience = aiohttp.ClientTimeout(total=PATIENCE_S)
    async with api.LiveKitAPI(
        settings.livekit_url, settings.livekit_api_key, secret.get_secret_value(), timeout=patience
    ) as client:
        try:
            yield client.sip
        except api.TwirpError as error:
            if "sip not connected" in error.message:
                raise NoSipService(NO_REDIS) from error
            wrong_key = error.code in {"unauthenticated", "permission_denied"}
            hint = "Check LIVEKIT_API_KEY and LIVEKIT_API_SECRET." if wrong_key else ""
            raise TelephonyError(f"LiveKit: {error.code}: {error.message}", hint=hint) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            raise TelephonyError(f"LiveKit at {settings.livekit_url} does not answer: {reason}") from error


async def ensure_inbound_trunk(sip: SipService, wanted: Telephony, password: str | None, plan: Plan) -> str:
    """The inbound trunk as it should be; its id, or NEW when a dry run would make it.

    Raises:
        SettingsError: the trunk is to have credentials and FIELDLINE_SIP_PASSWORD is missing.
        TelephonyError: somebody else's trunk takes one of our numbers, or every number.
    """
    if wanted.inbound.username and not password:
        raise SettingsError(["FIELDLINE_SIP_PASSWORD: the inbound trunk has a username, so it needs a password"])
    trunk = messages.inbound(wanted, password)
    there = (await sip.list_inbound_trunk(api.ListSIPInboundTrunkRequest())).items
    existing = ours(there, trunk.name)
    for other in there:
        taken = sorted(set(other.numbers) & set(trunk.numbers)) or ([] if other.numbers else ["every number"])
        if other is not existing and taken and not other.allowed_numbers:
            raise TelephonyError(
                f"LiveKit: the trunk {other.name!r} ({other.sip_trunk_id}) takes {', '.join(taken)}; "
                "Fieldline did not make it.",
                hint="Delete it (lk sip inbound delete) or take the number off it, then repeat.",
            )
    what = f"inbound trunk {trunk.name}"
    if existing is None:
        plan.create(WHERE, what, presentable(fields(trunk, messages.INBOUND)))
        if plan.dry_run:
            return NEW
        return (await sip.create_inbound_trunk(api.CreateSIPInboundTrunkRequest(trunk=trunk))).sip_trunk_id
    if _differs(plan, what, existing, trunk, messages.INBOUND):
        await sip.update_inbound_trunk(existing.sip_trunk_id, merged(existing, trunk, messages.INBOUND))
    return existing.sip_trunk_id


async def ensure_outbound_trunk(sip: SipService, wanted: Telephony, password: str | None, plan: Plan) -> None:
    """The outbound trunk as it should be. Without a password it is left alone, and the plan says so."""
    if not password:
        plan.notes.append("FIELDLINE_SIP_PASSWORD is not set: no outbound trunk, so the line can ring nobody")
        return
    trunk = messages.outbound(wanted, password)
    existing = ours((await sip.list_outbound_trunk(api.ListSIPOutboundTrunkRequest())).items, trunk.name)
    what = f"outbound trunk {trunk.name}"
    if existing is None:
        plan.create(WHERE, what, presentable(fields(trunk, messages.OUTBOUND)))
        if not plan.dry_run:
            await sip.create_outbound_trunk(api.CreateSIPOutboundTrunkRequest(trunk=trunk))
    elif _differs(plan, what, existing, trunk, messages.OUTBOUND):
        await sip.update_outbound_trunk(existing.sip_trunk_id, merged(existing, trunk, messages.OUTBOUND))


async def ensure_dispatch_rule(sip: SipService, wanted: Telephony, trunk_id: str, agent_name: str, plan: Plan) -> None:
    """The rule that gives each call on our trunk a room and the agent.

    Raises:
        TelephonyError: somebody else's rule takes the same trunk's calls.
    """
    rule = messages.rule(wanted, trunk_id, agent_name)
    there = (await sip.list_dispatch_rule(api.ListSIPDispatchRuleRequest())).items
    existing = ours(there, rule.name)
    for other in there:
        # A rule for all trunks stands in nobody's way: one that names the trunk goes before it.
        if other is not existing and trunk_id in other.trunk_ids and not other.inbound_numbers:
            raise TelephonyError(
                f"LiveKit: the rule {other.name!r} ({other.sip_dispatch_rule_id}) takes the same calls; "
                "Fieldline did not make it.",
                hint="Delete it (lk sip dispatch delete) or give it trunks of its own, then repeat.",
            )
    what = f"dispatch rule {rule.name}"
    if existing is None:
        plan.create(WHERE, what, fields(rule, messages.RULE))
        if not plan.dry_run:
            await sip.create_dispatch_rule(api.CreateSIPDispatchRuleRequest(dispatch_rule=rule))
    elif _differs(plan, what, existing, rule, messages.RULE):
        await sip.update_dispatch_rule(existing.sip_dispatch_rule_id, merged(existing, rule, messages.RULE))


def _differs(
    plan: Plan,
    what: str,
    existing: api.SIPInboundTrunkInfo | api.SIPOutboundTrunkInfo | api.SIPDispatchRuleInfo,
    wanted: api.SIPInboundTrunkInfo | api.SIPOutboundTrunkInfo | api.SIPDispatchRuleInfo,
    names: tuple[str, ...],
) -> bool:
    """Whether something is to be changed now. The password itself is compared where the server gives it back."""
    before, after = fields(existing, names), fields(wanted, names)
    if not before.get("auth_password"):
        after.pop("auth_password", None)
    changed = [name for name in after if before.get(name) != after[name]]
    shown_before, shown_after = presentable(before), presentable(after)
    if "auth_password" in changed:
        shown_before["auth_password"] = OTHER_SECRET
    return plan.change(WHERE, what, shown_before, shown_after) and not plan.dry_run
