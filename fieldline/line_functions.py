"""What the line's functions have in common: each is a method of the same name, and `LineStore` brings the way there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

Facts = dict[str, Any]


class LineFunctions(ABC):
    """A group of database functions that the line's account may call."""

    @abstractmethod
    async def _call(self, function: str, **arguments: Any) -> Facts:
        """Call one. Raises `Refusal` and `StoreUnavailable`."""
