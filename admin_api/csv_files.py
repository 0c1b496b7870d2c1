"""Phonebooks as CSV: read whatever spreadsheets write, say what is wrong by line, and write what they read safely.

A file is read whole before anything is written: UTF-8 with or without a mark, else Windows' Latin letters; commas,
semicolons or tabs. What a spreadsheet would take for a formula is written behind an apostrophe, and read without it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from admin_api.problems import FieldProblem

#: More than any company's phonebook; a body of this many lines is some megabytes.
MOST_ROWS = 50_000
#: Rows after which whoever waits is told how far it is.
TELL_ROWS = 250
FORMULA = re.compile(r"^[=+\-@\t\r]")
#: A number alone is no formula, and a phonebook is full of them.
NUMBER = re.compile(r"^\+\d+$")
MARK = "\ufeff"
#: What a file from another program may call a column.
ALSO = {
    "telephone": "phone",
    "mobile": "phone",
    "e-mail": "email",
    "mail": "email",
    "role": "roles",
    "team": "department",
    "place": "office",
    "location": "office",
    "priority": "routing_priority",
    "full name": "name",
}


@dataclass
class Sheet:
    """A file that was read: rows with their lines, and what is wrong with others."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    problems: list[FieldProblem] = field(default_factory=list)

    def wrong(self, line: int, column: str, detail: str) -> None:
        """Note a problem of a line."""
        self.problems.append(FieldProblem(location=f"line {line}", field=column, detail=detail))


def decoded(content: bytes) -> str:
    """The text, whichever way a spreadsheet has encoded it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def read(
    content: bytes,
    model: type[BaseModel],
    *,
    unique: Sequence[str],
    told: Callable[[int, int], None] = lambda _line, _of: None,
) -> Sheet:
    """The rows of a file, checked one by one, each with the columns about which the file says something: a column that
    it does not have is told nowhere, and an empty cell only where the value may be empty.

    Args:
        content: the file.
        model: what a row must be; its fields are the columns.
        unique: columns in which no value may stand twice.
        told: called with the line that was read and how many there are, once in a while.
    """
    sheet = Sheet()
    text = decoded(content)
    lines = csv.reader(io.StringIO(text, newline=""), _dialect(text))
    total = sum(1 for _line in io.StringIO(text, newline=""))
    seen: dict[tuple[str, str], int] = {}
    line = 1
    try:
        header = [_column(name) for name in next(lines, [])]
        if not _header_fits(sheet, header, model):
            return sheet
        line = lines.line_num + 1
        for cells in lines:
            if any(cell.strip() for cell in cells):
                if len(sheet.rows) >= MOST_ROWS:
                    sheet.wrong(line, "", f"a file has at most {MOST_ROWS:,} rows")
                    return sheet
                _read_row(sheet, line, header, cells, model, unique, seen)
                if len(sheet.rows) % TELL_ROWS == 0:
                    told(lines.line_num, total)
            line = lines.line_num + 1
    except csv.Error as error:
        # An open quote is found at the end of the file; it stands where the row began.
        unread = "a quotation mark is opened here and not closed" if "end of data" in str(error) else str(error)
        sheet.wrong(line, "", f"this line cannot be read: {unread}")
    return sheet


def _dialect(text: str) -> type[csv.Dialect]:
    first = text.partition("\n")[0]

    class Found(csv.excel):
        delimiter = max(",;\t", key=first.count)
        strict = True

    return Found


def _column(cell: str) -> str:
    name = cell.strip().lower()
    return ALSO.get(name, name.replace(" ", "_"))


def _header_fits(sheet: Sheet, header: list[str], model: type[BaseModel]) -> bool:
    known = list(model.model_fields)
    for name in header:
        if name not in known:
            sheet.wrong(1, name, f"this column is not known; there are {', '.join(known)}")
        elif header.count(name) > 1:
            sheet.wrong(1, name, "this column is there twice")
    if "name" not in header:
        sheet.wrong(1, "name", "this column is missing")
    return not sheet.problems


def _read_row(
    sheet: Sheet,
    line: int,
    header: list[str],
    cells: list[str],
    model: type[BaseModel],
    unique: Sequence[str],
    seen: dict[tuple[str, str], int],
) -> None:
    if len(cells) > len(header):
        sheet.wrong(line, "", f"this line has {len(cells)} cells, the first one {len(header)}")
        return
    given = {name: _plain(cell) for name, cell in zip(header, cells, strict=False) if cell.strip()}
    try:
        row = model.model_validate(given).model_dump(mode="json")
    except ValidationError as error:
        for item in error.errors():
            column = str(item["loc"][0]) if item["loc"] else ""
            sheet.wrong(line, column, item["msg"].removeprefix("Value error, "))
        return
    # Who is not active any more may have given a number on.
    for column in unique if row.get("active", True) else ():
        if (value := row.get(column)) is not None:
            first = seen.setdefault((column, str(value).lower()), line)
            if first != line:
                sheet.wrong(line, column, f"line {first} has this too")
    told = {name for name in header[: len(cells)] if name in given or _may_be_empty(model, name)}
    sheet.rows.append({"line": line, **{name: value for name, value in row.items() if name in told}})


def _may_be_empty(model: type[BaseModel], column: str) -> bool:
    return model.model_fields[column].get_default(call_default_factory=True) in (None, [])


def _plain(cell: str) -> str:
    text = cell.strip()
    return text[1:] if text.startswith("'") and FORMULA.match(text[1:]) else text


def safe(value: Any) -> str:
    """A cell that no spreadsheet runs."""
    text = "" if value is None else ";".join(value) if isinstance(value, list) else str(value)
    return f"'{text}" if FORMULA.match(text) and not NUMBER.match(text) else text


def write(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """A file that spreadsheets open: with a mark, or they would guess the encoding."""
    file = io.StringIO(newline="")
    file.write(MARK)
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([safe(row.get(column)) for column in columns] for row in rows)
    return file.getvalue()
