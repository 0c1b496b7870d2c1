"""The `fieldline` command. It wires; what a command does is in the module it names.

Exit codes: 0 done, 1 it failed (the reason is printed), 2 wrong usage.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from fieldline import measures
from fieldline.errors import FieldlineError, SettingsError

if TYPE_CHECKING:
    from fieldline.settings import Settings

app = typer.Typer(
    name="fieldline",
    help="A phone line that does the work: technicians call, spoken words become rows.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
company = typer.Typer(help="Companies that this installation answers for.", no_args_is_help=True)
app.add_typer(company, name="company")

JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the result to this file as JSON.")]
console = Console()


@app.command()
def up(
    at: Annotated[str | None, typer.Option(help='Pin the clock, company time: "2026-03-04 09:00".')] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the addresses as one line of JSON.")] = False,
) -> None:
    """Start database, LiveKit, worker, admin API and duties here; Ctrl-C stops them."""
    from fieldline.stack.commands import up as run

    asyncio.run(run(at=at, as_json=as_json))


@app.command()
def status() -> None:
    """Say which parts of the local stack run."""
    from fieldline.stack.commands import status as run

    raise typer.Exit(run())


@app.command()
def env() -> None:
    """Print the running stack's variables in dotenv form."""
    from fieldline.stack.commands import env as run

    raise typer.Exit(run())


@app.command()
def doctor(
    contract: Annotated[
        bool, typer.Option("--contract", help="Also check that this Supabase behaves as Fieldline needs.")
    ] = False,
    email: Annotated[str | None, typer.Option(help="A member's e-mail, for the clauses about members.")] = None,
    password: Annotated[str | None, typer.Option(envvar="FIELDLINE_CONTRACT_PASSWORD", help="Their password.")] = None,
) -> None:
    """Check database, LiveKit, telephony, carrier, providers, and say how to mend each."""
    from fieldline.doctor.checks import examine
    from fieldline.doctor.contract import examine_contract
    from fieldline.settings import get_settings
    from fieldline.stack.commands import running_settings
    from sip.desired import load
    from sip.examine import examine_carrier

    settings = running_settings() or get_settings()
    # Without a file of its own an installation has not said which numbers should ring.
    numbers = load(settings).numbers if settings.trunks_file else []
    findings = asyncio.run(examine(settings, numbers)) + asyncio.run(examine_carrier(settings))
    if contract:
        findings += asyncio.run(examine_contract(settings, email=email, password=password))
    table = Table("check", "state", "what was seen", "what to do", title="fieldline doctor")
    colour = {"ok": "green", "warning": "yellow", "broken": "red"}
    for f in findings:
        table.add_row(f.name, f"[{colour[f.state]}]{f.state}[/]", f.detail, f.mend)
    console.print(table)
    raise typer.Exit(1 if any(f.state == "broken" for f in findings) else 0)


@app.command()
def call(
    from_number: Annotated[str, typer.Option("--from", help="The caller's number (Mike's).")] = "+12025550101",
    to_number: Annotated[str, typer.Option("--to", help="The number dialled.")] = "+12025550100",
    say: Annotated[list[str] | None, typer.Option(help="Say this aloud (flite).")] = None,
    type_: Annotated[list[str] | None, typer.Option("--type", help="Say this as text.")] = None,
    keys: Annotated[list[str] | None, typer.Option(help="Press these keys, e.g. 101#.")] = None,
    play: Annotated[list[Path] | None, typer.Option(help="Play this WAV file into the call.")] = None,
    record: Annotated[Path | None, typer.Option(help="Record both sides to this WAV file.")] = None,
    chat: Annotated[bool, typer.Option("--chat", help="Go on by typing.")] = False,
    no_room: Annotated[
        bool, typer.Option("--no-room", help="Without LiveKit: the same agent and tools, text in and out.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print turns and call log as JSON.")] = False,
) -> None:
    """Call the line from a lab phone.

    --say, --type, --keys and --play are done in the order given: fieldline call --keys 101# --keys 2010#
    --say "clock me in on truck two oh one"
    """
    from agent.chat import text_call
    from agent.offline.espeak import EspeakProcess
    from fieldline.lab.call import CallRequest, actions_in_order, place_call

    request = CallRequest(
        from_number=from_number,
        to_number=to_number,
        actions=actions_in_order(sys.argv[2:]),
        record=record,
        chat=chat or not (say or type_ or keys or play),
        no_room=no_room,
        as_json=as_json,
    )
    espeak = EspeakProcess()
    code = asyncio.run(
        place_call(
            request,
            start_text_call=text_call,
            espeak=lambda text: espeak.speak(text, "en-us"),
        )
    )
    raise typer.Exit(code)


