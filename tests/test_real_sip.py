"""Real SIP: softphones call livekit-sip in a network namespace of the test's own.

Needs livekit-sip, redis-server, baresip and the right to make a network namespace; skipped with the reason otherwise.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from fieldline.settings import load_settings

pytestmark = [pytest.mark.sip, pytest.mark.timeout(600)]

#: The row is written a moment after the two are joined; a briefing lasts ten seconds.
SLACK_S = 1.0
#: The employee's microphone is new to the room at the pick-up. The caller's SIP service asks for it in the instant in
#: which the line takes it away, and on a busy machine may be the quicker one.
PICK_UP_MS = 400
NEEDED = ("livekit-sip", "redis-server", "baresip", "ip")


@pytest.fixture(scope="module")
def namespace() -> Iterator[str]:
    """A network namespace with one address of its own; nothing in it can reach another host."""
    if missing := [program for program in NEEDED if not shutil.which(program)]:
        pytest.skip(f"not on PATH: {', '.join(missing)}")
    if os.geteuid() != 0:
        pytest.skip("only root may make a network namespace")
    name = f"fieldline-{secrets.token_hex(4)}"
    steps = [
        f"ip netns add {name}",
        f"ip -n {name} link add v0 type veth peer name v1",
        f"ip -n {name} address add 10.77.0.1/24 dev v0",
        *(f"ip -n {name} link set {link} up" for link in ("lo", "v0", "v1")),
        f"ip -n {name} route add default dev v0",
    ]
    try:
        for step in steps:
            done = subprocess.run(step.split(), capture_output=True, text=True, check=False)
            if done.returncode != 0:
                pytest.skip(f"{step}: {done.stderr.strip()}")
        yield name
    finally:
        subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)


@pytest.fixture(scope="module")
async def calls(namespace: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of the calls, placed once for all tests here."""
    folder = tmp_path_factory.mktemp("sip")
    process = await asyncio.create_subprocess_exec(
        *("ip", "netns", "exec", namespace, sys.executable, "-m", "tests.support.sip.run"),
        *(str(folder), str(load_settings().cache_dir)),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, f"the calls failed; logs are in {folder}"
    return json.loads(output)


async def test_a_caller_is_greeted_and_the_call_is_logged(calls: dict[str, Any]) -> None:
    inbound = calls["inbound"]

    assert inbound["log"] == {
        "from_number": "+12025559876",
        "to_number": "+12025550100",
        "status": "completed",
        "end_reason": "caller_hung_up",
    }
    assert inbound["heard_s"] > 1


@pytest.mark.parametrize(("status", "outcome"), [(486, "busy"), (603, "declined"), (480, "unreachable")])
async def test_an_office_that_refuses_gives_the_caller_back_a_voice(
    calls: dict[str, Any], status: int, outcome: str
) -> None:
    refused = calls[str(status)]

    assert refused["attempt"] == {"outcome": outcome, "sip_status": status}
    assert refused["still_on"]


async def test_the_office_stops_ringing_when_the_caller_hangs_up(calls: dict[str, Any]) -> None:
    assert calls["caller_leaves"]["outcome"] == "caller_left"


@pytest.mark.parametrize("how", ["accepted", "accepted at once"])
async def test_an_accepted_transfer_connects_two_telephones_until_one_hangs_up(calls: dict[str, Any], how: str) -> None:
    accepted = calls[how]

    assert (accepted["outcome"], accepted["status"]) == ("accepted", "transferred")
    assert accepted["office_heard_caller_s"] > 1 and accepted["caller_heard_office_s"] > 1


@pytest.mark.parametrize("how", ["accepted", "accepted at once"])
async def test_neither_hears_the_other_before_the_transfer_is_accepted(calls: dict[str, Any], how: str) -> None:
    accepted = calls[how]
    together_s = accepted["talked_s"] + SLACK_S

    assert accepted["office_heard_caller_s"] < together_s and accepted["caller_heard_office_s"] < together_s
    assert accepted["office_heard_early_ms"] == 0
    assert accepted["caller_heard_early_ms"] <= PICK_UP_MS
