"""Which parts there are, what each needs, and how the Python parts are run."""

from __future__ import annotations

import sys
from collections.abc import Collection

from fieldline.stack.info import StackInfo
from fieldline.stack.supervisor import Part
from fieldline.stack.web import answers

#: In the order in which they start.
ALL = ("postgres", "rest", "livekit", "api", "worker", "duties")
NEEDS = {
    "rest": ("postgres",),
    "api": ("rest", "livekit"),
    "worker": ("rest", "livekit"),
    "duties": ("rest", "livekit"),
}


def with_needs(parts: Collection[str]) -> list[str]:
    """`parts` and whatever they need, in the order in which they start.

    Raises:
        ValueError: there is no part of that name.
    """
    unknown = set(parts) - set(ALL)
    if unknown:
        raise ValueError(f"no such part: {', '.join(sorted(unknown))}")
    wanted = {*parts, *(need for name in parts for need in NEEDS.get(name, ()))}
    wanted |= {need for name in wanted for need in NEEDS.get(name, ())}
    return [name for name in ALL if name in wanted]


def python_part(name: str, info: StackInfo) -> Part:
    """How to run `api`, `worker` or `duties`. Only the API checks tokens, so only it gets the JWT secret."""
    if name == "api":
        return Part(
            name,
            [sys.executable, "-m", "admin_api"],
            probe=lambda: answers(f"{info.api_url}/health/ready"),
            env=info.part_env(),
        )
    env = info.part_env(without=("SUPABASE_JWT_SECRET",))
    if name == "worker":
        return Part(
            name,
            [sys.executable, "-m", "agent.worker", "start"],
            probe=lambda: answers(f"{info.worker_url}/ready"),
            env=env,
            within=120,
            grace=25,  # calls that go on write their last rows
        )
    return Part(name, [sys.executable, "-m", "fieldline.duties"], probe=_started, env=env)


async def _started() -> bool:
    """Duties listen nowhere; one that dies is started again and said so."""
    return True