@app.command()
def demo(
    json_file: JsonFile = None,
    record: Annotated[Path | None, typer.Option(help="A folder for the calls' recordings.")] = None,
) -> None:
    """A technician's working day by telephone: real calls, live transcript, the rows that changed."""
    from agent.offline.espeak import EspeakProcess
    from fieldline.demo.run import demo as run

    espeak = EspeakProcess()
    raise typer.Exit(
        asyncio.run(run(json_file=json_file, record=record, espeak=lambda text: espeak.speak(text, "en-us")))
    )


@company.command("add")
def company_add(
    name: Annotated[str, typer.Argument(help="The company's name, as callers hear it.")],
    number: Annotated[str, typer.Option(help="The number that callers dial, E.164.")],
    admin_email: Annotated[str, typer.Option(help="Who gets the one-time admin link.")],
    timezone: Annotated[str, typer.Option(help="IANA time zone.")] = "America/New_York",
) -> None:
    """Make a company: its hours, its number and a one-time link for its first admin."""
    from fieldline.company import add_company
    from fieldline.settings import get_settings
    from fieldline.stack.commands import running_settings

    settings = running_settings() or get_settings()
    added = asyncio.run(add_company(settings, name, number=number, timezone=timezone, admin_email=admin_email))
    if not added.created:
        console.print(f"{name} already answers {number}; nothing was changed.")
    else:
        console.print(f"{name} answers {number} now.")
    if added.link:
        console.print(f"One-time link for {admin_email} (not shown again):\n{added.link}", soft_wrap=True)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where the dump goes.")],
) -> None:
    """Dump the database (DATABASE_URL, else the running stack's) with pg_dump."""
    from fieldline.backup import backup as run
    from fieldline.stack.cache import Cache

    settings = _maintenance_settings()
    rows = run(_database_url(settings), file, cache=Cache(settings.cache_dir))
    console.print(f"{file}: {sum(rows.values())} rows of {len(rows)} tables.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A dump that `fieldline backup` made.")],
    verify: Annotated[
        bool, typer.Option("--verify", help="Only restore into a scratch database and compare; then drop it.")
    ] = False,
) -> None:
    """Restore a dump into the database, or prove that it can be restored."""
    from fieldline.backup import restore as run
    from fieldline.backup import verify as prove
    from fieldline.stack.cache import Cache

    settings = _maintenance_settings()
    cache = Cache(settings.cache_dir)
    if not verify:
        run(file, _database_url(settings), cache=cache)
        console.print(f"Restored {file}.")
        return
    differences = prove(_database_url(settings), file, cache=cache)
    for difference in differences:
        console.print(f"[red]{difference}[/]")
    if differences:
        raise typer.Exit(1)
    console.print(f"{file} restores, and every table has its rows.")


@app.command()
def provision(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be made or changed.")] = False,
) -> None:
    """Make LiveKit's trunks and the carrier what sip/trunks.yaml says; a second run changes nothing."""
    from fieldline.settings import get_settings
    from fieldline.stack.commands import running_settings
    from sip.plan import show
    from sip.provision import provision as run

    show(asyncio.run(run(running_settings() or get_settings(), dry_run=dry_run)), console)


@app.command("line-account")
def line_account(
    email: Annotated[str, typer.Option(help="E-mail of the machine user.")] = "line@fieldline.invalid",
) -> None:
    """Make the worker's own account on a hosted Supabase (needs SUPABASE_SECRET_KEY)."""
    from fieldline.line_account import ensure_line_account
    from fieldline.settings import get_settings

    settings = get_settings()
    account = asyncio.run(ensure_line_account(settings, settings.line_email or email))
    console.print(f"FIELDLINE_LINE_EMAIL={account.email}", highlight=False)
    if account.password:
        console.print(f"FIELDLINE_LINE_PASSWORD={account.password}", highlight=False)
        console.print("Put both into the worker's environment; the password is not shown again.", style="dim")


@app.command()
def duties() -> None:
    """Run the background work: calls without an agent, lost workers."""
    from fieldline.duties.__main__ import main as run

    run()


def _maintenance_settings() -> Settings:
    from fieldline.settings import get_settings
    from fieldline.stack.commands import running_settings

    configured = get_settings()
    return configured if configured.database_url else running_settings() or configured


def _database_url(settings: Settings) -> str:
    if settings.database_url is None:
        raise SettingsError(["DATABASE_URL: the database's own address (Supabase: Connect > Direct connection)"])
    return settings.database_url.get_secret_value()


app.command()(measures.bench)
app.command("eval")(measures.evaluate)


def main() -> None:
    """Entry point: expected errors end in one clear message, not in a traceback."""
    try:
        app()
    except FieldlineError as error:
        Console(stderr=True, highlight=False).print(f"[red]{error}[/red]", soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
