"""Sound is kept in a folder or a bucket, and only a signed link that has not expired plays it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from admin_api.app import create_app
from fieldline.errors import NotStored, SettingsError
from fieldline.settings import Settings, load_settings
from fieldline.storage import LocalStorage, Storage, open_storage
from tests.support import s3

KEY = "messages/5f1c/1.wav"


@pytest.fixture(params=["local", "s3"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    if request.param == "local":
        yield open_storage(load_settings(home=tmp_path))
        return
    async with s3.bucket() as bucket:
        yield open_storage(in_bucket(bucket.url))


def in_bucket(url: str, **changes: str) -> Settings:
    secret = SecretStr(changes.get("secret", s3.SECRET))
    asked = f"s3://sound/line?region={s3.REGION}&endpoint={url}&path_style=true"
    return load_settings(storage_url=asked, aws_access_key_id=s3.KEY_ID, aws_secret_access_key=secret)


async def test_what_is_kept_is_read_again_until_it_is_forgotten(storage: Storage) -> None:
    await storage.put(KEY, b"one")
    await storage.put(KEY, b"two")
    assert await storage.get(KEY) == b"two"
    await storage.delete(KEY)
    await storage.delete(KEY)
    with pytest.raises(NotStored) as caught:
        await storage.get(KEY)
    assert caught.value.missing


@pytest.mark.parametrize(
    "key",
    ["../secrets.json", "a/../../b", "/etc/passwd", "a//b", "", "a/", "A b", "a\\b", ".hidden", "a/.part", "x" * 2000],
)
async def test_a_key_that_leads_elsewhere_is_none(storage: Storage, key: str) -> None:
    for attempt in (storage.get(key), storage.put(key, b""), storage.delete(key), storage.link(key, 60)):
        with pytest.raises(NotStored):
            await attempt


async def test_the_folder_is_nobody_elses(tmp_path: Path) -> None:
    storage = open_storage(load_settings(home=tmp_path))
    await storage.put(KEY, b"words")
    assert isinstance(storage, LocalStorage)
    assert storage.path(KEY).stat().st_mode & 0o077 == 0 and (tmp_path / "storage").stat().st_mode & 0o077 == 0


async def test_bucket_gets_signed_requests_in_its_folder() -> None:
    async with s3.bucket() as bucket:
        storage = open_storage(in_bucket(bucket.url))
        await storage.put(KEY, b"words")
        assert bucket.objects == {f"/sound/line/{KEY}": (b"words", "audio/wav")}
        async with aiohttp.ClientSession() as http, http.get(await storage.link(KEY, 60)) as answer:
            assert (answer.status, await answer.read()) == (200, b"words")


async def test_bucket_refuses_a_wrong_secret_and_a_changed_link() -> None:
    async with s3.bucket() as bucket:
        await open_storage(in_bucket(bucket.url)).put(KEY, b"words")
        with pytest.raises(NotStored) as caught:
            await open_storage(in_bucket(bucket.url, secret="another")).get(KEY)
        assert not caught.value.missing
        link = await open_storage(in_bucket(bucket.url)).link(KEY, 60)
        async with aiohttp.ClientSession() as http, http.get(link.replace("Expires=60", "Expires=6000")) as answer:
            assert answer.status == 403


async def test_bucket_that_is_down_is_said_to_be() -> None:
    async with s3.bucket() as bucket:
        bucket.down = 403
        with pytest.raises(NotStored) as caught:
            await open_storage(in_bucket(bucket.url)).put(KEY, b"words")
        assert not caught.value.missing


@pytest.mark.parametrize("url", ["s3:///nothing", "ftp://a", "s3://sound?regin=x", "s3://sound"])
def test_wrong_address_or_missing_keys_are_named(url: str) -> None:
    with pytest.raises(SettingsError, match="STORAGE_URL"):
        open_storage(load_settings(storage_url=url))


def test_links_are_signed_with_a_secret_of_ones_own_outside_local_mode(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="FIELDLINE_FILES_SECRET"):
        open_storage(Settings.model_construct(**{**load_settings().model_dump(), "env": "production"}))


# The admin API's side of a local link


@pytest.fixture
async def played(tmp_path: Path) -> tuple[TestClient, str]:
    """The API, and a good link of an hour."""
    settings = load_settings(home=tmp_path, api_url="https://line.example.com", files_secret=SecretStr("k" * 32))
    storage = open_storage(settings)
    await storage.put(KEY, b"RIFFwords")
    return TestClient(create_app(settings), base_url="https://line.example.com"), await storage.link(KEY, 3600)


def test_a_link_plays_and_is_kept_by_nobody(played: tuple[TestClient, str]) -> None:
    api, link = played
    answer = api.get(link)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"RIFFwords", "audio/wav")
    assert "no-store" in answer.headers["cache-control"]
    part = api.get(link, headers={"Range": "bytes=4-8"})
    assert (part.status_code, part.content) == (206, b"words")


@pytest.mark.parametrize(
    "change",
    [
        {"signature": "0" * 64},
        {"signature": ""},
        {"signature": "ü"},
        {"expires": "9999999999"},
    ],
)
def test_a_changed_link_plays_nothing(played: tuple[TestClient, str], change: dict[str, str]) -> None:
    api, link = played
    query = {**dict(parse_qsl(urlsplit(link).query)), **change}
    assert api.get(f"{urlsplit(link).path}?{urlencode(query)}").status_code == 404


@pytest.mark.parametrize(
    "path", ["messages/5f1c/2.wav", "..%2f..%2fsecrets.json", "messages/%2e%2e/%2e%2e/secrets.json"]
)
def test_a_links_signature_opens_nothing_else(played: tuple[TestClient, str], tmp_path: Path, path: str) -> None:
    (tmp_path / "secrets.json").write_text("{}")
    api, link = played
    assert api.get(f"/files/{path}?{urlsplit(link).query}").status_code == 404


async def test_an_expired_link_plays_nothing(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, files_secret=SecretStr("k" * 32))
    past = open_storage(settings, clock=lambda: 1_000_000_000.0)
    await past.put(KEY, b"words")
    link = await past.link(KEY, 3600)
    assert TestClient(create_app(settings)).get(link).status_code == 404


async def test_a_signed_link_to_nothing_is_as_unknown(played: tuple[TestClient, str], tmp_path: Path) -> None:
    api, link = played
    (tmp_path / "storage" / KEY).unlink()
    assert api.get(link).status_code == 404
