"""Chat completions in OpenAI's form, streamed, as OpenAI and Groq serve them.

From livekit-agents' source (`inference/llm.py`, which the openai plugin uses): `POST /chat/completions` with
`messages`, `tools`, `stream_options.include_usage`; from each chunk it reads `choices[0].delta` (`content`, and
`tool_calls` whose first part has id and name and whose later parts carry the arguments), `finish_reason`, and `usage`
of a last chunk without choices. `GET /models` is what it asks to warm the connection. From OpenAI's documentation:
`object`, `created`, `system_fingerprint`, the closing `[DONE]`, and the shape of errors.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from fieldline.lab.providers.delays import Clock
from fieldline.lab.providers.faults import Connection, Gate
from fieldline.lab.providers.whisper import bearer

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a model says, or the tools that it calls: (name, arguments)."""

    text: str = ""
    calls: Sequence[tuple[str, Json]] = ()


#: Decides on an answer from the request's `messages` and `tools`.
Mind = Callable[[list[Json], list[Json]], Awaitable[Answer]]


async def parrot(messages: list[Json], _tools: list[Json]) -> Answer:
    """The mind of stand-ins that were given none: it says what it heard."""
    last = next((m for m in reversed(messages) if m["role"] in ("user", "tool")), None)
    return Answer(f"You said: {text_of(last)}." if last and last["role"] == "user" else text_of(last))


def text_of(message: Json | None) -> str:
    """The words of a message; its content is a string or a list of parts."""
    content = (message or {}).get("content") or ""
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", "") for part in content if part.get("type") == "text")


class Chat:
    """`/chat/completions` and `/models`. `requests` holds the body of every request."""

    def __init__(self, gate: Gate, clock: Clock, mind: Mind) -> None:
        self.gate = gate
        self.requests: list[Json] = []
        self._clock = clock
        self._mind = mind

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Where it is served."""
        return [web.post(f"{prefix}/chat/completions", self.complete), web.get(f"{prefix}/models", self.models)]

    async def models(self, request: web.Request) -> web.StreamResponse:
        """The list of models: empty, nobody reads it."""
        await self.gate.admit(request, bearer(request))
        return web.json_response({"object": "list", "data": []})

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """One answer."""
        await self.gate.admit(request, bearer(request))
        body: Json = await request.json()
        self.requests.append(body)
        answer = await self._mind(body["messages"], body.get("tools") or [])
        await asyncio.sleep(self._clock.draw("llm_first"))
        if not body.get("stream"):
            return web.json_response(_whole(body, answer))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        async with Connection(self.gate, request, response) as connection:
            for number, chunk in enumerate(_chunks(body, answer)):
                if number:
                    await asyncio.sleep(self._clock.draw("llm_token"))
                await connection.send(f"data: {json.dumps(chunk)}\n\n")
            if body.get("stream_options", {}).get("include_usage"):
                usage = {**_envelope(body), "choices": [], "usage": _usage(body, answer)}
                await connection.send(f"data: {json.dumps(usage)}\n\n")
            await connection.send("data: [DONE]\n\n")
        return response


def _envelope(body: Json) -> Json:
    return {
        "id": "chatcmpl-lab",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": body["model"],
        "system_fingerprint": "lab",
    }


def _chunks(body: Json, answer: Answer) -> list[Json]:
    deltas: list[Json] = [{"role": "assistant", "content": token} for token in _tokens(answer.text)]
    for index, (name, arguments) in enumerate(answer.calls):
        identity = {"index": index, "id": f"call_{len(body['messages'])}_{index}", "type": "function"}
        deltas.append({"tool_calls": [{**identity, "function": {"name": name, "arguments": ""}}]})
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": part}}]}
            for part in _tokens(json.dumps(arguments))
        ]
    chunks = [_chunk(body, delta) for delta in deltas or [{"role": "assistant", "content": ""}]]
    return [*chunks, _chunk(body, {}, "tool_calls" if answer.calls else "stop")]


def _chunk(body: Json, delta: Json, finish: str | None = None) -> Json:
    return {**_envelope(body), "choices": [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]}


def _tokens(text: str) -> list[str]:
    """A word or a punctuation mark each: close to the four characters that a token has on average."""
    return re.findall(r"\s*(?:\w+|[^\w\s])", text)


def _usage(body: Json, answer: Answer) -> Json:
    prompt = sum(len(_tokens(json.dumps(part))) for part in (*body["messages"], *(body.get("tools") or [])))
    completion = len(_tokens(answer.text)) + sum(len(_tokens(json.dumps(call))) for call in answer.calls)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _whole(body: Json, answer: Answer) -> Json:
    calls = [
        {"id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for n, (name, arguments) in enumerate(answer.calls)
    ]
    message = {"role": "assistant", "content": answer.text or None, **({"tool_calls": calls} if calls else {})}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}
    return {**_envelope(body), "object": "chat.completion", "choices": [choice], "usage": _usage(body, answer)}
