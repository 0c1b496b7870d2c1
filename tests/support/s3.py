"""A bucket that speaks as much S3 as the storage needs, and checks each signature (SigV4) by itself."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from xml.etree import ElementTree

from aiohttp import web

KEY_ID, SECRET, REGION = "AKIAFIELDLINE", "a-secret-of-the-bucket-0123456789", "eu-central-1"


@dataclass
class Bucket:
    """What lies in it, by path. `down` is the status of every answer while it is set."""

    objects: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    down: int | None = None
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        """One request: refused unless it is signed with the key, for this region, within 15 minutes."""
        if self.down is not None:
            return web.Response(status=self.down)
        body = await request.read()
        if not (_by_query(request) if "X-Amz-Signature" in request.query else _by_header(request)):
            return web.Response(status=403, text="<Error><Code>SignatureDoesNotMatch</Code></Error>")
        match request.method:
            case "PUT":
                self.objects[request.path] = (body, request.headers.get("Content-Type", ""))
            case "POST" if "delete" in request.query:
                keys = [str(found.text) for found in ElementTree.fromstring(body).iterfind(".//{*}Key")]
                for key in keys:
                    self.objects.pop(f"{request.path}/{key}", None)
                done = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
                return web.Response(text=f"<DeleteResult>{done}</DeleteResult>")
            case _ if request.path not in self.objects:
                return web.Response(status=404, text="<Error><Code>NoSuchKey</Code></Error>")
        content, kind = self.objects[request.path]
        headers = {"ETag": '"1"', "Last-Modified": "Wed, 04 Mar 2026 14:00:00 GMT", "Content-Type": kind}
        return web.Response(body=content if request.method == "GET" else b"", headers=headers)


def _by_header(request: web.Request) -> bool:
    fields = request.headers.get("Authorization", "").removeprefix("AWS4-HMAC-SHA256 ").split(",")
    given = dict(part.strip().split("=", 1) for part in fields if "=" in part)
    signed = given.get("SignedHeaders", "").split(";")
    if not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(signed):
        return False
    payload = request.headers["x-amz-content-sha256"]
    return _right(request, request.headers["x-amz-date"], given, signed, payload, 15 * 60, query=dict(request.query))


def _by_query(request: web.Request) -> bool:
    query = dict(request.query)
    given = {"Signature": query.pop("X-Amz-Signature"), "Credential": query["X-Amz-Credential"]}
    signed = query["X-Amz-SignedHeaders"].split(";")
    lasts = int(query["X-Amz-Expires"])
    return _right(request, query["X-Amz-Date"], given, signed, "UNSIGNED-PAYLOAD", lasts, query)


def _right(
    request: web.Request,
    date: str,
    given: dict[str, str],
    signed: list[str],
    payload: str,
    lasts: int,
    query: dict[str, str],
) -> bool:
    age = datetime.now(UTC) - datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    scope = f"{date[:8]}/{REGION}/s3/aws4_request"
    if given.get("Credential") != f"{KEY_ID}/{scope}" or not timedelta(minutes=-1) < age < timedelta(seconds=lasts):
        return False
    canonical = "\n".join(
        [
            request.method,
            quote(request.path, safe="/-_.~"),
            "&".join(
                f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(query.items())
            ),
            *(f"{name}:{request.headers[name].strip()}" for name in signed),
            "",
            ";".join(signed),
            payload,
        ]
    )
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{SECRET}".encode()
    for part in (date[:8], REGION, "s3", "aws4_request", text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(key.hex(), given.get("Signature", ""))


@asynccontextmanager
async def bucket() -> AsyncIterator[Bucket]:
    """A bucket while the block lasts; `url` is the endpoint."""
    here = Bucket()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", here.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    here.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield here
    await runner.cleanup()
