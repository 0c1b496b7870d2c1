"""The admin API's manners: who is let in, how it says no, what it does with sizes, versions and repeated requests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import jwt
import pytest

from tests.support.office import FAR_FUTURE, HARBOR, NORTHGATE, Office, open_office, token, user_id
from tests.support.stacks import Supabase


@pytest.fixture
async def office(supabase: Supabase) -> AsyncIterator[Office]:
    async with open_office(supabase) as office:
        yield office


async def test_list_has_items_total_and_the_page(office: Office) -> None:
    answer = await office["viewer"].get("/api/v1/employees", params={"limit": 2, "offset": 1})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert [row["name"] for row in page["items"]] == ["Linda Torres", "Nina Patel"]
    assert (page["total"], page["limit"], page["offset"]) == (5, 2, 1)


async def test_page_behind_the_last_row_is_empty_and_knows_the_total(office: Office) -> None:
    page = (await office["viewer"].get("/api/v1/employees", params={"offset": 1000})).json()
    assert (page["items"], page["total"]) == ([], 5)


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"q": "KAREN"}, ["Karen Miller"]),
        ({"q": "0112"}, ["Nina Patel"]),
        ({"q": "Karen@northgate.example"}, ["Karen Miller"]),
        ({"q": "100%"}, []),
        ({"q": 'a,(b)"*\\'}, []),
        ({"q": "x),name.neq.(y"}, []),
        ({"status": "busy"}, ["Robert Hayes"]),
        ({"sort": "-name", "limit": "1"}, ["Tom Baker"]),
        ({"active": "false"}, []),
    ],
)
async def test_list_can_be_searched_filtered_and_sorted(
    office: Office, params: dict[str, str], names: list[str]
) -> None:
    answer = await office["viewer"].get("/api/v1/employees", params=params)
    assert [row["name"] for row in answer.json()["items"]] == names


async def test_person_is_added_changed_and_removed(office: Office) -> None:
    admin = office["admin"]
    added = await admin.post("/api/v1/employees", json={"name": " Zoë\u200b  Quinn ", "phone": "(202) 555-0177"})
    assert added.status_code == 201, added.text
    person = added.json()
    assert (person["name"], person["phone"]) == ("Zoë  Quinn", "+12025550177")
    where = added.headers["Location"]
    changed = await admin.patch(
        where, json={"status": "away", "office": None}, headers={"If-Match": added.headers["ETag"]}
    )
    assert (changed.status_code, changed.json()["status"]) == (200, "away")
    assert changed.headers["ETag"] != added.headers["ETag"]
    assert (await admin.delete(where)).status_code == 204
    assert (await admin.get(where)).status_code == 404


async def test_of_two_editors_the_second_is_told(office: Office) -> None:
    [row] = (await office["admin"].get("/api/v1/departments", params={"q": "Sales"})).json()["items"]
    where = f"/api/v1/departments/{row['id']}"
    seen = (await office["viewer"].get(where)).headers["ETag"]
    first = await office["admin"].patch(where, json={"description": "One"}, headers={"If-Match": seen})
    second = await office["admin"].patch(where, json={"description": "Two"}, headers={"If-Match": seen})
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json()["type"] == "urn:fieldline:problem:stale-version"
    assert (await office["admin"].get(where)).json()["description"] == "One"


async def test_row_that_somebody_has_changed_is_not_removed(office: Office) -> None:
    for path, body, change in (
        ("departments", {"name": "Short-lived"}, {"description": "Not any more"}),
        ("employees", {"name": "Short-timer"}, {"office": "Dover"}),
    ):
        added = await office["admin"].post(f"/api/v1/{path}", json=body)
        where, seen = added.headers["Location"], {"If-Match": added.headers["ETag"]}
        changed = await office["admin"].patch(where, json=change)
        late = await office["admin"].delete(where, headers=seen)
        assert (late.status_code, late.json()["type"]) == (409, "urn:fieldline:problem:stale-version"), late.text
        newest = {"If-Match": changed.headers["ETag"]}
        assert (await office["admin"].delete(where, headers=newest)).status_code == 204


async def test_member_whose_role_somebody_has_changed_is_not_removed(office: Office) -> None:
    where = f"/api/v1/members/{user_id('viewer')}"
    seen = {"If-Match": (await office["admin"].get(where)).headers["ETag"]}
    changed = await office["admin"].patch(where, json={"role": "dispatcher"})
    assert (await office["admin"].delete(where, headers=seen)).status_code == 409
    assert (await office["admin"].delete(where, headers={"If-Match": changed.headers["ETag"]})).status_code == 204


async def test_of_two_dispatchers_the_second_is_told_that_the_order_has_moved(office: Office) -> None:
    body = {"customer_id": 1, "title": "Gate repair", "brief_description": "The gate does not open."}
    added = await office["dispatcher"].post("/api/v1/work-orders", json=body)
    where, seen = added.headers["Location"], {"If-Match": added.headers["ETag"]}
    at = {"scheduled_for": "2026-03-09T14:00:00Z"}
    first = await office["dispatcher"].post(f"{where}/schedule", json=at, headers=seen)
    assert first.status_code == 200, first.text
    for path, sent in (("schedule", at), ("status", {"status": "cancelled", "reason": "Rain"})):
        late = await office["dispatcher"].post(f"{where}/{path}", json=sent, headers=seen)
        assert (late.status_code, late.json()["type"]) == (409, "urn:fieldline:problem:stale-version"), late.text
    sent = {"status": "cancelled", "reason": "Rain"}
    newest = {"If-Match": first.headers["ETag"]}
    moved = await office["dispatcher"].post(f"{where}/status", json=sent, headers=newest)
    assert (moved.status_code, moved.json()["status"]) == (200, "cancelled"), moved.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "X", "phone": "call me"}, "phone"),
        ({"name": "X", "emial": "x@x.example"}, "emial"),
        ({"name": "X", "availability_hours": {"mon": [["09:00", "09:00"]]}}, "availability_hours"),
        ({"name": "X", "availability_hours": {"monday": []}}, "availability_hours"),
        ({"name": "X", "status": "asleep"}, "status"),
        ({"name": "X", "roles": "billing"}, "roles"),
        ({"name": 3}, "name"),
        ({}, "name"),
    ],
)
async def test_wrong_field_is_named(office: Office, body: dict[str, object], field: str) -> None:
    answer = await office["admin"].post("/api/v1/employees", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "urn:fieldline:problem:invalid"
    assert [error["field"].partition(".")[0] for error in problem["errors"]] == [field]


async def test_hours_are_refused_in_the_databases_words(office: Office) -> None:
    hours = {"mon": [["13:00", "17:00"], ["08:00", "12:00"]]}
    answer = await office["admin"].post("/api/v1/departments", json={"name": "Night", "available_hours": hours})
    assert answer.json()["errors"][0]["detail"] == "mon: spans of a day come in order and do not overlap"


@pytest.mark.parametrize("phone", ["+12025550110", "202-555-0101"], ids=["an employee's", "a technician's"])
async def test_taken_number_is_a_conflict(office: Office, phone: str) -> None:
    answer = await office["admin"].post("/api/v1/employees", json={"name": "Twin", "phone": phone})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:fieldline:problem:duplicate")
    assert answer.json()["errors"][0]["field"] == "phone"


async def test_department_with_people_stays(office: Office) -> None:
    [row] = (await office["admin"].get("/api/v1/departments", params={"q": "Sales"})).json()["items"]
    answer = await office["admin"].delete(f"/api/v1/departments/{row['id']}")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:fieldline:problem:in-use")
    assert (await office["admin"].get(f"/api/v1/departments/{row['id']}")).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "in_use"),
    [
        ("customers", {"name": "City Bnak", "address": "1 Main Street", "phone": "+12025550166"}, 1),
        ("inventory", {"name": "Cat6 Cabel", "unit": "feet"}, 1),
    ],
    ids=["customer", "part"],
)
async def test_what_was_mistyped_goes_and_what_something_refers_to_stays(
    office: Office, path: str, body: dict[str, str], in_use: int
) -> None:
    where = (await office["dispatcher"].post(f"/api/v1/{path}", json=body)).headers["Location"]
    assert (await office["dispatcher"].delete(where)).status_code == 403
    assert (await office["otto"].delete(where)).status_code == 404
    assert (await office["admin"].delete(where)).status_code == 204
    assert (await office["admin"].get(where)).status_code == 404
    answer = await office["admin"].delete(f"/api/v1/{path}/{in_use}")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:fieldline:problem:in-use")
    assert (await office["admin"].get(f"/api/v1/{path}/{in_use}")).status_code == 200


async def test_repeated_post_adds_once(office: Office) -> None:
    body, headers = {"name": "Once"}, {"Idempotency-Key": "key-1"}
    first = await office["admin"].post("/api/v1/employees", json=body, headers=headers)
    second = await office["admin"].post("/api/v1/employees", json=body, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201), second.text
    assert first.json() == second.json() and second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Idempotent-Replayed"] == "true"
    assert await office.rows("select count(*) from public.employees where name = 'Once'") == [(1,)]


async def test_key_of_another_request_is_refused(office: Office) -> None:
    headers = {"Idempotency-Key": "key-2"}
    await office["admin"].post("/api/v1/employees", json={"name": "One"}, headers=headers)
    answer = await office["admin"].post("/api/v1/employees", json={"name": "Two"}, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:fieldline:problem:idempotency-key-reused")


async def test_key_of_a_refused_request_can_be_used_again(office: Office) -> None:
    headers = {"Idempotency-Key": "key-3"}
    refused = await office["admin"].post(
        "/api/v1/employees", json={"name": "A", "phone": "+12025550110"}, headers=headers
    )
    again = await office["admin"].post("/api/v1/employees", json={"name": "A"}, headers=headers)
    assert (refused.status_code, again.status_code) == (409, 201), again.text


async def test_request_that_still_runs_is_not_run_twice(office: Office) -> None:
    headers = {"Idempotency-Key": "key-4"}
    await office["admin"].post("/api/v1/employees", json={"name": "Slow"}, headers=headers)
    await office.rows("update public.request_keys set status = null where key = 'key-4'")
    answer = await office["admin"].post("/api/v1/employees", json={"name": "Slow"}, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:fieldline:problem:request-running")
    assert await office.rows("select count(*) from public.employees where name = 'Slow'") == [(1,)]


@pytest.mark.parametrize(
    "claims",
    [{"exp": 1}, {"exp": None}, {"aud": "other"}, {"aud": None}, {"sub": None}, {"role": "service_role"}, {"iss": "x"}],
    ids=str,
)
async def test_token_with_wrong_claims_opens_nothing(office: Office, claims: dict[str, object]) -> None:
    bad = token(office.settings, "admin", **claims)
    answer = await office["nobody"].get("/api/v1/employees", headers={"Authorization": f"Bearer {bad}"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def forged() -> list[str]:
    claims = {"sub": user_id("admin"), "aud": "authenticated", "role": "authenticated", "exp": FAR_FUTURE}
    return [
        jwt.encode(claims, "", "none"),
        jwt.encode(claims, "another project's secret, which is long enough", "HS256"),
        jwt.encode(
            claims, "another project's secret, which is long enough and longer than the digest of it is", "HS512"
        ),
        "not.a.token",
        "",
    ]


@pytest.mark.parametrize("bad", forged(), ids=["alg none", "other project", "other algorithm", "no token", "empty"])
async def test_forged_token_opens_nothing(office: Office, bad: str) -> None:
    answer = await office["nobody"].get("/api/v1/employees", headers={"Authorization": f"Bearer {bad}"})
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:fieldline:problem:unauthenticated")


async def test_company_of_others_is_not_opened_by_naming_it(office: Office) -> None:
    named = await office["admin"].get("/api/v1/employees", headers={"X-Company-Id": HARBOR})
    unknown = await office["admin"].get("/api/v1/employees", headers={"X-Company-Id": user_id("sam")})
    assert named.status_code == unknown.status_code == 403
    assert named.json()["detail"] == unknown.json()["detail"]


async def test_member_of_two_companies_says_which(office: Office) -> None:
    await office.rows(f"insert into public.memberships values ('{HARBOR}', '{user_id('viewer')}', 'admin')")
    without = await office["viewer"].get("/api/v1/employees")
    harbors = await office["viewer"].get("/api/v1/employees", headers={"X-Company-Id": HARBOR})
    ours = await office["viewer"].get("/api/v1/employees", headers={"X-Company-Id": NORTHGATE})
    assert without.status_code == 400
    assert [row["name"] for row in harbors.json()["items"]] == ["Grace Kim"]
    assert ours.json()["total"] == 5
    me = (await office["viewer"].get("/api/v1/me")).json()
    assert {(c["company_name"], c["role"]) for c in me["companies"]} == {
        ("Northgate Security", "viewer"),
        ("Harbor Heating", "admin"),
    }


async def test_too_large_a_body_is_refused(office: Office) -> None:
    answer = await office["admin"].post("/api/v1/employees", json={"name": "x" * 300_000})
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[]", b'"x"', b"", b'{"name": "\\ud800"}'])
async def test_unreadable_body_is_refused(office: Office, body: bytes) -> None:
    answer = await office["admin"].post("/api/v1/employees", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_every_answer_has_an_id_and_security_headers(office: Office) -> None:
    for path in ("/health", "/api/v1/employees", "/nowhere"):
        answer = await office["admin"].get(path, headers={"X-Request-Id": "from-the-gateway"})
        assert answer.headers["X-Request-Id"] == "from-the-gateway"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.json()["request_id"] == "from-the-gateway"


async def test_documentation_needs_nothing_from_elsewhere(office: Office) -> None:
    page = await office["nobody"].get("/docs/")
    assert page.status_code == 200 and "//" not in page.text.replace("<!doctype", "")
    for asset in ("assets/swagger-ui-bundle.js", "assets/swagger-ui.css", "start.js"):
        assert asset in page.text
        assert (await office["nobody"].get(f"/docs/{asset}")).status_code == 200
