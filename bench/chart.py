"""Bar charts as SVG, made by the benches for docs/performance.md. No library: a chart is a few rectangles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "docs" / "charts"

BAR, GAP, BETWEEN = 12, 2, 14  # heights in pixels: a bar, the space after it, the space between groups
LEFT, WIDTH, RIGHT = 190, 460, 60  # labels, the longest bar, its figure
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


def save(name: str, svg: str) -> Path:
    """Write a chart where docs/performance.md looks for it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{name}.svg"
    file.write_text(svg)
    return file


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
