"""What goes wrong over HTTP is always JSON with a `detail`, and shows nothing inner."""

import logging
from math import ceil
from typing import Any

from quart import Response, request
from quart_trio import QuartTrio
from werkzeug.exceptions import HTTPException

from trichat.auth.passwords import BusyError, ShareUsedError
from trichat.dialects.codec import encode
from trichat.store.health import StoreError

BUSY = "The server is busy, try again later"
CROWDED = "Too many requests with passwords from your address, try again later"
STORAGE_FAILED = "Storage is unavailable, nothing was changed; try again later"

_log = logging.getLogger(__name__)
DETAILS = {413: "Request body is too large", 500: "Internal server error"}


class RequestError(Exception):
    """The request ends here, with this answer."""

    def __init__(self, status: int, detail: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


def json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a value as an answer.

    It is the caller's alone and of this moment: no cache keeps it.
    """
    return json_bytes(encode(value), status, headers)


def json_bytes(value: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return bytes that are encoded already as such an answer."""
    response = Response(value, status, headers, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def retry_after(seconds: float) -> dict[str, str]:
    """Return the header that says when to try again: whole seconds, one at least."""
    return {"Retry-After": str(max(1, ceil(seconds)))}


def install(app: QuartTrio) -> None:
    """Answer the errors of every path of the app."""
    app.register_error_handler(RequestError, _requests)
    app.register_error_handler(StoreError, _storage)
    app.register_error_handler(BusyError, _busy)
    app.register_error_handler(ShareUsedError, _crowded)
    app.register_error_handler(HTTPException, _http)
    app.after_request(_without_body)


async def _requests(error: RequestError) -> Response:
    return json({"detail": error.detail}, error.status, error.headers)


async def _storage(error: StoreError) -> Response:
    _log.error("a request failed in storage", exc_info=error)
    return json({"detail": STORAGE_FAILED}, 503)


async def _busy(error: BusyError) -> Response:
    return json({"detail": BUSY}, 503, retry_after(error.retry_after))


async def _crowded(error: ShareUsedError) -> Response:
    return json({"detail": CROWDED}, 429, {"Retry-After": str(ceil(error.retry_after))})


async def _http(error: HTTPException) -> Any:
    if error.response is not None:  # abort() with an answer of its own
        return error.response
    status = error.code or 500
    headers = {k: v for k, v in error.get_headers() if k.lower() not in _BODY_HEADERS}
    return json({"detail": DETAILS.get(status, error.name)}, status, headers)


_BODY_HEADERS = frozenset({"content-type", "content-length"})


async def _without_body(response: Response) -> Response:
    """Answer HEAD with the headers of GET alone: neither Quart nor the server drops the body."""
    if request.method == "HEAD" and isinstance(response, Response):
        length = response.content_length
        response.set_data(b"")
        response.content_length = length
    return response
