"""What every job process shares with the others: made once, in the process that they are forked from.

Pages that nobody writes to stay shared, so what is loaded here costs its memory once for a worker and not once for a
call. Nothing here may start a thread or an event loop, or open a connection: a fork would break it.
"""

from __future__ import annotations

from importlib import import_module

import agent.job as agent_job
from agent import lines
from agent.fallback.schemas import prepare
from agent.offline.ears import prewarm
from agent.offline.rules import understand
from agent.offline.vocabulary import Vocabulary
from agent.turns.judge import judge
from fieldline.tls import tls

__all__ = ["agent_job"]

#: What a client of OpenAI imports with its first request, which stops a call for as long: 0.1 s of an idle processor.
AT_FIRST_REQUEST = (
    "anyio._backends._asyncio",
    "h11",
    "httpcore2",
    "openai.lib.streaming.chat",
    "openai.pagination",
    "openai.resources.audio",
    "openai.resources.chat.chat",
    "openai.resources.chat.completions.completions",
    "openai.types.chat.completions",
    "openai.resources.models",
    "openai.types.chat",
)
for module in AT_FIRST_REQUEST:
    import_module(module)

# 31 MB of pronunciations, the acoustic model, and the rules' compiled phrases.
prewarm()
understand("clock me in on truck two oh one", Vocabulary())
judge("can you tell me where it is", vocabulary=Vocabulary())
# What every call would work out again before its first word: certificates, and descriptions of the tools.
tls()
prepare(getattr(lines, name) for name in lines.__all__ if name.endswith("Line"))
