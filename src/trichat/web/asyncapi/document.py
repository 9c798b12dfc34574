"""The document of the WebSocket side, AsyncAPI 3, made from the dialects and their endpoints."""

from importlib.metadata import version
from typing import Any, Final

from trichat.dialects.description import Operation, Speech
from trichat.web.asyncapi.channel import Json, channel
from trichat.web.asyncapi.messages import Messages, messages
from trichat.web.endpoints import Endpoint, Endpoints
from trichat.web.rest.asked import Asked

_DESCRIPTION: Final = """\
One chat, five APIs: the same users, rooms and messages behind all of them, each in the frames of
its own document. Frames are JSON objects in text messages. The HTTP side is described at
[swagger/](swagger/).

A message is stored before anyone gets it. On one socket, answers come in the order of requests.

Lengths of texts are in code points. A text for which no length is named may be as long as its
message allows: more bytes than the table of close codes says end the connection. A text that is
said shows something: one of white space and invisible characters alone is refused, and so is one
with NUL or a lone surrogate.

What is refused is answered in the words that stand in the schema of each API's refusals, and
nothing else: they are for programs. A connection ends with a close code and a reason, and the
table says when connecting again makes sense.

With `?resume=1` in the query, and later with the last cursor in place of the 1, a client gets
what it missed: frames of events bear a `cursor`, a `gap` says where more is missing than is
replayed, and a message may be sent with a `client_key`, by which it is stored once however often it
is sent. Without the parameter there is nothing of this in any frame.

The handshake is that of RFC 6455 over HTTP/1.1. Another version of it than 13, and plain HTTP on
the address of a socket, get 426 with `Sec-WebSocket-Version: 13`. A subprotocol that is offered is
answered with none, as no API here has one; a browser then closes, so a page offers none.
Every API's handshake may get 403 for a page whose origin may open no sockets here, 429 where an
address has too many connections, and 503 with `Retry-After` where the server is full, ends, or lets
others in first.
"""
_PUSH: Final = Operation(
    "Receive what happens",
    "The server sends these messages by itself: on connecting, as things happen, and before it"
    " closes the connection. Some also answer a frame that is not a request.",
)
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


def document(endpoints: Endpoints) -> Json:
    """Return the whole document."""
    document: Json = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "trichat",
            "version": version("trichat"),
            "description": _DESCRIPTION,
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {},  # filled in by the server that is asked
        "channels": {},
        "operations": {},
        "components": {"messages": {}, "schemas": {}, "securitySchemes": _SECURITY},
    }
    for path, endpoint in endpoints.described.items():
        _add(document, path, endpoint, endpoints.text)
    return document


def named(document: Json, server: Asked) -> Json:
    """Return the document as this server answers it."""
    here = {"host": server.host, "protocol": server.socket_scheme}
    if server.prefix:
        here["pathname"] = server.prefix
    return {**document, "servers": {"here": here}}


def _add(document: Json, path: str, endpoint: Endpoint, longest: int) -> None:
    name, speech = endpoint.dialect.name, endpoint.speech
    at = f"#/components/schemas/{name}.{{name}}"
    said = messages(endpoint.resuming, speech, at, longest=longest)
    components = document["components"]
    components["schemas"] |= {f"{name}.{part}": schema for part, schema in said.parts.items()}
    components["schemas"] |= {f"{name}.{each}": said.payloads[each] for each in said.payloads}
    components["messages"] |= {
        f"{name}.{each}": _message(endpoint, each, said) for each in said.payloads
    }
    document["channels"][name] = channel(path, endpoint, said)
    document["operations"] |= _operations(endpoint, said)


def _message(endpoint: Endpoint, name: str, said: Messages) -> Json:
    return {
        "name": name.partition(".")[2],
        "title": name.partition(".")[2],
        "summary": _summary(endpoint.speech, name, said),
        "payload": {"$ref": f"#/components/schemas/{endpoint.dialect.name}.{name}"},
        "examples": [{"payload": example} for example in said.examples.get(name, ())],
    }


def _summary(speech: Speech, name: str, said: Messages) -> str:
    side, _, request = name.partition(".")
    if side == "ask":
        return speech.operations[request].summary
    words: str = said.payloads[name]["description"]
    return words


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
            "summary": _PUSH.summary,
            "description": _PUSH.description,
            "messages": referred(said.pushes),
            "security": security,
        }
    }
    for request, replies in said.replies.items():
        operation = {
            "action": "receive",
            "channel": channel,
            "summary": endpoint.speech.operations[request].summary,
            "description": endpoint.speech.operations[request].description,
            "messages": referred([f"ask.{request}"]),
            "security": security,
        }
        if replies:
            operation["reply"] = {"channel": channel, "messages": referred(replies)}
        operations[f"{name}.{request}"] = operation
    return operations
