"""`fieldline eval`: the scenario files as text calls, on the offline rules or on a cloud model.

Rows are what counts: a scenario is right when the database is as it should be afterwards, and what was said is graded
apart, since a model may put the same facts into other words. With `live` the first model of providers.yaml that has a
key answers alone: no fallback may take its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from livekit.agents import llm
from rich.console import Console
from rich.table import Table
from tenacity import AsyncRetrying, stop_after_delay, wait_fixed

from agent.chat import text_call
from agent.providers import KEYS, build, load_providers, with_key
from fieldline.errors import SettingsError
from fieldline.lab.caller import Caller, TextCaller
from fieldline.lab.rows import open_rows
from fieldline.lab.runner import Outcome, run
from fieldline.lab.scenario import CallScript, Scenario, load_all
from fieldline.settings import Settings
from fieldline.stack import Stack, migrate
from fieldline.stack.commands import settings_of
from fieldline.stack.info import DATABASE
from fieldline.store import LineStore

#: The day on which the scenarios play, in the demo company's time.
CLOCK = "2026-03-04 09:00"
FRESH = "template_eval"
#: The embedded API opens new connections after its database was replaced.
READY_S = 60


@dataclass(frozen=True)
class Graded:
    """One scenario: whether the rows are right, and whether everything was heard as written."""

    name: str
    rows: bool
    heard: bool
    failures: tuple[str, ...]


async def evaluate(
    settings: Settings, folder: Path, *, live: bool, matching: str = "", json_file: Path | None = None
) -> int:
    """Run the scenarios of `folder` whose names match, print the grades; 0 when all rows are right.

    Raises:
        SettingsError: `live` without a key for any model of providers.yaml.
        BadScenario: a file does not follow the format.
    """
    scenarios = [s for s in load_all(folder) if re.search(matching, s.name)]
    model = live_model(settings) if live else None
    async with Stack(settings.home, at=CLOCK, scratch=True, parts=["rest"], settings=settings) as stack:
        owner = stack.postgres.url()
        await migrate.create_database(owner, FRESH, template=DATABASE)
        graded = [await _grade(stack, settings, scenario, model) for scenario in scenarios]
    _show(graded, "the offline rules" if model is None else f"{model.model} at {model.provider}")
    if json_file:
        json_file.write_text(json.dumps([g.__dict__ for g in graded], indent=2) + "\n")  # noqa: ASYNC240
    return 0 if all(g.rows for g in graded) else 1


def live_model(settings: Settings) -> llm.LLM:
    """The first model of providers.yaml that has a key. Raises SettingsError when none has."""
    links = with_key(settings, load_providers(settings.providers_file).llm)
    if not links:
        raise SettingsError(["OPENAI_API_KEY: a model to evaluate; OPENAI_BASE_URL for any OpenAI-compatible endpoint"])
    return build(settings, "llm", links[0])


async def _grade(stack: Stack, settings: Settings, scenario: Scenario, model: llm.LLM | None) -> Graded:
    await _fresh(stack)
    # A text call takes the model it is given; without one it must not find a cloud's key.
    calls = settings_of(stack.info).model_copy(update=dict.fromkeys(KEYS.values()))
    calls = calls.model_copy(update={"providers_file": settings.providers_file})

    def open_call(script: CallScript) -> AbstractAsyncContextManager[Caller]:
        return _text_caller(calls, script, model)

    async with open_rows(stack.info.database_url, read_only=False) as rows:
        outcome = await run(scenario, open_call, rows)
    return graded_of(scenario.name, outcome)


def graded_of(name: str, outcome: Outcome) -> Graded:
    """Rows and words of an outcome apart."""
    rows = all(check.ok for check in outcome.checks)
    words = [failure for failure in outcome.failures if failure not in {c.complaint for c in outcome.checks}]
    return Graded(name, rows, not words, tuple(outcome.failures))


async def _fresh(stack: Stack) -> None:
    """The seeded rows and the clock, as before the first scenario."""
    await migrate.create_database(stack.postgres.url(), DATABASE, template=FRESH)
    await migrate.set_clock(stack.info.database_url, CLOCK)
    async for attempt in AsyncRetrying(stop=stop_after_delay(READY_S), wait=wait_fixed(0.1), reraise=True):
        with attempt:
            store = await LineStore.open(settings_of(stack.info))
            try:
                await store.line_ping()
            finally:
                await store.aclose()


@asynccontextmanager
async def _text_caller(settings: Settings, script: CallScript, model: llm.LLM | None) -> AsyncIterator[Caller]:
    placed = text_call(settings, from_number=script.from_number, to_number=script.to_number, model=model)
    async with placed as call:
        yield TextCaller(call)


def _show(graded: list[Graded], by: str) -> None:
    console = Console(highlight=False)
    table = Table("scenario", "rows", "words", "what was wrong", title=f"Scenarios, answered by {by}")
    for g in graded:
        if not (g.rows and g.heard):
            wrong = "; ".join(g.failures)[:160]
            table.add_row(g.name, *("ok" if right else "[red]wrong[/]" for right in (g.rows, g.heard)), wrong)
    console.print(table)
    rows, heard = (sum(getattr(g, name) for g in graded) for name in ("rows", "heard"))
    console.print(f"{len(graded)} scenarios: rows right in {rows}, everything heard as written in {heard}.")
