"""The database as requests use it: with the rights of whoever is signed in. No request uses the secret key."""

from __future__ import annotations

from fieldline.tables import Page, Row, Tables, TablesPool, Where

__all__ = ["Page", "Row", "Tables", "TablesPool", "Where", "eq"]


def eq(**values: object) -> list[Where]:
    """Conditions of equality: `eq(company_id=…, id=…)`."""
    return [Where(column, "is" if value is None else "eq", value) for column, value in values.items()]
