"""A message whose words are a guess: its sound is kept, goes out with it, and is written out when somebody can."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import psycopg
import pytest
from livekit.agents.utils import http_context
from pydantic import SecretStr

from agent.kept_sound import KeptSound, wav
from agent.sound_length import seconds_of
from agent.sound_spool import Slip, SoundSpool, ship_once
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


class FakeEars:
    """Ears that have heard what they are told."""

    def __init__(self) -> None:
        self.last_quality, self.last_audio = "best_effort", b""

    def hear(self, sound: str, quality: str = "best_effort") -> None:
        """New sound, as every recognition makes it."""
        self.last_quality, self.last_audio = quality, sound.encode()


@pytest.fixture
def ears() -> FakeEars:
    return FakeEars()


@pytest.fixture
def spool(tmp_path: Path) -> SoundSpool:
    return SoundSpool(tmp_path / "spool")


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return open_storage(load_settings(home=tmp_path, files_secret=SecretStr("k" * 32), api_url="https://line.example"))


@pytest.fixture
def kept(ears: FakeEars, spool: SoundSpool) -> KeptSound:
    return KeptSound("messages/call/job", spool, ears)


def turn_ends(kept: KeptSound) -> None:
    kept._ended = True


# Which sound belongs to which words


def test_a_guess_has_the_sound_of_its_whole_turn(kept: KeptSound, ears: FakeEars) -> None:
    ears.hear("the gate ")
    kept.heard()
    ears.hear("is open")
    kept.heard()
    assert kept.of("the gay is open") == {"best_effort": True, "audio_path": "messages/call/job/1.wav"}
    assert kept._held["messages/call/job/1.wav"] == b"the gate is open"


def test_confirmed_words_keep_the_sound_of_their_dictation(kept: KeptSound, ears: FakeEars) -> None:
    ears.hear("the gate")
    kept.heard()
    first = kept.of("the gate")
    turn_ends(kept)
    ears.hear("yes", "grammar")
    kept.heard()
    assert kept.of("the gate") == first and kept.of("something else") == {}


def test_words_that_came_from_a_cloud_have_no_sound(kept: KeptSound, ears: FakeEars) -> None:
    ears.hear("earlier")
    kept.heard()
    turn_ends(kept)
    kept.heard()  # a cloud's words: the ears have heard nothing new
    assert kept.of("the gate is open") == {}


def test_a_secret_is_not_held(kept: KeptSound, ears: FakeEars) -> None:
    ears.hear("two zero one zero")
    kept.heard(secret=True)
    turn_ends(kept)
    kept.heard()
    assert kept.of("the gate") == {}


def test_typed_words_have_no_sound(kept: KeptSound, ears: FakeEars) -> None:
    ears.hear("earlier")
    kept.heard()
    kept.forget()
    assert kept.of("typed") == {}


async def test_only_what_the_database_has_is_kept(
    kept: KeptSound, ears: FakeEars, spool: SoundSpool, storage: Storage
) -> None:
    ears.hear("never confirmed")
    kept.heard()
    kept.of("never confirmed")
    turn_ends(kept)
    ears.hear("confirmed!")
    kept.heard()
    kept.keep(kept.of("confirmed")["audio_path"])
    assert await spool.ship(storage, LineStoreThatNobodyAsks()) == 1
    assert (await storage.get("messages/call/job/2.wav")).endswith(b"confirmed!")
    with pytest.raises(NotStored):
        await storage.get("messages/call/job/1.wav")


class LineStoreThatNobodyAsks:
    async def keep_recording(self, *, call_id: str, session_id: str, path: str, seconds: float) -> dict[str, bool]:
        raise AssertionError("no recording")


# On the way to the storage


async def test_sound_waits_on_disk_while_the_storage_is_down(spool: SoundSpool, tmp_path: Path) -> None:
    spool.keep(Slip(KEY), b"words")
    (tmp_path / "storage").write_text("in the way")
    storage = open_storage(load_settings(home=tmp_path))
    await ship_once(spool, storage, LineStoreThatNobodyAsks())
    (tmp_path / "storage").unlink()
    await ship_once(spool, storage, LineStoreThatNobodyAsks())
    assert await storage.get(KEY) == b"words"
    assert list((tmp_path / "spool" / "sounds").iterdir()) == []


async def test_sound_that_is_being_written_is_left_alone(spool: SoundSpool, storage: Storage) -> None:
    with spool.writing(Slip(KEY)) as path:
        path.write_bytes(b"half")
        assert await spool.ship(storage, LineStoreThatNobodyAsks()) == 0
        path.write_bytes(b"whole")
    assert await spool.ship(storage, LineStoreThatNobodyAsks()) == 1
    assert await storage.get(KEY) == b"whole"


async def test_two_who_ship_at_once_do_no_harm(spool: SoundSpool, storage: Storage) -> None:
    for n in range(5):
        spool.keep(Slip(f"messages/{n}.wav"), b"words")
    await asyncio.gather(*(spool.ship(storage, LineStoreThatNobodyAsks()) for _ in range(3)))
    assert {await storage.get(f"messages/{n}.wav") for n in range(5)} == {b"words"}


def test_nonsense_is_no_sound(tmp_path: Path) -> None:
    (tmp_path / "x.ogg").write_bytes(b"OggSnonsense")
    assert seconds_of(tmp_path / "x.ogg") == 0.0


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


@pytest.fixture
async def store(supabase: Supabase) -> AsyncIterator[LineStore]:
    store = await LineStore.open(supabase.settings)
    yield store
    await store.aclose()


@pytest.fixture
async def owner(supabase: Supabase) -> AsyncIterator[Connection]:
    async with await psycopg.AsyncConnection.connect(supabase.database_url, autocommit=True) as connection:
        yield connection


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
