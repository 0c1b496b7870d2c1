"""The console and real calls: an office that takes a caller over, and a line that is called from the browser.

Category: rooms and browser (markers `room` and `browser`).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Locator, Page, ViewportSize, expect

from fieldline.lab.audio import RATE, read_wav, write_wav
from fieldline.lab.office_phone import answers
from tests.support.browser import browser, picture, signed_in
from tests.support.calls import DEADLOCK_S, closed, has_heard, mike, phone, rows, until
from tests.support.console import cookie
from tests.support.office import enter
from tests.support.stacks import Supabase
from tests.support.taking import taken
from tests.support.transfers import CALLER, KAREN, NOTHING, numbers, ringing, settle, talk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DEADLOCK_MS = DEADLOCK_S * 1000
QUESTION = Path(__file__).parent / "audio" / "reception" / "hours-asked.wav"
README: ViewportSize = {"width": 1240, "height": 860}
#: Keeps every connection that a page makes, so that what arrives can be measured by the browser itself.
KEEP_PEERS = """
  globalThis.peers = [];
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) { super(...given); peers.push(this); }
  };
"""
#: Sound that has arrived at the page: its energy, the square of the amplitude (1.0 is full scale) times seconds.
ENERGY = """async () => {
  let energy = 0;
  for (const peer of peers)
    for (const report of (await peer.getStats()).values())
      if (report.type === "inbound-rtp" && report.kind === "audio") energy += report.totalAudioEnergy;
  return energy;
}"""
#: A second of quiet speech, -30 dBFS. Silence, as codecs and comfort noise have it, is far below.
SPOKEN = 0.001


async def arrived(page: Page) -> float:
    return await page.evaluate(ENERGY)


async def speaks(page: Page, since: float) -> None:
    """Until the page has received a second of speech since then."""

    async def heard() -> bool:
        return await arrived(page) > since + SPOKEN

    await until(heard)


@asynccontextmanager
async def office_page(stack: Supabase, *arguments: str) -> AsyncIterator[Page]:
    """The console in a browser, the demo company's admin signed in."""
    async with browser(*arguments) as started, await started.new_context() as context:
        await context.add_init_script(KEEP_PEERS)
        yield await signed_in(context, stack.info.console_url, stack)


@asynccontextmanager
async def dispatchers_page(stack: Supabase) -> AsyncIterator[Page]:
    """Now, as a dispatcher sees it."""
    await enter(stack.database_url)
    session = {"name": "fieldline_session", "value": cookie(stack.settings, "dispatcher"), "url": stack.info.api_url}
    async with browser() as started, await started.new_context() as context:
        await context.add_cookies([session])  # pyright: ignore[reportArgumentType]
        page = await context.new_page()
        await page.goto(f"{stack.info.console_url}/")
        yield page


async def hand_to_karen(call: Locator) -> None:
    await call.get_by_label("Hand the caller to").select_option(label="Karen Miller")
    await call.get_by_role("button", name="Take over").click()


async def test_dispatcher_takes_a_call_over_to_somebody_who_accepts_and_sees_that_it_was_done(stack: Supabase) -> None:
    await settle(stack)
    numbers(stack).number(KAREN, answers())
    async with dispatchers_page(stack) as page, phone(stack, CALLER) as caller:
        await caller.first_sound()
        card = page.locator("article.call")
        asked = card.get_by_role("list", name="What the office asked for").get_by_role("listitem")
        async with ringing(stack, caller, hand_to_karen(card)) as on:
            await expect(card).to_contain_text("Karen Miller", timeout=DEADLOCK_MS)
            await on.briefed()
            assert on.leaked() == NOTHING
            async with taken(on):
                await talk(on)
                await expect(asked).to_contain_text("Done", timeout=DEADLOCK_MS)
                await expect(asked).to_contain_text("Take over by Karen Miller")
                await picture(page, "taken over")
        await expect(card).to_contain_text("The caller hung up", timeout=DEADLOCK_MS)

    assert await closed(stack) == ("transferred", "caller_hung_up")
    assert await rows(stack, "select kind, result, created_by is not null from call_commands") == [
        ("take_over", {"ok": True}, True)
    ]


