"""What describes the API: /openapi.json, and Swagger UI over it at /swagger/ (room-12).

Swagger UI's files are in the package, the large ones compressed; the page asks for nothing from
elsewhere, and its Content-Security-Policy says so.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from gzip import decompress
from importlib.resources import files
from typing import Any, Final

from attrs import frozen
from quart import Response, request

from trichat.web.rest.openapi import document
from trichat.web.rest.routes import Route

_FILES: Final = files("trichat.web") / "static" / "swagger"
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


@frozen
class Asset:
    """A file of the package. packed: whether it lies there compressed."""

    name: str
    media: str
    packed: bool = False


_PAGE: Final = Asset("index.html", "text/html")
_ASSETS: Final = (
    Asset("swagger-ui-bundle.js", "text/javascript", packed=True),
    Asset("swagger-ui.css", "text/css", packed=True),
    Asset("start.js", "text/javascript"),
    Asset("favicon-32x32.png", "image/png"),
)


def routes(described: Sequence[Route]) -> tuple[Route, ...]:
    """The documents, which describe themselves too."""
    own = (
        Route("GET", "/openapi.json", _openapi(described, lambda: own), public=True),
        _served("/swagger/", _PAGE),
        *(_served(f"/swagger/{asset.name}", asset) for asset in _ASSETS),
    )
    return own


def _openapi(
    described: Sequence[Route], own: Callable[[], Sequence[Route]]
) -> Callable[..., Awaitable[Any]]:
    @cache
    def made() -> dict[str, Any]:
        return document([*described, *own()])

    async def openapi() -> dict[str, Any]:
        """This document."""
        return made()

    return openapi


def _served(path: str, asset: Asset) -> Route:
    async def serve() -> Response:
        packed = asset.packed and request.accept_encodings.best_match(["gzip"]) is not None
        response = Response(_read(asset, packed=packed), mimetype=asset.media)
        response.headers["Cache-Control"] = "public, max-age=3600"
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        if asset.packed:
            response.vary.add("Accept-Encoding")
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        return response

    serve.__doc__ = f"Swagger UI: {asset.name}."
    return Route("GET", path, serve, public=True, media=(asset.media,))


@cache
def _read(asset: Asset, *, packed: bool) -> bytes:
    data = (_FILES / f"{asset.name}{'.gz' if asset.packed else ''}").read_bytes()
    return data if packed or not asset.packed else decompress(data)
