"""Puts measured rows into docs/performance.md: `python -m bench.page turns turns.json --short`.

The rows are those of `fieldline bench NAME --json FILE`, and whatever else that command had (`--short`, `--runs 20`)
follows here too. They go between `<!-- NAME -->` and `<!-- /NAME -->`, with the command and the machine they were
measured on; the rest of the page stays as it is. Benches that have a chart get it: `docs/charts/NAME.svg`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.chart import CHARTS, chart_of
from bench.report import Row, cells, figures_beside, machine, numbers, side_by_side
from fieldline.errors import FieldlineError

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
FOLDER = PAGE.parent / "charts"

#: Benches with several baselines, and those whose figures have little in common: a line for each figure.
BESIDE, LISTED = frozenset({"turns", "outage"}), frozenset({"load", "transfer", "start", "api"})


def markdown(headers: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table whose figures are flush right."""
    ruled = [headers, ["---", *["---:"] * (len(headers) - 1)], *lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in ruled)


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown, one line for each thing, its figures side by side."""
    things, figures = side_by_side(rows)
    header = [""]
    for figure, baselines in figures.items():
        header += [figure, *(f"x {baseline}" for baseline in baselines)]
    return markdown(header, [[thing, *cells(found, figures)] for thing, found in things.items()])


def listed(rows: Sequence[Row]) -> str:
    """The rows as Markdown, one line for each."""
    headers = ["", "unit", "n", "ours", "baseline", "x", "floor"]
    return markdown(headers, [[r["name"], r["unit"], str(r["n"]), *numbers(r)] for r in rows])


def fill(page: str, name: str, rows: Sequence[Row], measured_on: str, *options: str) -> str:
    """The page with these rows in the place of `name`; `options` are those that the bench was run with.

    Raises:
        FieldlineError: the page has no such place.
    """
    place = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- /{re.escape(name)} -->)", re.S)
    if not place.search(page):
        raise FieldlineError(f"docs/performance.md has no place for the figures of {name!r}.")
    samples = max((row["n"] for row in rows), default=0)
    made = markdown(*figures_beside(rows)) if name in BESIDE else listed(rows) if name in LISTED else table(rows)
    command = " ".join(["fieldline bench", name, *options])
    text = f"Measured by `{command}` on {measured_on}; at most {samples} samples a figure.\n\n{made}\n"
    if chart_of(name, rows):
        text += f"\n![{CHARTS[name][0]}]({FOLDER.name}/{name}.svg)\n"
    return place.sub(lambda found: found[1] + text + found[2], page)


def main(name: str, file: str, *options: str) -> None:
    """Fill the page from a file of rows, and draw their chart."""
    rows: list[Row] = json.loads(Path(file).read_text())
    PAGE.write_text(fill(PAGE.read_text(), name, rows, machine(with_load=False), *options))
    if drawn := chart_of(name, rows):
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{name}.svg").write_text(drawn)


if __name__ == "__main__":
    main(*sys.argv[1:])
