"""One endpoint as a channel of the document: how a connection is made, kept alive and closed."""

from typing import Any, Final

from trichat.core.text import MAX_NAME
from trichat.dialects.disconnects import OF_CREDENTIALS, OF_KEYS, DisconnectReason
from trichat.web.asyncapi.messages import Messages
from trichat.web.endpoints import Endpoint
from trichat.web.refusals import early_status

Json = dict[str, Any]

_RESUME: Final = (
    "Asks where the connection stands, and for what was missed: a cursor, or 1 for who has"
    " none. Without it no frame has a cursor."
)
# Where refusals come before the upgrade: those that are an HTTP status alone.
_AT_THE_DOOR: Final = frozenset(
    {
        DisconnectReason.TOKEN_MISSING,
        DisconnectReason.TOKEN_INVALID,
        DisconnectReason.TICKET_INVALID,
        DisconnectReason.KEY_INVALID,
        DisconnectReason.UNDECIDED,
        DisconnectReason.CROWDED,
    }
)
_EARLY: Final = _AT_THE_DOOR | OF_CREDENTIALS | OF_KEYS | {DisconnectReason.STORAGE_FAILED}
_ALL_ROOMS: Final = (
    "`all`: every room that the user is a member of is a conversation, not only those of two."
)
_YES_NO: Final = ("no", "yes")
_RULE: Final = "|---|---|---|---|"


def channel(path: str, endpoint: Endpoint, said: Messages) -> Json:
    """Describe one endpoint: its address, how it is entered, kept and left, and its messages."""
    name = endpoint.dialect.name
    described = (endpoint.speech.about, _ways_in(endpoint), _heartbeat(endpoint), _closes(endpoint))
    made: Json = {
        "address": path,
        "title": name,
        "description": "\n\n".join(described),
        "messages": {
            each: {"$ref": f"#/components/messages/{name}.{each}"} for each in said.payloads
        },
        "bindings": {"ws": _binding(endpoint)},
    }
    if "{" in path:
        about = (
            f"A room's name, 1 to {MAX_NAME} code points, not blank, without control characters and"
            " /; or the UUID of any room one may visit."
        )
        made["parameters"] = {"room_name": {"description": about}}
    return made


def _ways_in(endpoint: Endpoint) -> str:
    ways = ["`?token=` in the query", "`?ticket=` in the query"]
    if endpoint.keys:
        ways.insert(0, "an `x-api-key` header")
    if endpoint.headers:
        ways.insert(0, "an `Authorization: Bearer` header")
    credentials = f"Credentials: {', '.join(ways)}; the first one present decides."
    if not endpoint.early:
        return f"{credentials} Refused with a close code after the upgrade."
    rows = [
        f"| {early_status(each)} | {endpoint.words(each)} | {each.about} | {_YES_NO[each.again]} |"
        for each in sorted(endpoint.dialect.codes, key=early_status)
        if each in _EARLY
    ]
    early = "Refused before the upgrade with HTTP 401, HTTP 429 or HTTP 503; `detail` says why."
    return "\n".join(
        (
            f"{credentials} {early}\n",
            "| HTTP status | detail | when | connect again |",
            _RULE,
            *rows,
        )
    )


def _heartbeat(endpoint: Endpoint) -> str:
    pace, limits = endpoint.pace, endpoint.limits
    return (
        f"The server sends a WebSocket ping every {pace.ping_period:g} seconds. A peer from which"
        f" nothing comes for {pace.patience:g} seconds, not even the pong that browsers and"
        f" libraries send by themselves, is closed with 1001; one that takes nothing of what waits"
        f" for it for {limits.write_timeout:g} seconds is too slow."
    )


def _closes(endpoint: Endpoint) -> str:
    """Make a table of how the server closes a connection of this dialect."""
    early = _AT_THE_DOOR if endpoint.early else frozenset()
    lines = [
        f"| {code} | {endpoint.words(each)} | {_when(endpoint, each)} | {_YES_NO[each.again]} |"
        for each, code in sorted(endpoint.dialect.codes.items(), key=lambda item: item[1])
        if each not in early
    ]
    return "\n".join(("| close code | reason | when | connect again |", _RULE, *lines))


def _when(endpoint: Endpoint, cause: DisconnectReason) -> str:
    strikes = endpoint.dialect.strikes
    if cause is DisconnectReason.NONSENSE and strikes is not None:
        return f"{strikes} frames in a row that are no JSON objects, or {cause.about}"
    if cause is DisconnectReason.TOO_BIG:
        return f"a message of more than {endpoint.limits.max_message} bytes"
    return cause.about


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
    if endpoint.all_rooms:
        binding["query"]["properties"]["rooms"] = {**text, "description": _ALL_ROOMS}
    headers = {}
    if endpoint.headers:
        headers["Authorization"] = {**text, "pattern": "^[Bb]earer "}
    if endpoint.keys:
        headers["x-api-key"] = text
    if headers:
        binding["headers"] = {"type": "object", "properties": headers}
    return binding
