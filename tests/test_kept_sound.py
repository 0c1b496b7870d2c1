"""The sound of words that are a guess is held until the database has them, then kept, and shipped to the storage."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from agent.kept_sound import KeptSound
from agent.sound_length import seconds_of
from agent.sound_spool import Slip, SoundSpool, ship_once
from fieldline.errors import NotStored
from fieldline.settings import load_settings
from fieldline.storage import Storage, open_storage

KEY = "messages/5f1c/1.wav"


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
    return open_storage(load_settings(home=tmp_path, files_secret=SecretStr("k" * 32)))


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
