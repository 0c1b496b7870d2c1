"""Runs the demo: a stack of its own, two calls by lab phone, and a look at every row that must have changed."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from fieldline.demo.console import visit
from fieldline.errors import FieldlineError
from fieldline.lab.caller import Caller, phone_call
from fieldline.lab.office_phone import answers
from fieldline.lab.phone import LabPhone
from fieldline.lab.rows import open_rows
from fieldline.lab.runner import Outcome, run
from fieldline.lab.scenario import CallScript, Office, load
from fieldline.lab.show import Transcript, as_json, latency_line, mailbox_table, rows_table
from fieldline.lab.speak import Espeak, Speaker
from fieldline.mailbox import mails
from fieldline.settings import Settings, get_settings
from fieldline.stack import Stack
from fieldline.stack.commands import settings_of
from fieldline.stack.migrate import set_clock

SCRIPT = Path(__file__).with_name("demo.yaml")


async def demo(
    *, json_file: Path | None = None, stay: bool | None = None, espeak: Espeak | None = None, record: Path | None = None
) -> int:
    """Run the demo; 0 when everything was heard and every row is there, else 1 with the reasons.

    Args:
        json_file: also write what was said, how fast, and which rows changed to this file.
        stay: keep the stack up until Ctrl-C afterwards; by default only on a terminal.
        espeak: speaks for the caller where flite and a recorded clip are missing.
        record: a folder for the calls' recordings.
    """
    console = Console()
    scenario = load(SCRIPT)
    try:
        home = get_settings().home
        async with Stack(home, scratch=True, at=scenario.at, carrier=True, tell=console.print) as stack:
            outcome = await _run(stack, console, espeak, record)
            if json_file:
                await asyncio.to_thread(_write, json_file, outcome)
            if sys.stdout.isatty() if stay is None else stay:
                await _stay(stack, console)
            elif unseen := await _visit(stack, console):
                outcome.failures.extend(unseen)
    except FieldlineError as error:
        console.print(f"[red]The demo failed:[/] {escape(str(error))}")
        return 1
    return 0 if outcome.passed else 1


async def _run(stack: Stack, console: Console, espeak: Espeak | None, record: Path | None) -> Outcome:
    scenario = load(SCRIPT)
    console.print(f"The database's clock says {scenario.at}, company time.", style="dim")
    async with open_rows(stack.info.database_url) as rows:
        opener = phone_opener(settings_of(stack.info), espeak=espeak, record=record, stack=stack)
        outcome = await run(scenario, opener, rows, Transcript(console), partial(set_clock, stack.info.database_url))
    console.print()
    console.print(rows_table(outcome))
    console.print(mailbox_table(mails(stack.info.home)))
    console.print(latency_line(outcome.turns))
    for reason in outcome.failures:
        console.print(f"[red]FAILED[/] {escape(reason)}")
    if outcome.passed:
        console.print("[green]Everything was heard, and every row is there.[/]")
    return outcome


def phone_opener(
    settings: Settings, *, espeak: Espeak | None = None, record: Path | None = None, stack: Stack | None = None
) -> Callable[[CallScript], AbstractAsyncContextManager[Caller]]:
    """Places a scenario's calls by lab phone; recordings go to the folder `record`, named after who was on the phone.

    `stack` is needed by calls that ring somebody.
    """

    @asynccontextmanager
    async def open_call(script: CallScript) -> AsyncIterator[Caller]:
        speaker = Speaker(voice=script.voice, espeak=espeak)
        rung = _rung(script.office, stack, espeak) if script.office and stack and stack.carrier else None
        call = phone_call(
            settings,
            script.from_number,
            script.to_number,
            speaker=speaker,
            record=_file(record, script.name),
            rung=rung,
        )
        async with call as caller:
            yield caller
            if script.office and rung and (file := _file(record, script.office.name)):
                (await caller.other()).phone.save(file)

    return open_call


def _file(folder: Path | None, name: str) -> Path | None:
    return folder / f"{name.lower().replace(' ', '-')}.wav" if folder else None


def _rung(office: Office, stack: Stack, espeak: Espeak | None) -> Callable[[], Awaitable[LabPhone]]:
    """The office's telephone picks up; what it says is then the scenario's."""
    assert stack.carrier is not None
    numbers = stack.carrier.numbers
    numbers.number(office.number, answers())
    before = numbers.calls_to(office.number)

    async def rung() -> LabPhone:
        phone = (await numbers.next_call(office.number, after=before)).phone
        phone.speak_with(Speaker(voice=office.voice, espeak=espeak))
        return phone

    return rung


def _write(path: Path, outcome: Outcome) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(as_json(outcome), indent=2, default=str) + "\n", encoding="utf-8")


async def _visit(stack: Stack, console: Console) -> list[str]:
    """Nobody looks on, so the console is fetched here; what is wrong with it."""
    problems = await visit(stack.info, "Mike Johnson")
    for problem in problems:
        console.print(f"[red]FAILED[/] {escape(problem)}")
    if not problems:
        console.print(f"The console at {stack.info.console_url} let the administrator in and shows the calls.")
    return problems


async def _stay(stack: Stack, console: Console) -> None:
    info = stack.info
    console.print(
        f"\nThe stack stays up until Ctrl-C.\nConsole: {info.console_url}\n"
        f"Sign in: {info.admin_email}, password {info.admin_password}\n"
        'Call it yourself, from another terminal: fieldline call --keys "101#2010#" --say "what is my next job"',
        soft_wrap=True,
    )
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    # Ctrl-C is how this ends, so it is no failure.
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
