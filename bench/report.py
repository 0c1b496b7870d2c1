"""How every bench tells its figures: rows of one shape, a table for people, JSON for machines."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from typing import TypedDict

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

console = Console(highlight=False)


class Row(TypedDict):
    """One figure beside one baseline of the same run.

    `ratio` is ours / baseline. `floor` is what is left when everything that is ours to change is taken away, where
    that was measured too. `n` counts the samples behind `ours`.
    """

    name: str
    unit: str
    n: int
    ours: float
    baseline: float
    ratio: float
    floor: float | None


def row(name: str, unit: str, n: int, ours: float, baseline: float, floor: float | None = None) -> Row:
    """A row with its ratio worked out; a baseline of zero gives 0 for none and infinity for some."""
    ratio = ours / baseline if baseline else (float("inf") if ours else 0.0)
    return Row(
        name=name,
        unit=unit,
        n=n,
        ours=round(ours, 3),
        baseline=round(baseline, 3),
        ratio=round(ratio, 3) if ratio != float("inf") else 1e9,
        floor=None if floor is None else round(floor, 3),
    )


def p50(samples: Sequence[float]) -> float:
    """The median."""
    return statistics.median(samples)


def p95(samples: Sequence[float]) -> float:
    """The 95th percentile, the nearest rank: with 20 samples the second largest."""
    ordered = sorted(samples)
    return ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]


def show(title: str, rows: Sequence[Row], *notes: str) -> None:
    """Print the caveats first, then a table with a line for each row."""
    table = _headed(title, notes, "figure", "unit", "n", "ours", "baseline", "ratio", "floor")
    for r in rows:
        table.add_row(r["name"], r["unit"], str(r["n"]), *numbers(r))
    console.print(table)


def numbers(r: Row) -> tuple[str, str, str, str]:
    """Ours, baseline, ratio and floor of a row; no ratio to nothing."""
    ratio = f"{r['ratio']:.2f}" if r["ratio"] < 1e6 else ""
    return _number(r["ours"]), _number(r["baseline"]), ratio, _number(r["floor"])


def pivot(title: str, rows: Sequence[Row], *notes: str) -> None:
    """The same for rows named "thing: figure / baseline": one line for each thing, with its figures side by side."""
    things, figures = side_by_side(rows)
    headers = [header for figure, baselines in figures.items() for header in (figure, *(f"x {b}" for b in baselines))]
    table = _headed(title, notes, "", *headers)
    for thing, found in things.items():
        table.add_row(thing, *cells(found, figures))
    console.print(table)


def beside(title: str, rows: Sequence[Row], *notes: str) -> None:
    """Rows of the same names, a line for each figure with all its baselines, in 80 columns.

    Figures that are 0 everywhere are left out.
    """
    headers, lines = figures_beside(rows)
    table = _headed(title, notes, *headers)
    table.box, table.pad_edge, table.padding = SIMPLE_HEAD, False, (0, 1, 0, 0)
    for column in table.columns:
        column.no_wrap = True
    for line in lines:
        table.add_row(*line)
    console.print(table)


def figures_beside(rows: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    """Headers and lines of that table."""
    things, figures = side_by_side(rows)
    baselines = list(dict.fromkeys(name for names in figures.values() for name in names))
    headers = ["", "n", "ours", *(cell for name in baselines for cell in (name, "x")), "floor"]
    lines: list[list[str]] = []
    for thing, found in things.items():
        for figure in figures:
            same = {name: found[figure, name] for name in baselines if (figure, name) in found}
            if not any(r["ours"] or r["baseline"] for r in same.values()):
                continue
            first = next(iter(same.values()))
            line = [f"{thing}: {figure}", str(first["n"]), f"{first['ours']:.2f}"]
            for name in baselines:
                r = same.get(name)
                line += [f"{r['baseline']:.2f}", f"{r['ratio']:.2f}" if r["ratio"] < 1e6 else ""] if r else ["", ""]
            lines.append([*line, "" if first["floor"] is None else f"{first['floor']:.2f}"])
    return headers, lines


#: Rows of one thing by figure and baseline.
Found = dict[tuple[str, str], Row]


def side_by_side(rows: Sequence[Row]) -> tuple[dict[str, Found], dict[str, list[str]]]:
    """Rows by thing, and the baselines of every figure, in the order in which they first come."""
    things: dict[str, Found] = {}
    figures: dict[str, list[str]] = {}
    for r in rows:
        thing, _, rest = r["name"].partition(": ")
        figure, _, baseline = rest.partition(" / ")
        figure, baseline = f"{figure}, {r['unit']}" if figure else r["unit"], baseline or "baseline"
        things.setdefault(thing, {})[figure, baseline] = r
        if baseline not in figures.setdefault(figure, []):
            figures[figure].append(baseline)
    return things, figures


def cells(found: Found, figures: dict[str, list[str]]) -> list[str]:
    """One thing's figures, each with its ratio to each baseline; empty where there is none."""
    line = []
    for figure, baselines in figures.items():
        rows = [found.get((figure, baseline)) for baseline in baselines]
        line.append(next((_number(r["ours"]) for r in rows if r), ""))
        line += [f"{r['ratio']:.2f}" if r else "" for r in rows]
    return line


def machine(*, with_load: bool = True) -> str:
    """The machine in one line, with how busy it was in the last minute."""
    load = f", load {os.getloadavg()[0]:.1f}" if with_load and hasattr(os, "getloadavg") else ""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}{load}"


def _headed(title: str, notes: Sequence[str], *columns: str) -> Table:
    console.print(f"\n[bold]{title}[/bold]")
    for note in (machine(), *notes):
        console.print(f"  {note}", style="dim")
    table = Table(*columns)
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _number(value: float | None) -> str:
    """Three figures are enough, and as many as a few samples deserve."""
    if value is None:
        return ""
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
