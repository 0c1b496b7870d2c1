"""The routes of a `Resource`: one per verb that it has a role for."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Response, status

from admin_api.database import eq
from admin_api.deps import Db, Handler, Member, Role, needs
from admin_api.repeat import RepeatableRouter
from admin_api.resource import Listing, Resource, tag
from admin_api.shapes import BIGGEST_ID

IfMatch = Annotated[
    str | None, Header(description="The ETag that you have read: nothing is done when it is not the newest")
]
_IN_PATH = {
    UUID: Path(alias="id", examples=["7a1c2f0e-5a52-4d1c-9c2b-0d6a3c1b9f10"]),
    int: Path(alias="id", examples=[7], ge=1, le=BIGGEST_ID),
}


def key_of(resource: Resource) -> Any:
    """The type of `{id}` in a path."""
    return Annotated[resource.key, _IN_PATH[resource.key]]


def router_for(resource: Resource, path: str) -> APIRouter:
    """A router with the resource's verbs under `path`, to which more can be added."""
    router = RepeatableRouter(prefix=f"/{path}", tags=[path])
    _add_list(router, resource)
    _add_read(router, resource)
    if resource.add:
        _add_create(router, resource, resource.add)
    if resource.edit:
        _add_change(router, resource, resource.edit)
    if resource.remove:
        _add_remove(router, resource, resource.remove)
    return router


def add_children(router: APIRouter, parent: Resource, child: Resource, path: str, column: str) -> None:
    """`/{id}/path`: the rows of `child` whose `column` is this parent; with POST where the child has a role to add."""

    async def list_children(member: Member, db: Db, key: Any, page: Any) -> dict[str, Any]:
        await parent.one(db, member, key)
        return await child.list(db, member, page, *eq(**{column: key}))

    router.add_api_route(
        f"/{{id}}/{path}",
        typed(list_children, key=key_of(parent), page=Annotated[child.filters, Query()]),
        methods=["GET"],
        response_model=Listing[child.answer],  # pyright: ignore[reportInvalidTypeArguments]
        dependencies=[needs(child.read)],
        name=f"list {path} of {parent.noun}",
        description=f"The {path.replace('-', ' ')} of one {parent.noun}, a page at a time.",
    )
    if child.add is None:
        return

    async def add_child(member: Member, db: Db, key: Any, body: Any) -> dict[str, Any]:
        await parent.one(db, member, key)
        return await child.create(db, member, {column: key, **body.model_dump(mode="json", exclude_unset=True)})

    router.add_api_route(
        f"/{{id}}/{path}",
        typed(add_child, key=key_of(parent), body=child.body),
        methods=["POST"],
        status_code=status.HTTP_201_CREATED,
        response_model=child.answer,
        dependencies=[needs(child.add)],
        name=f"add {child.noun} to {parent.noun}",
        description=f"Add a {child.noun} to a {parent.noun}.",
    )


def typed(handler: Handler, **annotations: Any) -> Handler:
    """The handler with types that are only known here; FastAPI reads them from where Python keeps them."""
    handler.__annotations__.update(annotations)
    return handler


def _add_list(router: APIRouter, resource: Resource) -> None:
    async def list_rows(member: Member, db: Db, page: Any) -> dict[str, Any]:
        return await resource.list(db, member, page)

    router.add_api_route(
        "",
        typed(list_rows, page=Annotated[resource.filters, Query()]),
        methods=["GET"],
        response_model=Listing[resource.answer],  # pyright: ignore[reportInvalidTypeArguments]
        dependencies=[needs(resource.read)],
        name=f"list {router.prefix[1:]}",
        description=f"The company's {router.prefix[1:].replace('-', ' ')}, a page at a time.",
    )


def _add_read(router: APIRouter, resource: Resource) -> None:
    async def read(member: Member, db: Db, response: Response, key: Any) -> dict[str, Any]:
        return tag(response, await resource.one(db, member, key))

    router.add_api_route(
        "/{id}",
        typed(read, key=key_of(resource)),
        methods=["GET"],
        response_model=resource.answer,
        dependencies=[needs(resource.read)],
        name=f"read {resource.noun}",
        description=f"One {resource.noun}. The answer's ETag names its version, for a later change.",
    )


def _add_create(router: APIRouter, resource: Resource, role: Role) -> None:
    async def add(member: Member, db: Db, response: Response, body: Any) -> dict[str, Any]:
        row = await resource.create(db, member, body.model_dump(mode="json", exclude_unset=True))
        response.headers["Location"] = f"/api/v1{router.prefix}/{row['id']}"
        return tag(response, row)

    router.add_api_route(
        "",
        typed(add, body=resource.body),
        methods=["POST"],
        status_code=status.HTTP_201_CREATED,
        response_model=resource.answer,
        dependencies=[needs(role)],
        name=f"add {resource.noun}",
        description=f"Add a {resource.noun}. With an Idempotency-Key, sending it again adds nothing.",
    )


def _add_change(router: APIRouter, resource: Resource, role: Role) -> None:
    async def change(
        member: Member, db: Db, response: Response, key: Any, body: Any, if_match: IfMatch = None
    ) -> dict[str, Any]:
        values = body.model_dump(mode="json", exclude_unset=True)
        return tag(response, await resource.patch(db, member, key, values, if_match))

    router.add_api_route(
        "/{id}",
        typed(change, key=key_of(resource), body=resource.change),
        methods=["PATCH"],
        response_model=resource.answer,
        dependencies=[needs(role)],
        name=f"change {resource.noun}",
        description=f"Change a {resource.noun}: only the fields that are sent. Send If-Match, so that two editors"
        " notice each other.",
    )


def _add_remove(router: APIRouter, resource: Resource, role: Role) -> None:
    async def remove(member: Member, db: Db, key: Any, if_match: IfMatch = None) -> None:
        await resource.delete(db, member, key, if_match)

    router.add_api_route(
        "/{id}",
        typed(remove, key=key_of(resource)),
        methods=["DELETE"],
        status_code=status.HTTP_204_NO_CONTENT,
        dependencies=[needs(role)],
        name=f"remove {resource.noun}",
        description=f"Remove a {resource.noun}; refused with 409 while something refers to it, or, with If-Match, when"
        " somebody has changed it since.",
    )
