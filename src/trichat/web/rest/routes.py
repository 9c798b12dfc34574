"""A route is an endpoint as data; here is what every endpoint does alike."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypedDict

from attrs import AttrsInstance, field, frozen
from quart import Response, request
from quart_trio import QuartTrio

from trichat.core.refusals import Refusal
from trichat.runtime.server import Runtime
from trichat.web.rest.bodies import read_body
from trichat.web.rest.caller import Need, caller, require
from trichat.web.rest.errors import json
from trichat.web.rest.keying import read_key
from trichat.web.rest.pages import Page
from trichat.web.rest.queries import Query, read_query
from trichat.web.rest.refused import Words, refused
from trichat.web.rest.turns import take_turn


class Said(TypedDict):
    """What was done, in words for a reader."""

    message: str


@frozen
class Route:
    """One endpoint. The API's own document is made from it (openapi.py).

    handler: takes by name `me` (unless `public`), the path's variables, the parameters of the
    query, and `body` where there is one, which is None where it `may_lack_body` and does; gives a
    JSON value or a refusal, or, where its `media` is another, a whole response. Its return type,
    refusals left out, is the shape of the answer.
    summary: what one does with it, in a few words without a full stop.
    description: what it does and gives, who may, and how it fails, in sentences for users.
    words: what its refusals are called, where that differs from the common table.
    refuses: all other ways it says no, as refusals or as (status, detail) of its own.
    needs: the permission or the least role it takes, asked before the request is looked at.
    keyed: whether the handler takes a `key` too, from the request's Idempotency-Key.
    by_credential: whether `me` is the caller's Identity in place of the User.
    shape: of the JSON answer, where the handler gives a whole response.
    large: whether the answer may be so large that one user has one of them at a time.
    """

    method: str
    path: str
    handler: Callable[..., Awaitable[Any]]
    summary: str = field(kw_only=True)
    description: str = field(kw_only=True)
    body: type[AttrsInstance] | None = None
    query: Query = field(factory=dict)
    words: Words = field(factory=dict)
    refuses: tuple[type[Refusal] | tuple[int, str], ...] = ()
    public: bool = False
    media: tuple[str, ...] = ("application/json",)
    may_lack_body: bool = False
    needs: Need | None = None
    keyed: bool = False
    by_credential: bool = False
    large: bool = False
    shape: Any = None


def add_routes(app: QuartTrio, runtime: Runtime, routes: Iterable[Route]) -> None:
    """Put the routes into the app.

    A caller is identified before anything that they sent is looked at.
    """
    for route in routes:
        app.add_url_rule(
            route.path,
            endpoint=f"{route.method} {route.path}",
            view_func=_view(route, runtime),
            methods=[route.method],
        )


def _view(route: Route, runtime: Runtime) -> Callable[..., Awaitable[Response]]:
    async def view(**given: Any) -> Response:
        if not route.public:
            identity = await caller(runtime.accounts)
            given["me"] = identity if route.by_credential else identity.user
            if route.needs is not None:
                require(identity.user, route.needs)
        given.update(read_query(route.query))
        if route.keyed:
            given["key"] = read_key()
        if route.body is not None:
            lacks = route.may_lack_body and not await request.get_data(as_text=False)
            given["body"] = None if lacks else await read_body(route.body)
        if route.large and not route.public:
            await take_turn(runtime.answers, runtime.rests, identity.user.id)
        answer = await route.handler(**given)
        if isinstance(answer, Response):
            return answer
        if isinstance(answer, Page):
            return answer.response()
        if isinstance(answer, Refusal):
            raise refused(answer, route.words)
        return json(answer)

    return view
