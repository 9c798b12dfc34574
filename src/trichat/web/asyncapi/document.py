"""The document of the WebSocket side, AsyncAPI 3, made from the dialects and their endpoints."""

from importlib.metadata import version
from typing import Any, Final

from trichat.dialects.disconnects import Farewell
from trichat.web.asyncapi.messages import Messages, messages
from trichat.web.asyncapi.speech import SPEECHES, Speech
from trichat.web.endpoints import ROOMS, Endpoint, Endpoints
from trichat.web.labels import unlabelled
from trichat.web.rest.asked import Asked

_DESCRIPTION: Final = """\
One chat, five APIs: the same users, rooms and messages behind all of them, each in the frames of
its own document. Frames are JSON objects in text messages. The HTTP side is described at
[swagger/](swagger/).

A message is stored before anyone is told. On one socket, answers come in the order of requests.

The handshake is that of RFC 6455 over HTTP/1.1. Another version of it than 13, and plain HTTP on
the address of a socket, get 426 with `Sec-WebSocket-Version: 13`. A subprotocol that is offered is
answered with none, as no API here has one; a browser then closes, so a page offers none.
"""
_SECURITY: Final = {
    "token": {
        "type": "httpApiKey",
        "name": "token",
        "in": "query",
        "description": "An access token in the query string.",
    },
    "ticket": {
        "type": "httpApiKey",
        "name": "ticket",
        "in": "query",
        "description": "A ticket in the query string, made over REST for this one connection.",
    },
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "key": {
        "type": "httpApiKey",
        "name": "x-api-key",
        "in": "header",
        "description": "An API key, made over REST or by the operator.",
    },
}
_RESUME: Final = (
    "Asks to be told where the connection stands, and what was missed: a cursor, or 1 for who has"
    " none. Without it no frame has a cursor."
)
# Told by an HTTP status where refusals come before the upgrade.
_EARLY: Final = frozenset(
    {
        Farewell.TOKEN_MISSING,
        Farewell.TOKEN_INVALID,
        Farewell.TICKET_INVALID,
        Farewell.KEY_INVALID,
        Farewell.UNDECIDED,
        Farewell.CROWDED,
    }
)
_YES_NO: Final = ("no", "yes")
Json = dict[str, Any]


def document(endpoints: Endpoints) -> Json:
    """All of it."""
    doors = [*endpoints.fixed.items(), (f"{ROOMS}{{room_name}}/", endpoints.room(""))]
    document: Json = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "trichat",
            "version": version("trichat"),
            "description": _DESCRIPTION,
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {},  # whoever is asked names themselves
        "channels": {},
        "operations": {},
        "components": {"messages": {}, "schemas": {}, "securitySchemes": _SECURITY},
    }
    order = list(SPEECHES)
    for path, endpoint in sorted(doors, key=lambda door: order.index(door[1].dialect.name)):
        _add(document, path, endpoint)
    made: Json = unlabelled(document)
    return made


def named(document: Json, server: Asked) -> Json:
    """The document as this server answers it."""
    here = {"host": server.host, "protocol": server.socket_scheme}
    if server.prefix:
        here["pathname"] = server.prefix
    return {**document, "servers": {"here": here}}


def _add(document: Json, path: str, endpoint: Endpoint) -> None:
    name = endpoint.dialect.name
    speech = SPEECHES[name]
    said = messages(endpoint.resuming, speech, f"#/components/schemas/{name}.{{name}}")
    components = document["components"]
    components["schemas"] |= {f"{name}.{part}": schema for part, schema in said.parts.items()}
    components["schemas"] |= {f"{name}.{each}": said.payloads[each] for each in said.payloads}
    components["messages"] |= {
        f"{name}.{each}": _message(name, each, said) for each in said.payloads
    }
    document["channels"][name] = _channel(path, endpoint, speech, said)
    document["operations"] |= _operations(endpoint, said)


def _message(dialect: str, name: str, said: Messages) -> Json:
    payload = said.payloads[name]
    return {
        "name": name.partition(".")[2],
        "title": name.partition(".")[2],
        "summary": payload.get("description", ""),
        "payload": {"$ref": f"#/components/schemas/{dialect}.{name}"},
        "examples": [{"payload": example} for example in said.examples.get(name, ())],
    }


