"""What the lines are told, in Markdown beside this file."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import Any

_FOLDER = Path(__file__).parent


def prompt(name: str, **values: Any) -> str:
    """The text of `<name>.md` with `$values` filled in.

    Raises:
        FileNotFoundError: when there is no such prompt.
        KeyError: when the text names a value that is not given.
    """
    return Template((_FOLDER / f"{name}.md").read_text(encoding="utf-8")).substitute(values)
