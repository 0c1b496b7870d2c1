"""A message whose words are a guess: its sound is kept, goes out with it, and is written out when somebody can."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from livekit.agents.utils import http_context
from pydantic import SecretStr

from agent.kept_sound import wav
from agent.transcribe import NO_WORDS, Transcriber, writers
from fieldline.delivery import senders
from fieldline.duties.deliver import Deliver
from fieldline.duties.retention import Retention
from fieldline.errors import NotSent, NotStored
from fieldline.lab.providers import ProviderStandIns
from fieldline.mailbox import empty, mails
from fieldline.outgoing import letter
from fieldline.settings import Settings, load_settings
from fieldline.sound_of_message import SMALL, WITHOUT, SoundOfMessage
from fieldline.storage import Storage, open_storage
from fieldline.store import LineStore
from tests.support.lines import Connection, value
from tests.support.post import a_delivery
from tests.support.stacks import Supabase

KEY = "messages/5f1c/1.wav"
#: Loud enough to be taken for speech.
SPOKEN = (np.sin(np.arange(32_000) / 8) * 12_000).astype(np.int16).tobytes()


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return open_storage(load_settings(home=tmp_path, files_secret=SecretStr("k" * 32), api_url="https://line.example"))


# With the message


async def test_small_sound_is_attached_to_a_mail(storage: Storage) -> None:
    await storage.put(KEY, b"RIFF")
    mail = letter(await SoundOfMessage(storage).added(a_delivery(sound=KEY)), "line@northgate.example")
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type(), attached.get_content()) == (
        "message.wav",
        "audio/wav",
        b"RIFF",
    )


async def test_large_sound_is_linked(storage: Storage) -> None:
    await storage.put(KEY, bytes(SMALL + 1))
    delivery = await SoundOfMessage(storage).added(a_delivery(sound=KEY))
    assert delivery.attachment is None and f"https://line.example/files/{KEY}?expires=" in delivery.body


async def test_an_sms_has_a_link_and_stays_short_enough(storage: Storage) -> None:
    sms = a_delivery(channel="sms", address="+12025550110", subject=None, sound=KEY, body="x" * 1500)
    body = (await SoundOfMessage(storage).added(sms)).body
    assert len(body) <= 1600 and "/files/" in body.splitlines()[-1]


async def test_a_mail_waits_a_little_for_its_sound_and_then_goes_without(storage: Storage) -> None:
    with pytest.raises(NotSent) as caught:
        await SoundOfMessage(storage).added(a_delivery(sound=KEY, attempt=1))
    assert not caught.value.for_good
    assert WITHOUT in (await SoundOfMessage(storage).added(a_delivery(sound=KEY, attempt=5))).body


async def test_a_message_without_sound_goes_as_it_is(storage: Storage) -> None:
    assert await SoundOfMessage(storage).added(a_delivery()) == a_delivery()


# With the database


async def leave(owner: Connection, storage: Storage) -> None:
    """An urgent message for Karen whose words are a guess."""
    await storage.put(KEY, wav(SPOKEN))
    await owner.execute(
        "insert into messages (company_id, from_caller, to_employee_id, message_text, urgent, best_effort, audio_path)"
        " select company_id, 'Jane', id, 'the gay is open', true, true, %s from employees where name = 'Karen Miller'",
        [KEY],
    )


def with_providers(settings: Settings, clouds: ProviderStandIns) -> Settings:
    names = {name.lower(): given for name, given in clouds.environ().items()}
    fields = {name: given for name, given in names.items() if name in Settings.model_fields}
    keys = {name: SecretStr(given) for name, given in fields.items() if name.endswith("_api_key")}
    return settings.model_copy(update={**fields, **keys})


async def test_a_guess_goes_out_with_its_sound_and_its_words_follow(
    supabase: Supabase, store: LineStore, owner: Connection
) -> None:
    storage = open_storage(supabase.settings)
    empty(supabase.settings.home)
    await leave(owner, storage)
    duty = Deliver(store, senders(supabase.settings), SoundOfMessage(storage))
    await duty.look()
    first = {mail.channel: mail for mail in mails(supabase.settings.home)}
    assert "a guess" in first["email"].body and b"audio/wav" in first["email"].file.read_bytes()
    assert "/files/messages/5f1c/1.wav?" in first["sms"].body

    async with ProviderStandIns() as clouds, http_context.open():
        clouds.expect("The gate is open.")
        settings = with_providers(supabase.settings, clouds)
        await Transcriber(store, storage, writers(settings)).look()
    words = await value(owner, "select transcript from messages")
    assert words == "The gate is open."
    await duty.look()
    later = [mail for mail in mails(supabase.settings.home) if "Written out" in mail.body]
    assert sorted(mail.channel for mail in later) == ["email", "sms"] and all(words in mail.body for mail in later)


async def test_without_a_key_nothing_is_claimed(supabase: Supabase, store: LineStore, owner: Connection) -> None:
    storage = open_storage(supabase.settings)
    await leave(owner, storage)
    await Transcriber(store, storage, writers(supabase.settings)).look()
    assert await value(owner, "select transcript_attempts from messages") == 0


async def test_the_second_provider_writes_out_what_the_first_cannot(
    supabase: Supabase, store: LineStore, owner: Connection
) -> None:
    storage = open_storage(supabase.settings)
    await leave(owner, storage)
    async with ProviderStandIns() as clouds, http_context.open():
        clouds.fail("deepgram_stt", "500")
        clouds.expect("The gate is open.")
        await Transcriber(store, storage, writers(with_providers(supabase.settings, clouds))).look()
    assert await value(owner, "select transcript from messages") == "The gate is open."


async def test_sound_without_words_is_asked_about_once(supabase: Supabase, store: LineStore, owner: Connection) -> None:
    storage = open_storage(supabase.settings)
    await leave(owner, storage)
    await storage.put(KEY, wav(bytes(32_000)))
    async with ProviderStandIns() as clouds, http_context.open():
        await Transcriber(store, storage, writers(with_providers(supabase.settings, clouds))).look()
    assert await value(owner, "select transcript from messages") == NO_WORDS


async def test_providers_that_are_all_down_leave_it_for_later(
    supabase: Supabase, store: LineStore, owner: Connection
) -> None:
    storage = open_storage(supabase.settings)
    await leave(owner, storage)
    nowhere = "http://127.0.0.1:9"
    settings = supabase.settings.model_copy(
        update={"groq_api_key": SecretStr("k" * 20), "groq_base_url": nowhere, "deepgram_api_key": None}
    )
    async with http_context.open():
        await Transcriber(store, storage, writers(settings)).look()
    row = await (await owner.execute("select transcript, transcript_attempts from messages")).fetchone()
    assert row == (None, 1)


async def test_sound_that_was_kept_long_enough_goes_and_the_message_stays(
    supabase: Supabase, store: LineStore, owner: Connection
) -> None:
    storage = open_storage(supabase.settings)
    await leave(owner, storage)
    duty = Retention(store, storage)
    await duty.look()
    assert await storage.get(KEY)
    await owner.execute("select set_clock(fieldline_now() + interval '91 days')")
    await duty.look()
    with pytest.raises(NotStored):
        await storage.get(KEY)
    row = await (await owner.execute("select audio_path, message_text from messages")).fetchone()
    assert row == (None, "the gay is open")


async def test_a_row_lets_go_of_no_file_that_could_not_be_deleted(
    supabase: Supabase, store: LineStore, owner: Connection
) -> None:
    storage = open_storage(supabase.settings)
    await leave(owner, storage)
    await owner.execute("select set_clock(fieldline_now() + interval '91 days')")

    class Down:
        async def delete(self, key: str) -> None:
            raise NotStored("down")

    with pytest.raises(NotStored):
        await Retention(store, Down()).look()  # pyright: ignore[reportArgumentType]
    assert await value(owner, "select audio_path from messages") == KEY
