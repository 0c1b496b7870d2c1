"""Puts measured rows into docs/performance.md: `python -m bench.page tools tools.json`.

The rows are those of `fieldline bench NAME --json FILE`. They go between `<!-- NAME -->` and `<!-- /NAME -->`, with the
machine they were measured on; the rest of the page stays as it is.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.report import Row, cells, figures_beside, machine, side_by_side
from fieldline.errors import FieldlineError

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


#: Benches with several baselines: a line for each figure, as they print it.
BESIDE = frozenset({"turns", "outage"})


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


def chart_of(name: str) -> str:
    """The bench's chart, for those that draw one."""
    file = PAGE.parent / "charts" / f"{name}.svg"
    return f"\n![{name}](charts/{file.name})\n" if file.exists() else ""


def fill(page: str, name: str, rows: Sequence[Row], measured_on: str) -> str:
    """The page with these rows in the place of `name`.

    Raises:
        FieldlineError: the page has no such place.
    """
    place = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- /{re.escape(name)} -->)", re.S)
    if not place.search(page):
        raise FieldlineError(f"docs/performance.md has no place for the figures of {name!r}.")
    samples = max((row["n"] for row in rows), default=0)
    made = markdown(*figures_beside(rows)) if name in BESIDE else table(rows)
    text = f"Measured on {measured_on}; at most {samples} samples a figure.\n\n{made}\n{chart_of(name)}"
    return place.sub(lambda found: found[1] + text + found[2], page)


def main(name: str, file: str) -> None:
    """Fill the page from a file of rows."""
    PAGE.write_text(fill(PAGE.read_text(), name, json.loads(Path(file).read_text()), machine(with_load=False)))


if __name__ == "__main__":
    main(*sys.argv[1:])
