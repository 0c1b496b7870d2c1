"""What a model is told of a line's tools, worked out once.

The plugin makes pydantic models of all tools for every request: 20 ms of an idle processor for a technician's, twice in
a turn that uses one. The words that go out are the same.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from livekit.agents import llm
from livekit.agents.llm.tool_context import RawFunctionToolInfo
from livekit.agents.llm.utils import build_strict_openai_schema

#: By the function behind a tool, which is the same for every call's line.
_made: WeakKeyDictionary[Callable[..., Any], dict[str, Any]] = WeakKeyDictionary()


def described(tools: Sequence[llm.Tool]) -> list[llm.Tool]:
    """The tools with their descriptions ready; the session goes on calling its own."""
    return [_ready(tool) if isinstance(tool, llm.FunctionTool) else tool for tool in tools]


def prepare(lines: Iterable[type]) -> None:
    """Work out the descriptions of all tools of these lines."""
    for line in lines:
        for _, tool in inspect.getmembers_static(line, lambda member: isinstance(member, llm.FunctionTool)):
            described([tool.__get__(object())])


def _ready(tool: llm.FunctionTool[..., Any]) -> llm.Tool:
    function = inspect.unwrap(tool)
    schema = _made.get(function)
    if schema is None:
        schema = _made[function] = build_strict_openai_schema(tool)["function"]
    info = tool.info
    return llm.RawFunctionTool(
        tool, RawFunctionToolInfo(info.name, schema, info.flags, info.on_duplicate, info.duplicate_scope)
    )
