"""What differs between what should be and what is, and how that is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from rich.console import Console
from rich.text import Text

#: Stands for the id of something that a dry run would make.
NEW = "(new)"
SECRET = "•••"  # noqa: S105 - what is shown in its place
OTHER_SECRET = "••• (another)"  # noqa: S105 - the same for one that differs

SIGNS = {"create": ("+", "green"), "change": ("~", "yellow"), "release": ("-", "red")}
#: What each action is called: in a dry run, and when it was done.
VERBS = {"create": ("to make", "made"), "change": ("to change", "changed"), "release": ("to release", "released")}


@dataclass(frozen=True)
class Difference:
    """One field; `before` is None where it was not set."""

    field: str
    before: str | None
    after: str


@dataclass(frozen=True)
class Change:
    """One thing at LiveKit or at the carrier that is made, changed or let go."""

    action: Literal["create", "change", "release"]
    where: str
    what: str
    differences: tuple[Difference, ...] = ()


@dataclass
class Plan:
    """All changes in the order in which they are done. With `dry_run` they are only listed."""

    dry_run: bool = True
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def create(self, where: str, what: str, wanted: dict[str, Any]) -> None:
        """Note that `what` is missing and will be made with these fields."""
        differences = (
            Difference(name, None, shown(value)) for name, value in wanted.items() if value not in ("", [], {})
        )
        self.changes.append(Change("create", where, what, tuple(differences)))

    def change(self, where: str, what: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
        """Note which fields of `what` differ; False when none does."""
        differing = [name for name in after if before.get(name) != after[name]]
        if differing:
            differences = (Difference(name, shown(before.get(name)) or None, shown(after[name])) for name in differing)
            self.changes.append(Change("change", where, what, tuple(differences)))
        return bool(differing)

    def release(self, where: str, what: str) -> None:
        """Note that `what` is no longer wanted and will be let go; it is not deleted."""
        self.changes.append(Change("release", where, what))


def shown(value: Any) -> str:
    """A field's value on one line; what is not set is empty."""
    if value is None or value == "":
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{key}={shown(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        each = ("/".join(map(shown, inner.values())) if isinstance(inner, dict) else shown(inner) for inner in value)
        return ", ".join(each)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def lines(plan: Plan) -> Iterator[tuple[str, str]]:
    """(style, text) of a plan, like a diff."""
    for change in plan.changes:
        sign, style = SIGNS[change.action]
        yield f"bold {style}", f"{sign} {change.where}: {change.what}"
        for difference in change.differences:
            if difference.before is not None:
                yield "red", f"    - {difference.field}: {difference.before}"
            yield "green", f"    + {difference.field}: {difference.after or '(nothing)'}"
    for note in plan.notes:
        yield "dim", f"! {note}"


def show(plan: Plan, console: Console) -> None:
    """Print the plan, and in one line what it comes to."""
    for style, text in lines(plan):
        console.print(Text(text, style=style), soft_wrap=True)
    if not plan.changes:
        console.print("no changes")
        return
    done = {name: sum(change.action == name for change in plan.changes) for name in VERBS}
    said = (f"{done[name]} {VERBS[name][not plan.dry_run]}" for name in VERBS if done[name] or name != "release")
    console.print(f"{', '.join(said)}.")