# -- channels


def _channel(path: str, endpoint: Endpoint, speech: Speech, said: Messages) -> Json:
    name = endpoint.dialect.name
    channel: Json = {
        "address": path,
        "title": name,
        "description": f"{speech.about}\n\n{_ways_in(endpoint)}\n\n{_closes(endpoint)}",
        "messages": {
            each: {"$ref": f"#/components/messages/{name}.{each}"} for each in said.payloads
        },
        "bindings": {"ws": _binding(endpoint)},
    }
    if "{" in path:
        described = "A room's name, or the UUID of any room one may visit."
        channel["parameters"] = {"room_name": {"description": described}}
    return channel


def _ways_in(endpoint: Endpoint) -> str:
    ways = ["`?token=` in the query", "`?ticket=` in the query"]
    if endpoint.keys:
        ways.insert(0, "an `x-api-key` header")
    if endpoint.headers:
        ways.insert(0, "an `Authorization: Bearer` header")
    credentials = f"Credentials: {', '.join(ways)}; the first one present decides."
    if endpoint.early:
        return (
            f"{credentials} Refused with HTTP 401 before the upgrade; too many connections of a"
            " user with HTTP 429; 503 while it is not known whether the token is good."
        )
    return f"{credentials} Refused with a close code after the upgrade."


def _closes(endpoint: Endpoint) -> str:
    """A table of how the server closes a connection of this dialect."""
    early = _EARLY if endpoint.early else frozenset()
    lines = [
        f"| {code} | {endpoint.words(each)} | {_when(endpoint, each)} | {_YES_NO[each.again]} |"
        for each, code in sorted(endpoint.dialect.codes.items(), key=lambda item: item[1])
        if each not in early
    ]
    return "\n".join(
        ("| close code | reason | when | connect again |", "|---|---|---|---|", *lines)
    )


def _when(endpoint: Endpoint, farewell: Farewell) -> str:
    strikes = endpoint.dialect.strikes
    if farewell is Farewell.NONSENSE and strikes is not None:
        return f"{strikes} frames in a row that are no JSON objects, or {farewell.about}"
    if farewell is Farewell.TOO_BIG:
        return f"a message of more than {endpoint.limits.max_message} bytes"
    return farewell.about


def _binding(endpoint: Endpoint) -> Json:
    text = {"type": "string"}
    binding: Json = {
        "method": "GET",
        "query": {
            "type": "object",
            "properties": {
                "token": text,
                "ticket": text,
                "resume": {**text, "description": _RESUME},
            },
        },
        "bindingVersion": "0.1.0",
    }
    headers = {}
    if endpoint.headers:
        headers["Authorization"] = {**text, "pattern": "^[Bb]earer "}
    if endpoint.keys:
        headers["x-api-key"] = text
    if headers:
        binding["headers"] = {"type": "object", "properties": headers}
    return binding


# -- operations: what the server receives and sends


def _operations(endpoint: Endpoint, said: Messages) -> Json:
    name = endpoint.dialect.name
    channel = {"$ref": f"#/channels/{name}"}
    schemes = ["token", "ticket", *["bearer"] * endpoint.headers, *["key"] * endpoint.keys]
    security = [{"$ref": f"#/components/securitySchemes/{scheme}"} for scheme in schemes]

    def referred(messages: Any) -> list[Json]:
        return [{"$ref": f"#/channels/{name}/messages/{each}"} for each in messages]

    operations: Json = {
        f"{name}.push": {
            "action": "send",
            "channel": channel,
            "summary": "What the server sends by itself, and in answer to what is no request.",
            "messages": referred(said.pushes),
            "security": security,
        }
    }
    for request, replies in said.replies.items():
        operation = {
            "action": "receive",
            "channel": channel,
            "summary": said.payloads[f"ask.{request}"].get("description", ""),
            "messages": referred([f"ask.{request}"]),
            "security": security,
        }
        if replies:
            operation["reply"] = {"channel": channel, "messages": referred(replies)}
        operations[f"{name}.{request}"] = operation
    return operations
