"""Signing in at the console: by the auth server, kept in a cookie, renewed, and ended."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest

from tests.support.console import visitor
from tests.support.office import HARBOR, NORTHGATE, Office, open_office, token, user_id
from tests.support.stacks import Supabase


@pytest.fixture
async def office(supabase: Supabase) -> AsyncIterator[Office]:
    async with open_office(supabase) as running:
        yield running


async def sign_in(browser: httpx.AsyncClient, email: str, password: str, back: str = "") -> httpx.Response:
    page = (await browser.get("/console/sign-in", params={"back": back})).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf
    kept = re.search(r'name="back" value="([^"]*)"', page)
    assert kept
    form = {"csrf": csrf[1], "email": email, "password": password, "back": kept[1]}
    return await browser.post("/console/sign-in", data=form)


def session_in(answer: httpx.Response) -> dict[str, Any]:
    cookies = [cookie for cookie in answer.headers.get_list("set-cookie") if cookie.startswith("fieldline_session=")]
    assert len(cookies) == 1
    found = SimpleCookie(cookies[0])["fieldline_session"]
    assert found["httponly"] and found["samesite"] == "lax" and found["path"] == "/console"
    return json.loads(base64.urlsafe_b64decode(found.value))


async def test_right_password_opens_the_console_where_one_wanted_to_go(office: Office, supabase: Supabase) -> None:
    info = supabase.info
    async with visitor(office, None) as browser:
        answer = await sign_in(browser, info.admin_email, info.admin_password, "/console/calls")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/calls")
        assert session_in(answer)["access"]
        assert (await browser.get("/console/calls")).status_code == 200


async def test_wrong_password_says_no_more_than_that(office: Office, supabase: Supabase) -> None:
    async with visitor(office, None) as browser:
        wrong = await sign_in(browser, supabase.info.admin_email, "not the password")
        unknown = await sign_in(browser, "nobody@people.example", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert "E-mail address or password is wrong." in wrong.text and "password is wrong." in unknown.text


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "/console//elsewhere.example"])
async def test_sign_in_never_leads_elsewhere(office: Office, supabase: Supabase, back: str) -> None:
    async with visitor(office, None) as browser:
        answer = await sign_in(browser, supabase.info.admin_email, supabase.info.admin_password, back)
    assert answer.headers["location"] == "/console/"


def grow_old(browser: httpx.AsyncClient, office: Office, session: dict[str, Any]) -> str:
    """Let the browser's token have ended; the token."""
    old = {**session, "access": token(office.settings, "admin", exp=1)}
    browser.cookies.clear()
    browser.cookies.set("fieldline_session", base64.urlsafe_b64encode(json.dumps(old).encode()).decode())
    return old["access"]


async def test_session_that_is_about_to_end_is_renewed(office: Office, supabase: Supabase) -> None:
    async with visitor(office, None) as browser:
        session = session_in(await sign_in(browser, supabase.info.admin_email, supabase.info.admin_password))
        old = grow_old(browser, office, session)
        answer = await browser.get("/console/calls")
        assert answer.status_code == 200
        assert session_in(answer)["access"] not in ("", old)


async def test_form_saved_after_a_pause_hands_over_the_renewed_session(office: Office, supabase: Supabase) -> None:
    async with visitor(office, None) as browser:
        session = session_in(await sign_in(browser, supabase.info.admin_email, supabase.info.admin_password))
        old = grow_old(browser, office, session)
        form = {"csrf": session["csrf"], "name": "Night desk"}
        answer = await browser.post("/console/directory/departments", data=form)
        assert answer.status_code == 303
        assert any(cookie.startswith("fieldline_flash=") for cookie in answer.headers.get_list("set-cookie"))
        assert session_in(answer)["access"] not in ("", old)


async def test_forged_token_opens_nothing(office: Office) -> None:
    async with visitor(office, None) as browser:
        forged = {"csrf": "c", "access": token(office.settings, "admin") + "x", "refresh": "r", "company": ""}
        browser.cookies.set("fieldline_session", base64.urlsafe_b64encode(json.dumps(forged).encode()).decode())
        assert (await browser.get("/console/calls")).headers["location"].startswith("/console/sign-in")


async def test_signing_out_forgets_the_session(office: Office, supabase: Supabase) -> None:
    async with visitor(office, None) as browser:
        session = session_in(await sign_in(browser, supabase.info.admin_email, supabase.info.admin_password))
        assert (await browser.post("/console/sign-out", data={"csrf": session["csrf"]})).status_code == 303
        assert (await browser.get("/console/calls")).status_code == 303


async def test_member_of_two_companies_changes_between_them(office: Office) -> None:
    await office.rows("insert into memberships values (%s, %s, 'viewer')", HARBOR, user_id("admin"))
    async with visitor(office, "admin") as browser:
        assert "Northgate Security" in (await browser.get("/console/directory")).text
        answer = await browser.post("/console/company", data={"csrf": "the-forms-own-token", "company": HARBOR})
        changed = base64.urlsafe_b64encode(json.dumps(session_in(answer)).encode()).decode()
        browser.cookies.clear()
        browser.cookies.set("fieldline_session", changed)
        page = (await browser.get("/console/directory")).text
        assert "Grace Kim" in page and "Karen Miller" not in page


async def test_invitation_makes_a_member(office: Office) -> None:
    word = "a-token-of-an-invitation"
    await office.rows(
        "insert into invitations (company_id, email, role, token_hash, expires_at) values (%s, 'new@people.example',"
        " 'dispatcher', encode(extensions.digest(%s, 'sha256'), 'hex'), fieldline_now() + interval '1 day')",
        NORTHGATE,
        word,
    )
    async with visitor(office, None) as browser:
        page = (await browser.get("/console/invitation")).text
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)
        assert csrf
        form = {"csrf": csrf[1], "token": word, "email": "new@people.example", "account": "new", "password": "short"}
        assert "too short" in (await browser.post("/console/invitation", data=form)).text
        form["password"] = "long enough to be safe"
        answer = await browser.post("/console/invitation", data=form)
        assert answer.status_code == 303, answer.text
        assert "Dispatcher" in (await browser.get("/console/calls")).text
