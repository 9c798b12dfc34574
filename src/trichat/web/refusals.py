"""An upgrade request is turned away by an HTTP answer, or by a close frame that says why."""

from collections.abc import Mapping

from trichat.dialects.codec import encode
from trichat.dialects.disconnects import DisconnectReason
from trichat.runtime.server import Runtime
from trichat.web.endpoints import Endpoint
from trichat.wire.handshake import ScopeHandshake
from trichat.wire.link import Handshake

_NO_HEADERS: Mapping[str, str] = {}

UNAUTHORIZED, TOO_MANY, UNAVAILABLE = 401, 429, 503
# The status before the upgrade, where a document has one, and the word that is counted.
_EARLY: Mapping[DisconnectReason, tuple[int, str]] = {
    DisconnectReason.CROWDED: (TOO_MANY, "crowded"),
    DisconnectReason.UNDECIDED: (UNAVAILABLE, "undecided"),
    DisconnectReason.STORAGE_FAILED: (UNAVAILABLE, "failed"),
}


async def refuse(
    handshake: Handshake, status: int, detail: str, more: Mapping[str, str] = _NO_HEADERS
) -> None:
    """Answer with a status and a JSON body. more: further header fields."""
    body = encode({"detail": detail})
    headers = {"content-type": "application/json", **more, "content-length": str(len(body))}
    if isinstance(handshake, ScopeHandshake):  # over HTTP/1.1 the connection ends here
        headers["connection"] = "close"
    if status == UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    await handshake.refuse(status, body, headers)


def early_status(cause: DisconnectReason) -> int:
    """Return the HTTP status of this refusal where a document refuses before the upgrade."""
    return _EARLY.get(cause, (UNAUTHORIZED, ""))[0]


async def turn_away(
    runtime: Runtime,
    endpoint: Endpoint,
    handshake: Handshake,
    cause: DisconnectReason,
    more: Mapping[str, str] = _NO_HEADERS,
) -> None:
    """Refuse with a close code the peer can see, or before the upgrade if the document says so.

    more: header fields of the latter (all-2).
    """
    status, counted = _EARLY.get(cause, (UNAUTHORIZED, "unauthorized"))
    runtime.metrics.dialect(endpoint.dialect.name).error(counted)
    words = endpoint.words(cause)
    if endpoint.early:
        await refuse(handshake, status, words, more)
        return
    link = await handshake.accept()
    await link.close(endpoint.dialect.codes[cause], words)


async def too_busy(runtime: Runtime, endpoint: Endpoint, handshake: Handshake) -> None:
    """Answer 503, in every dialect: the server is full, or ends, or too many wait to be let in."""
    runtime.metrics.dialect(endpoint.dialect.name).error("busy")
    more = {"retry-after": str(runtime.admissions.retry_after())}
    await refuse(handshake, UNAVAILABLE, "The server takes no more connections", more)
