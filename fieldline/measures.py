"""The commands that measure: `bench` and `eval`. What they run is in the rooms, found by name when it is asked for."""

from __future__ import annotations

import asyncio
import json
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

BENCHES = (
    "tools",
    "start",
    "scale",
    "ears",
    "understanding",
    "directory",
    "turns",
    "load",
    "outage",
    "api",
    "transfer",
)
#: Those that take minutes and have a short form, and those that repeat everything so often.
SHORTENED, REPEATED = ("understanding", "turns", "load", "outage", "transfer"), ("outage", "transfer")

JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the result to this file as JSON.")]


def bench(
    name: Annotated[str, typer.Argument(help="One of: " + ", ".join(BENCHES) + ".")],
    json_file: JsonFile = None,
    short: Annotated[bool, typer.Option("--short", help="Fewer samples; for benches that take minutes.")] = False,
    runs: Annotated[int | None, typer.Option(min=1, help="Runs of each kind, for `outage` and `transfer`.")] = None,
) -> None:
    """Measure something beside a baseline in the same run."""
    if name not in BENCHES:
        raise typer.BadParameter(f"there are: {', '.join(BENCHES)}")
    options: dict[str, Any] = {"short": True} if short and name in SHORTENED else {}
    if runs is not None and name in REPEATED:
        options["runs"] = runs
    rows: list[dict[str, Any]] = asyncio.run(import_module(f"bench.{name}").run(**options))
    if json_file:
        json_file.write_text(json.dumps(rows, indent=2) + "\n")


def evaluate(
    folder: Annotated[Path, typer.Argument(help="Scenario files.")] = Path("tests/scenarios"),
    live: Annotated[
        bool, typer.Option("--live", help="Ask the first model of providers.yaml that has a key, and no other.")
    ] = False,
    matching: Annotated[str, typer.Option(help="Only scenarios whose name this regular expression finds.")] = "",
    json_file: JsonFile = None,
) -> None:
    """Run the scenario files as text calls and grade rows and words: offline, or on a cloud model."""
    from fieldline.settings import get_settings

    run = import_module("agent.evaluate").evaluate
    raise typer.Exit(asyncio.run(run(get_settings(), folder, live=live, matching=matching, json_file=json_file)))
