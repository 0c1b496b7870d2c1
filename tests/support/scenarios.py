"""How tests run scenarios: where they are, how a text call is placed, and the rows they look at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from agent.chat import text_call
from fieldline.lab.caller import Caller, TextCaller
from fieldline.lab.rows import Rows, open_rows
from fieldline.lab.runner import OpenCall
from fieldline.lab.scenario import CallScript
from fieldline.settings import Settings
from tests.support.stacks import Supabase

SCENARIOS = Path(__file__).parents[1] / "scenarios"


def text_opener(settings: Settings) -> OpenCall:
    """Places a scenario's calls as text."""

    def open_call(script: CallScript) -> AbstractAsyncContextManager[Caller]:
        return _text_caller(settings, script)

    return open_call


@asynccontextmanager
async def _text_caller(settings: Settings, script: CallScript) -> AsyncIterator[Caller]:
    async with text_call(settings, from_number=script.from_number, to_number=script.to_number) as call:
        yield TextCaller(call)


def writable_rows(supabase: Supabase) -> AbstractAsyncContextManager[Rows]:
    """The live database as its owner: a scenario may set its stage there."""
    return open_rows(supabase.database_url, read_only=False)
