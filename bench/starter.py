"""The baseline: LiveKit's own starter agent as its template begins, voice activity detection and nothing of ours.

`python -m bench.starter PORT` with LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET set; it logs
"registered worker" once calls can come in.
"""

from __future__ import annotations

import asyncio
import logging
import sys

from livekit.agents import Agent, AgentServer, AgentSession, JobContext, JobProcess
from livekit.plugins import silero

AGENT_NAME = "starter"


def prewarm(process: JobProcess) -> None:
    process.userdata["vad"] = silero.VAD.load()


async def entry(ctx: JobContext) -> None:
    session: AgentSession[None] = AgentSession(vad=ctx.proc.userdata["vad"])
    await session.start(agent=Agent(instructions="You are a helpful voice assistant."), room=ctx.room)


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    server = AgentServer(
        setup_fnc=prewarm,
        num_idle_processes=2,
        initialize_process_timeout=60,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        drain_timeout=1,
        load_fnc=lambda: 0.0,  # by default it would refuse calls while the machine is busy with something else
    )
    server.rtc_session(entry, agent_name=AGENT_NAME)
    asyncio.run(server.run(devmode=False))


if __name__ == "__main__":
    main()
