"""A real browser for the console: the machine's own Chromium, and axe-core, pinned and from npm."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from fieldline.errors import StackError
from tests.support.npm_packages import bring
from tests.support.stacks import Supabase

AXE = "axe-core@4.14.1"
AXE_SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
#: Where screenshots go, for whoever wants to look.
PICTURES = Path(__file__).parents[2] / ".screenshots"


@asynccontextmanager
async def browser(*arguments: str) -> AsyncIterator[Browser]:
    """Chromium without a window, started with these arguments; the test is skipped where the machine has none."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("there is no Chromium on PATH")
    # Chromium's own sandbox refuses root.
    ours = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=program, args=[*ours, *arguments])
        yield started
        await started.close()


async def signed_in(context: BrowserContext, address: str, supabase: Supabase) -> Page:
    """A page of the demo company's admin, who has signed in at the console's address."""
    page = await context.new_page()
    await page.goto(f"{address}/")
    await page.get_by_label("E-mail").fill(supabase.info.admin_email)
    await page.get_by_label("Password").fill(supabase.info.admin_password)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Now", exact=True)).to_be_visible()
    return page


def axe() -> str:
    """The source of axe-core, brought once; the test is skipped where npm cannot be reached."""
    try:
        return bring(AXE, AXE_SHA512, "axe.min.js", "accessibility rules for the console's tests").read_text()
    except StackError as error:
        pytest.skip(str(error))


async def violations(page: Page) -> list[str]:
    """What axe finds on a page, each with the elements concerned."""
    # The page's own policy lets no script in; this one comes by the browser's debugger.
    await page.evaluate(axe())
    found: dict[str, Any] = await page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:160]}" for rule in found["violations"] for node in rule["nodes"]
    ]


async def picture(page: Page, name: str) -> None:
    """Keep how the page looks."""
    PICTURES.mkdir(exist_ok=True)
    await page.screenshot(path=PICTURES / f"{re.sub(r'[^a-z0-9-]+', '-', name.lower())}.png", full_page=True)
