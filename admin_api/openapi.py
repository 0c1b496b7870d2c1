"""What the OpenAPI document says of every operation: the problems it may answer with, and the role that it needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from admin_api.deps import Needs
from admin_api.glossary import explain
from admin_api.problems import KINDS, MEDIA_TYPE, ProblemBody
from admin_api.repeat import RepeatableRoute

DESCRIPTION = """\
The directory, the calls and the messages of a company, for the people of its office.

Sign in at the auth server (`POST {SUPABASE_URL}/auth/v1/token?grant_type=password` with the publishable key in
`apikey`) and send the access token as `Authorization: Bearer …`. What you may do follows from your role in the company:
viewer, dispatcher or admin. Errors are `application/problem+json` with a stable `type`.
"""
#: Statuses that any signed-in operation may answer with; those with a body or a path add theirs.
ALWAYS = (400, 401, 403, 422, 429, 500, 503)
REQUEST_ID = {
    "X-Request-Id": {
        "schema": {"type": "string", "examples": ["5f0f6f5e4f7a4a0e"]},
        "description": "Names this request in our logs; one that was sent comes back",
    }
}
RETRY_AFTER = {
    "Retry-After": {"schema": {"type": "integer", "examples": [2]}, "description": "Seconds after which to ask again"}
}
ETAG = {
    "ETag": {
        "schema": {"type": "string", "examples": ['"5f0f6f5e4f7a4a0e"']},
        "description": "The version of this row, for If-Match",
    }
}
LOCATION = {
    "Location": {
        "schema": {"type": "string", "format": "uri-reference", "examples": ["/api/v1/customers/7"]},
        "description": "Where the new one is read",
    }
}
REPLAYED = {
    "Idempotent-Replayed": {
        "schema": {"type": "string", "enum": ["true"]},
        "description": "This is the answer that a first request with this Idempotency-Key got",
    }
}
CHALLENGE = {"WWW-Authenticate": {"schema": {"type": "string", "enum": ["Bearer"]}, "description": "Sign in so"}}
#: Headers of an answer by its status; 409 where the same request is still being worked on.
BY_STATUS = {"401": CHALLENGE, "409": RETRY_AFTER, "429": RETRY_AFTER, "503": RETRY_AFTER}
#: What a page of another origin may read of an answer.
EXPOSED = ("ETag", "Location", "Retry-After", "X-Request-Id", "Idempotent-Replayed")
#: Headers of every answer.
LIMIT_HEADERS = {
    "RateLimit-Limit": {"schema": {"type": "integer"}, "description": "Requests a minute"},
    "RateLimit-Remaining": {"schema": {"type": "integer"}, "description": "Requests left in this minute"},
    "RateLimit-Reset": {"schema": {"type": "integer"}, "description": "Seconds until there are more"},
}


def operations(app: FastAPI) -> Iterator[tuple[str, str, Any]]:
    """Every operation under /api/v1: its method, its path, and its route."""
    for route in iter_route_contexts(app.routes):
        path = str(route.path_format)
        if path.startswith("/api/v1/"):
            for method in sorted(route.methods or ()):
                yield method, path, route


def role_of(route: Any) -> str | None:
    """The least role of a route; None where no membership is needed."""
    found = [d.dependency.role for d in route.dependencies if isinstance(d.dependency, Needs)]
    return found[0] if found else None


def install(app: FastAPI) -> None:
    """Let `app.openapi()` tell all of it."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes, tags=app.openapi_tags
            )
            schema["components"]["schemas"] |= _problem_schemas()
            for name in ("HTTPValidationError", "ValidationError"):
                schema["components"]["schemas"].pop(name, None)
            versioned = _explained(schema["components"]["schemas"])
            for method, path, route in operations(app):
                _complete(schema["paths"][path][method.lower()], route, method, versioned)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = document


def _problem_schemas() -> dict[str, Any]:
    schema = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = schema.pop("$defs", {})
    return {"ProblemBody": schema, **inner}


def _explained(schemas: dict[str, Any]) -> set[str]:
    """Give every field words and an example. Returns the schemas of rows that have a version."""
    for owner, schema in schemas.items():
        for name, field in schema.get("properties", {}).items():
            explain(field, owner, name)
    return {
        f"#/components/schemas/{name}"
        for name, schema in schemas.items()
        if "updated_at" in schema.get("properties", {})
    }


def _complete(operation: dict[str, Any], route: Any, method: str, versioned: set[str]) -> None:
    statuses = {*ALWAYS}
    if "{" in route.path_format:
        statuses.add(404)
    if method in ("POST", "PATCH", "PUT", "DELETE"):
        statuses |= {404, 409}
    if "requestBody" in operation:
        statuses |= {413, 415}
    for status in sorted(statuses):
        operation["responses"][str(status)] = _problem(status)
    repeatable = method == "POST" and isinstance(route.original_route, RepeatableRoute)
    if repeatable:
        operation.setdefault("parameters", []).append(_idempotency_key())
    for parameter in operation.get("parameters", []):
        explain(parameter["schema"], "", parameter["name"])
        # It stands beside the schema, where FastAPI puts what is known of a parameter.
        parameter.setdefault("description", parameter["schema"].pop("description", ""))
    for status, response in operation["responses"].items():
        headers = response.setdefault("headers", {})
        headers |= REQUEST_ID | LIMIT_HEADERS | BY_STATUS.get(status, {})
        if status < "300" and repeatable:
            headers |= REPLAYED
        if status < "300" and _schema_of(response) in versioned:
            headers |= ETAG
        if status == "201" and "{" not in route.path_format:
            headers |= LOCATION
    if role := role_of(route):
        operation["x-role"] = role
        operation["description"] = f"{operation.get('description', '')}\n\nNeeds the role {role}.".strip()


def _schema_of(response: dict[str, Any]) -> str:
    return str(response.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", ""))


def _problem(status: int) -> dict[str, Any]:
    titles = [kind.title for kind in KINDS if kind.status == status]
    schema = {"schema": {"$ref": "#/components/schemas/ProblemBody"}}
    return {"description": "; ".join(titles), "content": {MEDIA_TYPE: schema}}


def _idempotency_key() -> dict[str, Any]:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Sent again with the same key within a day, the same request does nothing and answers the same",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    }
