"""The database, in the words of a call: one method per line function, with the same name.

Only this module imports `supabase` for the worker. It signs in as the line's own account, repeats what the
network lost (every write carries a `request_id`, so a repeat is safe) and translates errors once, to the
tree in `fieldline.errors`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeVar, cast

import httpx
from postgrest.exceptions import APIError
from supabase import AsyncClient, AsyncClientOptions, acreate_client
from supabase_auth.errors import AuthApiError, AuthError
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from fieldline.command_functions import CommandFunctions
from fieldline.customer_functions import CustomerFunctions
from fieldline.errors import Refusal, SettingsError, StoreError, StoreUnavailable
from fieldline.line_functions import Facts
from fieldline.outbox_functions import OutboxFunctions
from fieldline.reception_functions import ReceptionFunctions
from fieldline.settings import Settings
from fieldline.technician_functions import TechnicianFunctions
from fieldline.tls import tls
from fieldline.transfer_functions import TransferFunctions
from fieldline.upkeep_functions import UpkeepFunctions

#: A request that takes longer than this is given up: a caller is waiting for the sentence.
REQUEST_TIMEOUT_S = 4.0
ATTEMPTS = 3
#: PostgREST's codes for a token that is missing, wrong or expired.
TOKEN_CODES = frozenset({"PGRST301", "PGRST302", "PGRST303", "401"})
#: SQLSTATE classes that mean "ask again later": connection, resources, operator intervention, system error;
#: PGRST00x are PostgREST's own words for the same.
UNAVAILABLE_CODES = ("08", "53", "57", "58", "PGRST00", "5")

StoreT = TypeVar("StoreT", bound="LineStore")


class LineStore(
    TechnicianFunctions,
    ReceptionFunctions,
    CustomerFunctions,
    TransferFunctions,
    OutboxFunctions,
    CommandFunctions,
    UpkeepFunctions,
):
    """The line functions, as the line account.

    Use `await LineStore.open(settings)` and `await store.aclose()`; one store serves all calls of a process.
    """

    def __init__(self, client: AsyncClient, email: str, password: str) -> None:
        self._client = client
        self._credentials = {"email": email, "password": password}
        self._signed_in = False

    @classmethod
    async def open(cls: type[StoreT], settings: Settings, *, http: httpx.AsyncClient | None = None) -> StoreT:
        """A store for these settings. Signs in at the first request, so a database that is down does not stop the line.

        Raises:
            SettingsError: when the address, the key or the line account is missing.
        """
        missing = [
            name
            for name, value in {
                "SUPABASE_URL": settings.supabase_url,
                "SUPABASE_PUBLISHABLE_KEY": settings.supabase_publishable_key,
                "FIELDLINE_LINE_EMAIL": settings.line_email,
                "FIELDLINE_LINE_PASSWORD": settings.line_password,
            }.items()
            if not value
        ]
        if missing:
            raise SettingsError([f"{name}: needed to reach the database" for name in missing])
        assert settings.supabase_url and settings.supabase_publishable_key
        assert settings.line_email and settings.line_password
        client = await acreate_client(
            settings.supabase_url,
            settings.supabase_publishable_key,
            AsyncClientOptions(
                auto_refresh_token=False,
                persist_session=False,
                httpx_client=http or httpx.AsyncClient(timeout=REQUEST_TIMEOUT_S, verify=tls()),
                # Retries are ours, in one place: see `_call`.
                postgrest_client_retry=False,
            ),
        )
        return cls(client, settings.line_email, settings.line_password.get_secret_value())

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client.options.httpx_client is not None:
            await self._client.options.httpx_client.aclose()

    async def line_ping(self) -> Facts:
        """A sign of life of the database and of the line account."""
        return await self._call("line_ping")

    async def line_companies(self) -> Facts:
        """The companies called last and their callers' vocabularies, to prepare for."""
        return await self._call("line_companies")

    # The life of a call

    async def call_open(
        self,
        *,
        room: str,
        from_number: str | None,
        to_number: str | None,
        sip_call_id: str | None = None,
        worker: str | None = None,
        job: str | None = None,
    ) -> Facts:
        return await self._call(
            "call_open",
            room=room,
            from_number=from_number or "",
            to_number=to_number or "",
            sip_call_id=sip_call_id,
            worker=worker,
            job=job,
        )

    async def call_append(self, *, call_id: str, session_id: str, items: Sequence[Facts]) -> Facts:
        return await self._call("call_append", call_id=call_id, session_id=session_id, items=list(items))

    async def call_close(
        self,
        *,
        call_id: str,
        status: str,
        end_reason: str,
        summary: str | None = None,
        usage: Facts | None = None,
    ) -> Facts:
        return await self._call(
            "call_close",
            call_id=call_id,
            status=status,
            end_reason=end_reason,
            summary=summary,
            usage=usage or {},
        )

    async def worker_beat(self, *, worker: str, rooms: Sequence[str], load: float) -> Facts:
        return await self._call("worker_beat", worker=worker, rooms=list(rooms), load=load)

    async def verify_pin(self, *, call_id: str, badge: str, pin: str) -> Facts:
        return await self._call("verify_pin", call_id=call_id, badge=badge, pin=pin)

    async def _call(self, function: str, **arguments: Any) -> Facts:
        given = {name: value for name, value in arguments.items() if value is not None}
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(StoreUnavailable),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential_jitter(multiplier=0.1, max=1.0),
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                return await self._call_once(function, given)
        raise AssertionError("unreachable: the last attempt raises")

    async def _call_once(self, function: str, arguments: Facts) -> Facts:
        try:
            if not self._signed_in:
                await self._sign_in()
            return cast(Facts, (await self._client.rpc(function, arguments).execute()).data)
        except APIError as error:
            if str(error.code) in TOKEN_CODES:
                self._signed_in = False
                raise StoreUnavailable(f"{function}: the session had expired") from error
            raise _translated(function, error) from error
        except httpx.TransportError as error:
            raise StoreUnavailable(f"{function}: {error!r}") from error

    async def _sign_in(self) -> None:
        try:
            await self._client.auth.sign_in_with_password(self._credentials)  # pyright: ignore[reportArgumentType]
        except AuthApiError as error:
            if error.status < 500:
                raise StoreError("sign_in", f"the line account was refused: {error.message}") from error
            raise StoreUnavailable(f"sign in: {error.message}") from error
        except AuthError as error:
            raise StoreUnavailable(f"sign in: {error.message}") from error
        self._signed_in = True


def _translated(function: str, error: APIError) -> StoreError:
    """The one place where an API error becomes ours."""
    code = str(error.code or "")
    if code.startswith("FL"):
        return Refusal(code, error.message or code, _facts(error.details), error.hint or "")
    if code.startswith(UNAVAILABLE_CODES) or not code:
        return StoreUnavailable(f"{function}: {code} {error.message}")
    return StoreError(code, f"{function}: {error.message}")


def _facts(details: Any) -> Facts:
    if isinstance(details, dict):
        return details
    try:
        facts = json.loads(details or "{}")
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}
