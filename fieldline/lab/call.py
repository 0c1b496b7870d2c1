"""The body of `fieldline call`: one call by lab phone (or as text), seen on the terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rich.console import Console
from rich.markup import escape

from fieldline.errors import FieldlineError, StackError
from fieldline.lab.call_log import call_log
from fieldline.lab.caller import Action, Caller, PhoneCaller, StartTextCall, TextCaller, phone_call
from fieldline.lab.rows import open_rows
from fieldline.lab.runner import Turn
from fieldline.lab.scenario import CallScript, Kind
from fieldline.lab.show import Transcript, turn_json
from fieldline.lab.speak import Espeak, Speaker
from fieldline.settings import Settings, get_settings
from fieldline.stack.commands import lend, running_settings, settings_of

ACTION_OPTIONS: dict[str, Kind] = {"--say": "say", "--type": "type", "--keys": "keys", "--play": "play"}
ROOM_PARTS = ("rest", "livekit", "worker", "duties")
TEXT_PARTS = ("rest",)
CHAT_HELP = "Type what you would say. /keys 101# presses keys, /say speaks, an empty line or /quit hangs up."


@dataclass(frozen=True)
class CallRequest:
    """What was asked for on the command line."""

    from_number: str
    to_number: str
    actions: Sequence[Action]
    record: Path | None = None
    chat: bool = False
    no_room: bool = False
    as_json: bool = False


def actions_in_order(arguments: Sequence[str]) -> list[Action]:
    """The `--say`, `--type`, `--keys` and `--play` options as they stand on the command line, in that order.

    Command-line libraries collect each option's values apart from the others'; a call needs them as they came.
    """
    actions: list[Action] = []
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if name in ACTION_OPTIONS:
            actions.append(Action(ACTION_OPTIONS[name], value if equals else next(rest, "")))
        elif argument == "--":
            break
    return actions


async def place_call(request: CallRequest, *, start_text_call: StartTextCall, espeak: Espeak | None = None) -> int:
    """Place the call and print it; 0 when it came about, 1 when it did not (the reason is printed).

    It goes to the stack that is up, else to the configured LiveKit and Supabase, else to a stack for this call only.

    Args:
        start_text_call: `agent.chat.text_call`, for calls without a room.
        espeak: speaks `--say` where flite cannot be had.
    """
    console = Console(stderr=request.as_json)
    speaker = Speaker(espeak=espeak)
    try:
        async with _line(request, console) as settings:
            turns, log = await _call(request, settings, start_text_call, speaker, console)
    except FieldlineError as error:
        console.print(f"[red]{escape(str(error))}[/]")
        if isinstance(error, StackError) and not request.no_room:
            console.print("Without rooms the line can still be talked to in text: add --no-room and use --type.")
        return 1
    if speaker.warning:
        console.print(f"[yellow]{escape(speaker.warning)}[/]")
    if request.record and not request.no_room:
        console.print(f"Recorded to {request.record} (left: the caller, right: the line).")
    if request.as_json:
        print(json.dumps({"turns": [turn_json(t) for t in turns], "call_log": log}, default=str))  # noqa: T201
    return 0


async def _call(
    request: CallRequest, settings: Settings, start_text_call: StartTextCall, speaker: Speaker, console: Console
) -> tuple[list[Turn], dict[str, Any] | None]:
    watcher = Transcript(console)
    turns: list[Turn] = []
    script = CallScript(from_number=request.from_number, to_number=request.to_number, steps=[])
    watcher.call_begins(script)
    room = None
    async with _caller(request, settings, start_text_call, speaker) as caller:
        room = caller.room
        async for action in _actions(request, console):
            at_s = caller.elapsed_s()
            watcher.acts(script.name, action, at_s)
            reply = await caller.act(action)
            turns.append(Turn(script.name, action.kind, action.shown, at_s, caller.elapsed_s(), reply))
            watcher.answered(turns[-1])
            if reply.ended:
                break
    log = await _call_log(settings, room, console)
    watcher.call_ended(script, log)
    return turns, log


async def _actions(request: CallRequest, console: Console) -> AsyncIterator[Action]:
    yield Action("listen")
    for action in request.actions:
        yield action
    if not request.chat:
        return
    console.print(CHAT_HELP, style="dim")
    while (line := (await asyncio.to_thread(_read_line)).strip()) not in ("", "/quit"):
        command, _, rest = line.partition(" ")
        kind = ACTION_OPTIONS.get(f"--{command[1:]}") if command.startswith("/") else None
        yield Action(kind, rest) if kind else Action("type", line)


def _read_line() -> str:
    try:
        return input("> ")
    except EOFError:
        return ""


@asynccontextmanager
async def _caller(
    request: CallRequest, settings: Settings, start_text_call: StartTextCall, speaker: Speaker
) -> AsyncIterator[Caller]:
    if request.no_room:
        async with start_text_call(settings, from_number=request.from_number, to_number=request.to_number) as call:
            yield TextCaller(call)
        return
    placed = phone_call(settings, request.from_number, request.to_number, speaker=speaker, record=request.record)
    async with cast(AbstractAsyncContextManager[PhoneCaller], placed) as caller:
        yield caller


@asynccontextmanager
async def _line(request: CallRequest, console: Console) -> AsyncIterator[Settings]:
    """Settings of something that answers: what runs, what is configured, or a stack for this call only."""
    configured = get_settings()
    if running := running_settings():
        yield running
    elif configured.supabase_url and (request.no_room or configured.livekit_url):
        yield configured
    else:
        console.print("No stack is up (`fieldline up` starts one that stays): starting one for this call.", style="dim")
        async with lend(TEXT_PARTS if request.no_room else ROOM_PARTS) as info:
            yield settings_of(info)


async def _call_log(settings: Settings, room: str | None, console: Console) -> dict[str, Any] | None:
    if settings.database_url is None or room is None:
        console.print("The call log is not shown: DATABASE_URL is not set.", style="dim")
        return None
    async with open_rows(settings.database_url.get_secret_value()) as rows:
        return await call_log(rows, room)
