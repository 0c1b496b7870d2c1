"""Twilio's own client, with our account, our patience and, where set, another address."""

from __future__ import annotations

import re
from typing import Any

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from fieldline.errors import SettingsError
from fieldline.settings import Settings

#: Twilio answers in well under a second; one that needs longer than this is down for us.
PATIENCE_S = 10.0
HOST = re.compile(r"^https://(?P<product>[a-z]+)(?:\.[a-z0-9-]+)*\.twilio\.com(?=/)")


class _Elsewhere(TwilioHttpClient):
    """Sends `https://trunking.twilio.com/v1/…` to `<base>/trunking/v1/…`, so one address serves every product."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=PATIENCE_S)
        self._base = base.rstrip("/")

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        return super().request(method, HOST.sub(rf"{self._base}/\g<product>", url), *args, **kwargs)


def twilio_client(settings: Settings) -> Client:
    """The client for these settings; it blocks, so call it in a thread.

    Raises:
        SettingsError: without TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.
    """
    if not (settings.twilio_account_sid and settings.twilio_auth_token):
        raise SettingsError(["TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN: from the first page of Twilio's console"])
    base = settings.twilio_base_url
    return Client(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        http_client=_Elsewhere(base) if base else TwilioHttpClient(timeout=PATIENCE_S),
    )
