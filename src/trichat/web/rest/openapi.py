"""The API's own document, OpenAPI 3.1, made from the routes that are served.

An operation's words, parameters, body, answers and refusals are what its Route says; shapes are
the classes that bodies are read into and that handlers return. The docstring of such a class is
its description, and is written for those who use the API. quart-schema cannot say what refusals,
pages and bounds of values are (ADR 10).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from trichat.core.refusals import Refusal
from trichat.web.rest import keying
from trichat.web.rest.bodies import PACKED, schema_of
from trichat.web.rest.caller import UNDECIDED
from trichat.web.rest.errors import DETAILS, STORAGE_FAILED
from trichat.web.rest.pages import Page
from trichat.web.rest.problems import Problem, Problems
from trichat.web.rest.refused import COMMON
from trichat.web.rest.routes import Route
from trichat.web.rest.turns import CROWDED
from trichat.web.schemas import AT, schemas

JSON = "application/json"
_VARIABLE = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_DESCRIPTION = """\
One server, five WebSocket APIs, and this HTTP API beside them; the WebSocket side is described at
[asyncapi/](../asyncapi/).

Two-word keys of users, channels, messages and reactions stand in answers in both casings with the
same value.

Every GET answers HEAD as well, every path OPTIONS. What no operation answers stands under
components/responses: 404 for a path that is not here, 405 for a method that it does not have, 307
for a path with a last slash too many or too few, 426 for a WebSocket endpoint that is asked without
an upgrade or for another version of it (400 without a key). At any path 400 answers what is no
proper HTTP, 408 a head that does not come in time, 431 one that is too large, 505 another version
of HTTP, and 429 an address with too many connections.
"""
_PROBLEM: dict[str, Any] = {"$ref": AT.format(name=Problem.__name__)}
_HEADERS = {
    401: {"WWW-Authenticate": "the scheme that is expected"},
    415: {"Accept-Encoding": "what is taken"},
    429: {"Retry-After": "seconds to wait"},
    503: {"Retry-After": "seconds to wait, where that is known"},
}


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """Return the whole document, as a JSON object."""
    shapes = [Problem, Problems, *(_answer(route) for route in routes)]
    bodies = [route.body for route in routes if route.body is not None]
    made, components = schemas([*shapes, *bodies], schema_of)
    _, _, *answers = made
    paths: dict[str, dict[str, Any]] = {}
    for route, answer in zip(routes, answers, strict=False):
        path = _VARIABLE.sub(r"{\1}", route.path)
        operation = _operation(route, answer)
        links = _links(route, routes)
        if links:
            operation["responses"]["200"]["links"] = links
        paths.setdefault(path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "trichat",
            "version": version("trichat"),
            "description": _DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [],  # filled in by the server that is asked
        "security": [{"bearer": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(map(_tag, routes))],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": _ELSEWHERE,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The `access_token` that registering and logging in answer.",
                }
            },
        },
    }


def _operation(route: Route, answer: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _name(route),
        "tags": [_tag(route)],
        "summary": route.summary,
        "description": route.description,
        "parameters": [*_parameters(route)],
        "responses": {
            "200": _content("What was asked for.", answer, route.media, headers=_more(route)),
            **_no(route),
        },
    }
    if route.public:
        operation["security"] = []
    if route.body is not None:
        operation["requestBody"] = {
            "required": not route.may_lack_body,
            "content": {JSON: {"schema": {"$ref": AT.format(name=route.body.__name__)}}},
        }
    return operation


def _more(route: Route) -> dict[str, str]:
    """Return the header that a page of a list has beside its entries."""
    hint = get_type_hints(route.handler)["return"]
    paged = any(get_origin(each) is Page for each in (hint, *get_args(hint)))
    return {"Link": 'where the list goes on: <?limit=…>; rel="next"'} if paged else {}


def _name(route: Route) -> str:
    """Return a unique name, as the pair of method and path is."""
    words = re.findall(r"[A-Za-z0-9]+", route.path.removeprefix("/api/v1"))
    return "_".join((route.method.lower(), *words))


def _tag(route: Route) -> str:
    """Return what the path is about. The pages' files are in folders, and come last."""
    _, *names = route.path.removeprefix("/api/v1").split("/")
    if route.path.startswith("/api/"):
        return names[0]
    return "pages" if len(names) > 1 else "server"


