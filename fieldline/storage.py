"""Where sound is kept: a folder of this machine, or a bucket that speaks S3.

FIELDLINE_STORAGE_URL says which: `local:` (the folder `storage` in FIELDLINE_HOME) or
`s3://bucket/folder?region=us-east-1&endpoint=https://s3.example.com&path_style=true`, with the keys in
AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. A key is a relative path such as `messages/5f…/1.wav`; a link opens one key
for some seconds to whoever holds it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from fieldline.errors import NotStored, SettingsError
from fieldline.settings import Settings

#: Small letters, digits and what ids need; no part of a key begins with a dot, so none leads out of the folder.
KEY = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9_.-]{0,99}(/[a-z0-9][a-z0-9_.-]{0,99}){0,7}")
#: Signs links in local mode when nobody chose a secret. The name is refused everywhere else (fieldline/settings.py).
LOCAL_ONLY = "local-only-files-secret"
FILES_PATH = "/files"
#: S3 takes links of a week at the most.
LONGEST_LINK_S = 7 * 86_400
TYPES = {".wav": "audio/wav", ".ogg": "audio/ogg"}


class Storage(Protocol):
    """What both kinds offer. All may raise `NotStored`."""

    async def put(self, key: str, content: bytes, content_type: str | None = None) -> None:
        """Keep `content`; what was there under that key is replaced."""
        ...

    async def get(self, key: str) -> bytes:
        """The content; `NotStored` with `missing` when there is none."""
        ...

    async def delete(self, key: str) -> None:
        """Forget it. Nothing happens when it is not there."""
        ...

    async def link(self, key: str, seconds: int) -> str:
        """An address that plays it for so many seconds, a week at the most."""
        ...


def open_storage(settings: Settings, *, clock: Callable[[], float] = time.time) -> Storage:
    """The storage of these settings. `clock` gives seconds since 1970.

    Raises:
        SettingsError: the address is neither, or what it needs is missing.
    """
    url = urlsplit(settings.storage_url)
    if url.scheme == "local":
        return LocalStorage(
            settings.home / "storage", secret=files_secret(settings), base=api_url(settings), clock=clock
        )
    if url.scheme == "s3" and url.netloc:
        return S3Storage(settings)
    raise SettingsError([f"FIELDLINE_STORAGE_URL: {settings.storage_url!r} is neither local: nor s3://bucket"])


def api_url(settings: Settings) -> str:
    """Where the admin API is reached from outside, without a slash at the end."""
    return (settings.api_url or f"http://{settings.api_host}:{settings.api_port}").rstrip("/")


def files_secret(settings: Settings) -> str:
    """What signs local links.

    Raises:
        SettingsError: none is set, and this is not local mode.
    """
    if settings.files_secret is not None:
        return settings.files_secret.get_secret_value()
    if settings.env != "local":
        raise SettingsError(["FIELDLINE_FILES_SECRET: signs the links to kept sound; openssl rand -hex 32"])
    return LOCAL_ONLY


def checked(key: str) -> str:
    """The key, when it is one.

    Raises:
        NotStored: it could lead elsewhere.
    """
    if not KEY.fullmatch(key):
        raise NotStored(f"{key[:100]!r} is not a key", missing=True)
    return key


class LocalStorage:
    """Files under a folder that only its owner may enter. Its links lead to the admin API, which checks `signed`."""

    def __init__(self, folder: Path, *, secret: str, base: str, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._secret = secret.encode()
        self._base = base
        self._clock = clock

    def path(self, key: str) -> Path:
        """Where a key lies."""
        return self._folder / checked(key)

    async def put(self, key: str, content: bytes, content_type: str | None = None) -> None:
        await asyncio.to_thread(self._put, self.path(key), content)

    def _put(self, path: Path, content: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            unfinished = path.with_name(f"{path.name}.part")
            unfinished.write_bytes(content)
            unfinished.chmod(0o600)
            unfinished.replace(path)
        except OSError as error:
            raise NotStored(f"{path.name}: {error.strerror}") from error

    async def get(self, key: str) -> bytes:
        try:
            return await asyncio.to_thread(self.path(key).read_bytes)
        except OSError as error:
            raise NotStored(f"{key}: {error.strerror}", missing=isinstance(error, FileNotFoundError)) from error

    async def delete(self, key: str) -> None:
        path = self.path(key)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise NotStored(f"{key}: {error.strerror}") from error

    async def link(self, key: str, seconds: int) -> str:
        expires = int(self._clock()) + min(seconds, LONGEST_LINK_S)
        query = urlencode({"expires": expires, "signature": self._signature(checked(key), expires)})
        return f"{self._base}{FILES_PATH}/{quote(key)}?{query}"

    def signed(self, key: str, expires: int, signature: str) -> bool:
        """Whether a link is one of ours and still good."""
        right = hmac.compare_digest(self._signature(key, expires).encode(), signature.encode())
        return right and self._clock() < expires

    def _signature(self, key: str, expires: int) -> str:
        return hmac.new(self._secret, f"{expires} {key}".encode(), hashlib.sha256).hexdigest()


class S3Storage:
    """A bucket. The library signs (SigV4) and repeats what a busy server refuses."""

    def __init__(self, settings: Settings) -> None:
        url = urlsplit(settings.storage_url)
        asked = dict(parse_qsl(url.query))
        keys = settings.aws_access_key_id, settings.aws_secret_access_key
        if unknown := sorted(asked.keys() - {"region", "endpoint", "path_style"}):
            raise SettingsError(
                [f"FIELDLINE_STORAGE_URL: unknown {', '.join(unknown)}; known: region, endpoint, path_style"]
            )
        if not (keys[0] and keys[1]):
            raise SettingsError(["AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: needed for FIELDLINE_STORAGE_URL=s3://…"])
        endpoint = asked.get("endpoint")
        options: dict[str, Any] = {"endpoint": endpoint} if endpoint else {}
        self._store = S3Store(
            url.netloc,
            prefix=url.path.strip("/") or None,
            region=asked.get("region", "us-east-1"),
            access_key_id=keys[0],
            secret_access_key=keys[1].get_secret_value(),
            virtual_hosted_style_request=asked.get("path_style", "false") != "true",
            client_options={"timeout": "20s", "connect_timeout": "5s", "allow_http": bool(endpoint)},
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=30)},
            **options,
        )

    async def put(self, key: str, content: bytes, content_type: str | None = None) -> None:
        kind = content_type or TYPES.get(Path(key).suffix, "application/octet-stream")
        try:
            await self._store.put_async(checked(key), content, attributes={"Content-Type": kind})
        except BaseError as error:
            raise NotStored(f"{key}: {error}") from error

    async def get(self, key: str) -> bytes:
        try:
            return bytes(await (await self._store.get_async(checked(key))).bytes_async())
        except FileNotFoundError as error:
            raise NotStored(f"{key}: not there", missing=True) from error
        except BaseError as error:
            raise NotStored(f"{key}: {error}") from error

    async def delete(self, key: str) -> None:
        try:
            await self._store.delete_async(checked(key))
        except FileNotFoundError:
            return
        except BaseError as error:
            raise NotStored(f"{key}: {error}") from error

    async def link(self, key: str, seconds: int) -> str:
        lasts = timedelta(seconds=min(seconds, LONGEST_LINK_S))
        return await obstore.sign_async(self._store, "GET", checked(key), lasts)