async def test_office_reads_a_call_along_and_has_something_said_to_the_caller(stack: Supabase) -> None:
    async with mike(stack) as caller, office_page(stack) as page:
        await page.set_viewport_size(README)
        await caller.type("clock me in on truck two oh one")
        await caller.hear()
        await caller.type("who's got dome cameras")
        card = page.locator("article.call")
        await expect(card).to_contain_text("IP dome cameras: truck two oh two", timeout=DEADLOCK_MS)
        await card.get_by_label("Tell the caller").fill("Karen will call you back at noon.")
        await card.get_by_role("button", name="Say to the caller").click()
        await until(lambda: has_heard(caller, "The office says: Karen will call you back at noon."))
        await expect(card.get_by_role("list", name="What the office asked for")).to_contain_text("Done")
        # The README's picture, docs/console-now.png.
        await picture(page, "console now")
        await page.set_viewport_size({"width": 390, "height": 844})
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
        await picture(page, "console now phone")


async def test_line_that_is_called_from_the_page_is_heard_there(stack: Supabase) -> None:
    async with office_page(stack) as page:
        await page.goto(f"{stack.info.console_url}/try")
        await page.get_by_label("Call as").select_option(label="A stranger")
        await page.get_by_role("button", name="Call", exact=True).click()
        said = page.get_by_role("list", name="What was said")
        await expect(said).to_contain_text("How can I help you?", timeout=DEADLOCK_MS)
        await speaks(page, since=0)
        before = await arrived(page)
        await page.get_by_placeholder("Type what you would say").fill("what are your hours")
        await page.get_by_role("button", name="Say").click()
        await expect(said).to_contain_text("Our hours are Monday", timeout=DEADLOCK_MS)
        await speaks(page, since=before)
        await picture(page, "try it answered")
        await page.get_by_role("button", name="Hang up").click()
        await expect(page.get_by_text("You hung up")).to_be_visible()
    assert await closed(stack) == ("completed", "caller_hung_up")
    assert await rows(stack, "select is_test from call_logs") == [(True,)]


async def test_question_spoken_into_the_pages_microphone_is_answered(stack: Supabase, tmp_path: Path) -> None:
    # Chromium plays the file over and over: a quiet while, the question, and quiet again for the answer.
    quiet = np.zeros(10 * RATE, np.int16)
    file = tmp_path / "microphone.wav"
    write_wav(file, np.concatenate([quiet, read_wav(QUESTION), quiet]))
    spoken = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    async with office_page(stack, *spoken, f"--use-file-for-fake-audio-capture={file}") as page:
        await page.goto(f"{stack.info.console_url}/try")
        await page.get_by_label("Call as").select_option(label="A stranger")
        await page.get_by_label("Speak with the microphone").check()
        await page.get_by_role("button", name="Call", exact=True).click()
        said = page.get_by_role("list", name="What was said")
        await expect(said).to_contain_text("Our hours are Monday", timeout=2 * DEADLOCK_MS)
        await speaks(page, since=0)
        await page.get_by_role("button", name="Hang up").click()
        await expect(page.get_by_text("You hung up")).to_be_visible()
    assert await closed(stack) == ("completed", "caller_hung_up")


async def test_greeting_is_heard_in_the_settings_which_say_how_long_it_is(stack: Supabase) -> None:
    async with office_page(stack) as page:
        await page.goto(f"{stack.info.console_url}/settings")
        await page.get_by_role("button", name="Hear it").click()
        await speaks(page, since=0)
        heard = page.locator("#heard")
        await expect(heard).to_contain_text("That was it", timeout=DEADLOCK_MS)
        length = re.search(r"([\d.]+) seconds", await heard.inner_text())
        assert length and float(length[1]) > 0.5
    assert await rows(stack, "select count(*) from call_logs") == [(0,)]
