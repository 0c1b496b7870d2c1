"""Recordings, played from the console's pages: the link that a page shows brings the bytes, whole and in parts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape

import pytest

from tests.support.console import live_call, visitor
from tests.support.office import NORTHGATE, Office, open_office
from tests.support.stacks import Supabase

WORDS, MORE = b"RIFF....WAVEfirst words", b"RIFF....WAVEafter the agent came back"


@pytest.fixture
async def office(supabase: Supabase) -> AsyncIterator[Office]:
    async with open_office(supabase) as running:
        yield running


def played(page: str) -> list[str]:
    """Where the players of a page get their sound."""
    return [unescape(link) for link in re.findall(r'<audio[^>]* src="([^"]+)"', page)]


async def test_every_part_of_a_recorded_call_plays_whole_and_from_the_middle(
    office: Office, supabase: Supabase
) -> None:
    async with live_call(supabase) as call:
        for place, sound in enumerate((WORDS, MORE)):
            key = f"recordings/{call.id}/{place}.ogg"
            await office.app.state.storage.put(key, sound)
            await office.rows(
                "insert into call_recordings (company_id, call_id, session_id, path, seconds, created_at)"
                " values (%s, %s, %s, %s, 3, now() + %s * interval '1 second')",
                NORTHGATE, call.id, call.session_id, key, place,
            )  # fmt: skip
        await call.end()
        async with visitor(office, "viewer") as browser:
            links = played((await browser.get(f"/console/calls/{call.id}")).text)
            whole = [await browser.get(link) for link in links]
            part = await browser.get(links[0], headers={"Range": "bytes=12-16"})
    assert [(answer.status_code, answer.content) for answer in whole] == [(200, WORDS), (200, MORE)]
    assert whole[0].headers["content-type"] == "audio/ogg"
    assert (part.status_code, part.content) == (206, b"first")
    assert part.headers["content-range"] == f"bytes 12-16/{len(WORDS)}"


async def test_link_to_a_sound_names_no_host_so_that_the_pages_policy_lets_it_in(office: Office) -> None:
    await office.app.state.storage.put("messages/one.wav", WORDS)
    await office.rows(
        "insert into messages (company_id, from_caller, message_text, audio_path)"
        f" values ('{NORTHGATE}', 'Bo', 'Ring me', 'messages/one.wav')"
    )
    async with visitor(office, "viewer") as browser:
        page = (await browser.get("/console/messages")).text
    [link] = played(page)
    assert "for the office" in page
    assert link.startswith("/files/messages/one.wav?")


async def test_call_without_a_recording_has_no_player(office: Office, supabase: Supabase) -> None:
    async with live_call(supabase) as call, visitor(office, "viewer") as browser:
        page = (await browser.get(f"/console/calls/{call.id}")).text
    assert "What was said and done" in page and played(page) == []