def _answer(route: Route) -> Any:
    """Return the shape of success: the handler's return type without refusals."""
    if route.shape is not None:
        return route.shape
    if JSON not in route.media:
        return str
    hint = get_type_hints(route.handler, include_extras=True)["return"]
    if get_origin(hint) not in (Union, UnionType):
        return _listed(hint)
    kept = [_listed(each) for each in get_args(hint) if not _is_refusal(each)]
    return Union[tuple(kept)]  # noqa: UP007 - of a tuple


def _listed(hint: Any) -> Any:
    """Return the array that a page is, or the hint itself."""
    return list[get_args(hint)[0]] if get_origin(hint) is Page else hint  # type: ignore[misc]


def _is_refusal(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Refusal)


def _parameters(route: Route) -> Iterator[dict[str, Any]]:
    for name in _VARIABLE.findall(route.path):
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1},
        }
    for name, parameter in route.query.items():
        yield {"name": name, "in": "query", "schema": parameter.schema}
    if route.keyed:
        yield {
            "name": keying.HEADER,
            "in": "header",
            "description": "The caller's own name for this request: it is carried out once, and"
            " answered as the first time when it comes again.",
            "schema": keying.SCHEMA,
        }


def _links(route: Route, routes: Sequence[Route]) -> dict[str, Any]:
    """Return where the id of what was made is used: in every path that has its variable."""
    if route.method != "POST" or "<" in route.path:
        return {}
    within = re.escape(route.path.rstrip("/"))
    ids = {found[1] for other in routes if (found := re.match(rf"{within}/<(\w+)>", other.path))}
    return {
        _name(other): {"operationId": _name(other), "parameters": {id_: "$response.body#/id"}}
        for id_ in ids
        for other in routes
        if id_ in _VARIABLE.findall(other.path)
    }


# -- refusals


def _no(route: Route) -> dict[str, Any]:
    """Return every other status there is, with what it says."""
    words: dict[int, list[str]] = {}
    for status, detail in (*_declared(route), *_common(route)):
        said = words.setdefault(status, [])
        if detail not in said:
            said.append(detail)
    return {str(status): _refusal(route, status, words[status]) for status in sorted(words)}


def _declared(route: Route) -> Iterator[tuple[int, str]]:
    yield from route.words.values()
    for refusal in route.refuses:
        if isinstance(refusal, tuple):
            yield refusal
        elif refusal not in route.words:
            yield COMMON[refusal]


def _common(route: Route) -> Iterator[tuple[int, str]]:
    """Give what comes with credentials, bodies, paths and storage."""
    if route.large:
        yield CROWDED
    if not route.public:
        yield 401, "Not authenticated"
        yield 401, "Could not validate credentials"
    if "<" in route.path:
        yield 404, "Not Found"
    if route.body is not None:
        yield 408, "Request Timeout"
        yield 413, DETAILS[413]
        yield PACKED
    if route.body is not None or route.query:
        yield 422, "every item that is wrong"
    yield 500, DETAILS[500]
    if route.body is not None or not route.public:
        yield 503, STORAGE_FAILED
    if not route.public:
        yield 503, UNDECIDED


def _refusal(route: Route, status: int, words: Iterable[str]) -> dict[str, Any]:
    schema = _PROBLEM
    if status == 422:
        listed = {"$ref": AT.format(name=Problems.__name__)}
        in_words = any(code == 422 for code, _ in _declared(route))
        schema = {"anyOf": [schema, listed]} if in_words else listed
    return _content("; ".join(words), schema, headers=_HEADERS.get(status, {}))


def _content(
    description: str,
    schema: dict[str, Any],
    media: Sequence[str] = (JSON,),
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    text = {"type": "string"}
    content = {each: {"schema": schema if each == JSON else text} for each in media}
    response: dict[str, Any] = {"description": description, "content": content}
    if headers:
        response["headers"] = _headers(headers)
    return response


def _headers(described: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: {"description": what, "schema": {"type": "string"}}
        for name, what in described.items()
    }


# What no operation answers.
_ELSEWHERE = {
    "UpgradeRequired": _content(
        "This is a WebSocket address, with words on what is spoken there",
        _PROBLEM,
        headers={"Upgrade": "websocket", "Sec-WebSocket-Version": "13"},
    ),
    "NotFound": _content("Not Found", _PROBLEM),
    "MethodNotAllowed": _content(
        "Method Not Allowed", _PROBLEM, headers={"Allow": "the methods that it has"}
    ),
    "OtherSpelling": {
        "description": "Temporary Redirect",
        "headers": _headers({"Location": "the same path as it is spelled here"}),
    },
}
