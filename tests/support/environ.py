"""A process environment in which Fieldline is not configured at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import AliasChoices

from fieldline.settings import Settings


def variables(field: str) -> tuple[str, ...]:
    """Every name under which a settings field can be given, the preferred one first."""
    alias = Settings.model_fields[field].validation_alias
    return tuple(str(a) for a in alias.choices) if isinstance(alias, AliasChoices) else (str(alias),)


def clean(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Remove every variable that settings read, and move to `folder`, where no `.env` lies."""
    for field in Settings.model_fields:
        for name in variables(field):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(folder)
