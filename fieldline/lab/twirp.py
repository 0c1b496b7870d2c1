"""Twirp, as LiveKit's clients speak it: protobuf in, protobuf or a JSON error out."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from google.protobuf.message import DecodeError, Message

#: Twirp's error codes and the HTTP status of each.
HTTP_STATUS = {
    "canceled": 408,
    "unknown": 500,
    "invalid_argument": 400,
    "malformed": 400,
    "deadline_exceeded": 408,
    "not_found": 404,
    "bad_route": 404,
    "already_exists": 409,
    "permission_denied": 403,
    "unauthenticated": 401,
    "resource_exhausted": 429,
    "failed_precondition": 412,
    "aborted": 409,
    "out_of_range": 400,
    "unimplemented": 501,
    "internal": 500,
    "unavailable": 503,
}


class TwirpFailure(Exception):
    """An error that the client is to see."""

    def __init__(self, code: str, message: str, meta: Mapping[str, str] | None = None) -> None:
        self.code = code
        self.meta = dict(meta or {})
        super().__init__(message)

    def response(self) -> web.Response:
        """The error as the server would send it."""
        body: dict[str, object] = {"code": self.code, "msg": str(self)}
        if self.meta:
            body["meta"] = self.meta
        return web.json_response(body, status=HTTP_STATUS[self.code])


def read(kind: type[Message], body: bytes) -> Message:
    """The request. Raises TwirpFailure when it is no such message."""
    try:
        return kind.FromString(body)
    except DecodeError as error:
        raise TwirpFailure("malformed", f"failed to unmarshal the proto request: {error}") from error


def answer(message: Message) -> web.Response:
    """The answer as protobuf."""
    return web.Response(body=message.SerializeToString(), content_type="application/protobuf")
