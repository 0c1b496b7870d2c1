"""A look at the console after the calls: does it let the administrator in, and does it show them?"""

from __future__ import annotations

import re

import httpx

from fieldline.stack import StackInfo

PATIENCE_S = 20.0


async def visit(info: StackInfo, *expected: str) -> list[str]:
    """Sign in as a browser would and read the list of calls. Returns what is wrong, nothing when all is well.

    Args:
        info: the running stack.
        expected: words that the list of calls must show.
    """
    async with httpx.AsyncClient(base_url=info.api_url, timeout=PATIENCE_S, follow_redirects=True) as browser:
        try:
            page = await browser.get("/console/sign-in")
            token = re.search(r'name="csrf" value="([^"]+)"', page.text)
            form = {
                "csrf": token[1] if token else "",
                "email": info.admin_email,
                "password": info.admin_password,
                "back": "/console/calls",
            }
            calls = await browser.post("/console/sign-in", data=form)
        except httpx.HTTPError as error:
            return [f"the console does not answer: {type(error).__name__}"]
    if calls.status_code != 200 or "<h1>Calls</h1>" not in calls.text:
        return [f"the console does not let the administrator in ({calls.status_code})"]
    return [f"the console does not show {words!r} among the calls" for words in expected if words not in calls.text]
