"""The baseline of the voice benches: LiveKit's starter agent with the same providers, and nothing of ours.

`python -m bench.plain PORT detector|vad` with LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET and the providers'
addresses and keys set. `detector` is the bundled turn detector with its defaults, as the template has it; `vad` takes
every pause for an end. Calls are dispatched to `plain-detector` and `plain-vad`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys

from livekit.agents import (
    Agent,
    AgentServer,
    AgentSession,
    JobContext,
    JobProcess,
    TurnHandlingOptions,
    function_tool,
    inference,
)
from livekit.plugins import deepgram, elevenlabs, openai, silero

VARIANTS = ("detector", "vad")
#: What a request to a database takes on the same machine, seconds (bench tools: 6 to 8 ms).
TOOL_S = 0.007


class Assistant(Agent):
    def __init__(self) -> None:
        super().__init__(instructions="You are a helpful voice assistant of a field-service company.")

    async def on_enter(self) -> None:
        self.session.say("Hello, this is the assistant of Summit Field Services. How can I help you?")

    @function_tool
    async def next_job(self) -> str:
        """Call when the technician asks for the next job."""
        await asyncio.sleep(TOOL_S)
        return "Your next job is ten fifty seven at Riverside Mall."

    @function_tool
    async def my_status(self) -> str:
        """Call when the technician asks where things stand."""
        await asyncio.sleep(TOOL_S)
        return "You are not clocked in."


def prewarm(process: JobProcess) -> None:
    process.userdata["vad"] = silero.VAD.load()


async def entry(ctx: JobContext) -> None:
    detector = "vad" if os.environ["PLAIN_VARIANT"] == "vad" else inference.TurnDetector(version="v1-mini")
    session: AgentSession[None] = AgentSession(
        stt=deepgram.STT(model="nova-3", base_url=f"{os.environ['DEEPGRAM_BASE_URL']}/v1/listen"),
        llm=openai.LLM(model="gpt-4o-mini", base_url=os.environ["OPENAI_BASE_URL"]),
        tts=elevenlabs.TTS(
            model="eleven_flash_v2_5",
            encoding="pcm_24000",
            base_url=os.environ["ELEVEN_BASE_URL"],
            api_key=os.environ["ELEVEN_API_KEY"],
        ),
        vad=ctx.proc.userdata["vad"],
        turn_handling=TurnHandlingOptions(turn_detection=detector, preemptive_generation={"enabled": True}),
    )
    await session.start(agent=Assistant(), room=ctx.room)


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    os.environ["PLAIN_VARIANT"] = sys.argv[2]
    server = AgentServer(
        setup_fnc=prewarm,
        num_idle_processes=2,
        initialize_process_timeout=60,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        drain_timeout=1,
        load_fnc=lambda: 0.0,  # by default it would refuse calls while the machine is busy with something else
    )
    server.rtc_session(entry, agent_name=f"plain-{sys.argv[2]}")
    asyncio.run(server.run(devmode=False))


if __name__ == "__main__":
    main()
