"""Phonebooks that come from, and go to, spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

import pytest

from tests.support.office import NORTHGATE, Office, open_office
from tests.support.stacks import Supabase

IMPORT = "/api/v1/employees/import"


@pytest.fixture(scope="module")
async def office(session_supabase: Supabase) -> AsyncIterator[Office]:
    await session_supabase.reset()
    async with open_office(session_supabase) as office:
        yield office


async def people(office: Office) -> int:
    [[count]] = await office.rows("select count(*) from public.employees")
    return count


async def test_dry_run_names_every_bad_line_and_writes_nothing(office: Office) -> None:
    before = await people(office)
    file = (
        "Name,Phone,Department,Status,Roles\n"
        "Ada,+1 202 555 0170,Sales,available,quotes;tenders\n"
        ",+12025550171,,,\n"
        "Ben,call me,,,\n"
        "Cid,+12025550172,Moon,,\n"
        '"Two\nlines",+12025550170,,asleep,\n'
        "Dan,+12025550101,,,\n"
        "Eve,+12025550170,,,\n"
        "Too,many,,,,cells\n"
    )
    answer = await office["admin"].post(IMPORT, params={"dry_run": "true"}, content=file)
    report = answer.json()
    assert answer.status_code == 200, answer.text
    assert [(p["location"], p["field"]) for p in report["problems"]] == [
        ("line 3", "name"),
        ("line 4", "phone"),
        ("line 5", "department"),
        ("line 6", "status"),
        ("line 8", "phone"),
        ("line 9", "phone"),
        ("line 10", ""),
    ]
    assert await people(office) == before


async def test_file_with_one_bad_line_changes_nothing(office: Office) -> None:
    before = await people(office)
    answer = await office["admin"].post(IMPORT, content="name,department\nAda,Sales\nBen,Moon\n")
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert answer.json()["errors"][0]["location"] == "line 3"
    assert await people(office) == before


async def test_known_people_are_changed_and_others_added(office: Office) -> None:
    file = "name;phone;department;office\nKaren M. Miller;(202) 555-0110;Billing;Baltimore\nFay;;Sales;\n"
    answer = await office["admin"].post(IMPORT, content=file)
    assert (answer.json()["added"], answer.json()["changed"]) == (1, 1), answer.text
    assert await office.rows(
        "select e.name, d.name from public.employees e join public.departments d on d.id = e.department_id"
        " where e.phone = '+12025550110' or e.name = 'Fay' order by 1"
    ) == [("Fay", "Sales"), ("Karen M. Miller", "Billing")]


async def test_file_of_two_columns_leaves_the_others_as_they_were(office: Office) -> None:
    full = (
        "name,phone,email,department,office,roles,status,routing_priority\n"
        "Gail,+12025550181,gail@x.example,Sales,Dover,on-call;quotes,away,7\n"
    )
    assert (await office["admin"].post(IMPORT, content=full)).status_code == 200
    answer = await office["admin"].post(IMPORT, content="name,phone\nGail Ann,+12025550181\nHal,+12025550182\n")
    assert (answer.json()["added"], answer.json()["changed"]) == (1, 1), answer.text
    assert await office.rows(
        "select e.name, e.email, d.name, e.office, e.roles, e.status, e.routing_priority, e.active"
        " from public.employees e left join public.departments d on d.id = e.department_id"
        " where e.phone in ('+12025550181', '+12025550182') order by 1"
    ) == [
        ("Gail Ann", "gail@x.example", "Sales", "Dover", ["on-call", "quotes"], "away", 7, True),
        ("Hal", None, None, None, [], "available", 100, True),
    ]


async def test_empty_cell_empties_what_may_be_empty(office: Office) -> None:
    full = "name,phone,office,roles,status,routing_priority\nIda,+12025550183,Dover,quotes,away,7\n"
    assert (await office["admin"].post(IMPORT, content=full)).status_code == 200
    file = "name,phone,office,roles,status,routing_priority\nIda,+12025550183,,,,\n"
    assert (await office["admin"].post(IMPORT, content=file)).status_code == 200
    assert await office.rows(
        "select office, roles, status, routing_priority from public.employees where phone = '+12025550183'"
    ) == [(None, [], "away", 7)]


async def test_person_who_comes_back_with_a_technicians_number_is_told_by_line(office: Office) -> None:
    added = await office["admin"].post(
        "/api/v1/employees", json={"name": "Jo", "phone": "+12025550101", "active": False}
    )
    assert added.status_code == 201, added.text
    answer = await office["admin"].post(IMPORT, params={"dry_run": "true"}, content="name,active\nJo,yes\n")
    assert [(p["location"], p["field"]) for p in answer.json()["problems"]] == [("line 2", "phone")], answer.text


async def test_departments_keep_what_their_file_does_not_tell(office: Office) -> None:
    full = "name,description,routing_priority\nDispatch desk,Sends people out,5\n"
    assert (await office["admin"].post("/api/v1/departments/import", content=full)).status_code == 200
    again = await office["admin"].post("/api/v1/departments/import", content="name\nDispatch Desk\n")
    assert again.json()["changed"] == 1, again.text
    assert await office.rows(
        "select name, description, routing_priority from public.departments where lower(name) = 'dispatch desk'"
    ) == [("Dispatch Desk", "Sends people out", 5)]
    await office.rows("delete from public.departments where name = 'Dispatch Desk'")


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffname\nZoë Brontë\n".encode(),
        "name\nZoë Brontë\n".encode("latin-1"),
        "name\r\nZoë Brontë\r\n".encode("utf-16"),
    ],
    ids=["UTF-8 with a mark", "Latin-1", "UTF-16"],
)
async def test_letters_survive_the_encodings_of_spreadsheets(office: Office, content: bytes) -> None:
    answer = await office["admin"].post(IMPORT, content=content)
    assert answer.status_code == 200, answer.text
    assert await office.rows("select count(*) > 0 from public.employees where name = 'Zoë Brontë'") == [(True,)]
    await office.rows("delete from public.employees where name = 'Zoë Brontë'")


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"name,name\n", b"nom\nAda\n", b'name\n"open'])
async def test_what_is_no_phonebook_is_refused_or_empty(office: Office, content: bytes) -> None:
    before = await people(office)
    answer = await office["admin"].post(IMPORT, params={"dry_run": "true"}, content=content)
    assert answer.status_code == 200, answer.text
    assert await people(office) == before


async def test_formulas_leave_as_text_and_come_back_as_they_were(office: Office) -> None:
    evil = '=HYPERLINK("http://x.example")'
    added = await office["admin"].post(
        "/api/v1/employees", json={"name": evil, "office": "-1+2", "phone": "+12025550178"}
    )
    assert added.status_code == 201
    file = (await office["viewer"].get("/api/v1/employees.csv")).text
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(file.removeprefix("\ufeff")))}
    assert not [cell for row in rows.values() for cell in row.values() if cell[:1] in ("=", "-", "@")]
    assert (rows[f"'{evil}"]["office"], rows[f"'{evil}"]["phone"]) == ("'-1+2", "+12025550178")
    again = await office["admin"].post(IMPORT, content=file.encode())
    assert (again.status_code, again.json()["added"]) == (200, 0), again.text
    assert await office.rows("select name, office from public.employees where phone = '+12025550178'") == [
        (evil, "-1+2")
    ]


async def test_departments_go_out_and_come_in(office: Office) -> None:
    file = (await office["viewer"].get("/api/v1/departments.csv")).text + "Night desk,After hours,5\r\n"
    answer = await office["admin"].post("/api/v1/departments/import", content=file.encode())
    assert (answer.json()["added"], answer.json()["changed"]) == (1, 4), answer.text


def phonebook(rows: int) -> bytes:
    return "\n".join(["name,phone", *(f"Person {n},+1303{n + 2_000_000:07d}" for n in range(rows))]).encode()


@pytest.mark.long
@pytest.mark.timeout(400)
async def test_fifty_thousand_people_come_in(office: Office) -> None:
    answer = await office["admin"].post(IMPORT, content=phonebook(50_000), timeout=200)
    assert answer.json().get("added") == 50_000, answer.text[:500]
    assert await office.rows("select count(*) from public.employees where name like 'Person %%'") == [(50_000,)]
    await office.rows("delete from public.employees where name like 'Person %%'")


async def test_fifty_thousand_people_are_checked_and_one_more_is_too_many(office: Office) -> None:
    fits = await office["admin"].post(IMPORT, params={"dry_run": "true"}, content=phonebook(50_000), timeout=120)
    assert (fits.json()["added"], fits.json()["problems"]) == (50_000, []), fits.text[:500]
    refused = await office["admin"].post(IMPORT, params={"dry_run": "true"}, content=phonebook(50_001), timeout=120)
    assert refused.json()["problems"][-1]["detail"] == "a file has at most 50,000 rows"


async def test_many_people_come_in_at_once(office: Office) -> None:
    answer = await office["admin"].post(IMPORT, content=phonebook(1500), timeout=120)
    assert answer.json().get("added") == 1500, answer.text[:500]
    assert await office.rows("select count(*) from public.employees where name like 'Person %%'") == [(1500,)]
    file = (await office["viewer"].get("/api/v1/employees.csv")).text
    assert file.count("Person ") == 1500, "an export has more rows than the database gives at once"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('name,phone\nAda,\n"Ben,\nCid,\n', "line 3"),
        ('name,phone\n"Ada" Lovelace,\n', "line 2"),
        ('name,phone\nAda,\n"Two\nlines",\n"Ben"s,\n', "line 5"),
    ],
    ids=["never closed", "goes on behind it", "after a row of two lines"],
)
async def test_fault_in_quoting_is_told_with_its_line(office: Office, content: str, line: str) -> None:
    before = await people(office)
    answer = await office["admin"].post(IMPORT, content=content)
    assert answer.status_code == 422, answer.text
    [problem] = answer.json()["errors"]
    assert problem["location"] == line and problem["detail"].startswith("this line cannot be read")
    assert await people(office) == before


async def test_columns_and_words_of_other_programs_are_understood(office: Office) -> None:
    file = 'Full Name,Telephone,Team,Role,Status,Active\nGil,+12025550179,Sales,"quotes, tenders",Away,no\n'
    answer = await office["admin"].post(IMPORT, content=file)
    assert answer.status_code == 200, answer.text
    assert await office.rows("select phone, roles, status, active from public.employees where name = 'Gil'") == [
        ("+12025550179", ["quotes", "tenders"], "away", False)
    ]


async def test_export_comes_in_again_as_the_same_rows(office: Office) -> None:
    columns = "name, phone, email, department_id, office, roles, status, routing_priority, active"
    await office["admin"].post(IMPORT, content='name,office,roles\n"O\'Neil; ""Ann""",\'quoted,@home;+1\n\'=1+1,,\n')
    gone = "name,phone,active\nHal,+12025550180,no\nIda,+12025550180,yes\n"
    assert (await office["admin"].post(IMPORT, content=gone)).json()["added"] == 2
    everybody = f"select {columns} from public.employees where company_id = %s order by name, phone"
    before = await office.rows(everybody, NORTHGATE)
    file = (await office["viewer"].get("/api/v1/employees.csv")).content
    answer = await office["admin"].post(IMPORT, content=file)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["added"], answer.json()["changed"]) == (0, len(before)), answer.text
    assert await office.rows(everybody, NORTHGATE) == before
