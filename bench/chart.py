"""Bar charts of measured rows as SVG, for docs/performance.md. No library: a chart is a few rectangles."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from html import escape

from bench.report import Row

#: Benches that have one: its title, and the figure whose bars it shows.
CHARTS = {
    "turns": ("Voice to voice by kind of turn, p50", "p50"),
    "load": ("Voice to voice by simultaneous calls, p95", "p95"),
    "outage": ("Longest silence when a provider fails, p95", "silence p95"),
    "transfer": ("Warm transfer, p95", "p95"),
}

BAR, GAP, BETWEEN = 12, 2, 14  # heights in pixels: a bar, the space after it, the space between groups
LEFT, WIDTH, RIGHT = 240, 460, 60  # labels, the longest bar, its figure
TOP = 58
COLOURS = ("#1f6f8b", "#c2813d", "#8a8a8a", "#6b4f8a")
STYLE = "font-family:system-ui,sans-serif;font-size:12px"


def bars(title: str, unit: str, groups: Mapping[str, Mapping[str, float]], series: Sequence[str]) -> str:
    """An SVG of horizontal bars: a group for each thing, in it a bar for each of `series` that has a figure."""
    longest = max((value for group in groups.values() for value in group.values()), default=1.0) or 1.0
    parts: list[str] = []
    y = TOP
    for name, group in groups.items():
        shown = [one for one in series if one in group]
        middle = y + (len(shown) * (BAR + GAP)) / 2 + 4
        parts.append(_text(LEFT - 8, middle, name, anchor="end"))
        for one in shown:
            length = max(1.0, group[one] / longest * WIDTH)
            colour = COLOURS[series.index(one) % len(COLOURS)]
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{colour}"/>')
            parts.append(_text(LEFT + length + 5, y + BAR - 2, f"{group[one]:.2f}"))
            y += BAR + GAP
        y += BETWEEN
    head = [_text(8, 20, f"{title} ({unit})", weight="bold"), *_legend(series)]
    width = LEFT + WIDTH + RIGHT
    body = "\n".join([*head, *parts])
    background = f'<rect width="{width}" height="{y}" fill="white"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}" viewBox="0 0 {width} {y}" '
        f'role="img" style="{STYLE}">\n<title>{escape(title)}</title>\n{background}\n{body}\n</svg>\n'
    )


def chart_of(name: str, rows: Sequence[Row]) -> str | None:
    """The chart of a bench's rows: a bar for ours and one for each baseline. None when it has none, or no such row."""
    if name not in CHARTS:
        return None
    title, figure = CHARTS[name]
    unit, groups = "", dict[str, dict[str, float]]()
    for one in rows:
        if found := re.fullmatch(rf"(.+)[:,] {re.escape(figure)}(?: / (.+))?", one["name"]):
            bars_of = {"ours": one["ours"], found[2] or "baseline": one["baseline"]}
            groups.setdefault(found[1], {}).update((k, v) for k, v in bars_of.items() if math.isfinite(v))
            unit = one["unit"]
    series = list(dict.fromkeys(["ours", *(system for group in groups.values() for system in group)]))
    return bars(title, unit, groups, series) if groups else None


def _legend(series: Sequence[str]) -> list[str]:
    parts: list[str] = []
    x = float(LEFT)
    for number, name in enumerate(series):
        parts.append(f'<rect x="{x:.0f}" y="32" width="12" height="12" fill="{COLOURS[number % len(COLOURS)]}"/>')
        parts.append(_text(x + 17, 42, name))
        x += 17 + 7.5 * len(name) + 22
    return parts


def _text(x: float, y: float, words: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="#222">'
        f"{escape(words)}</text>"
    )
