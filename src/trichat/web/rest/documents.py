"""The API is described at /openapi.json, and shown at /swagger/ (room-12) and /asyncapi/.

The pages' files are in the package, the large ones compressed; they ask for nothing from elsewhere,
and their Content-Security-Policy says so.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from gzip import decompress
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Final

from attrs import frozen
from quart import Response, request

from trichat.settings.addresses import Addresses
from trichat.web.rest.asked import asked
from trichat.web.rest.openapi import document
from trichat.web.rest.routes import Route

_FILES: Final = files("trichat.web") / "static"
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

    folder: str
    name: str
    media: str
    packed: bool = False

    @property
    def path(self) -> str:
        """The path at which it is served: of an index its folder, of an icon where browsers ask for
        it.
        """
        if self.name == "favicon.ico":
            return f"/{self.name}"
        return f"/{self.folder}/{self.name}".removesuffix("index.html")


_PAGES: Final = {
    "front": "the front page",
    "swagger": "the page about the HTTP API",
    "asyncapi": "the page about the WebSocket APIs",
}
FRONT: Final = Asset("front", "index.html", "text/html")
_ASSETS: Final = (
    Asset("front", "page.css", "text/css"),
    Asset("front", "favicon.ico", "image/vnd.microsoft.icon"),
    Asset("swagger", "index.html", "text/html"),
    Asset("swagger", "swagger-ui-bundle.js", "text/javascript", packed=True),
    Asset("swagger", "swagger-ui.css", "text/css", packed=True),
    Asset("swagger", "start.js", "text/javascript"),
    Asset("swagger", "favicon-32x32.png", "image/png"),
    Asset("asyncapi", "index.html", "text/html"),
    Asset("asyncapi", "page.js", "text/javascript"),
    Asset("asyncapi", "page.css", "text/css"),
)


def routes(described: Sequence[Route], addresses: Addresses) -> tuple[Route, ...]:
    """Return the routes of the documents, which describe themselves too.

    addresses: which proxies are trusted.
    """
    own = (
        Route(
            "GET", "/openapi.json", _openapi(described, lambda: own, addresses),
            summary="Show this document",
            description=(
                "Returns the description of the HTTP API of this server, in OpenAPI 3.1, for"
                " programs; `/swagger/` shows it as a page. Open to everyone."
            ),
            public=True,
        ),
        *map(_served, _ASSETS),
    )  # fmt: skip
    return own


def _openapi(
    described: Sequence[Route], own: Callable[[], Sequence[Route]], addresses: Addresses
) -> Callable[..., Awaitable[Any]]:
    @cache
    def whole() -> dict[str, Any]:
        return document([*described, *own()])

    async def openapi() -> dict[str, Any]:
        return {**whole(), "servers": [{"url": asked(addresses).url}]}

    return openapi


def front_page() -> Response:
    """Return what a browser shows that opens the server's address."""
    text = read(FRONT, packed=False).decode()
    return _file(FRONT, text.replace("{version}", version("trichat")).encode())


def _file(asset: Asset, data: bytes) -> Response:
    response = Response(data, mimetype=asset.media)
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _served(asset: Asset) -> Route:
    async def serve() -> Response:
        packed = asset.packed and request.accept_encodings.best_match(["gzip"]) is not None
        response = _file(asset, read(asset, packed=packed))
        if asset.packed:
            response.vary.add("Accept-Encoding")
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        return response

    what = "The page itself" if asset.name == "index.html" else "A part of the page"
    return Route(
        "GET", asset.path, serve,
        summary=f"Get {asset.name} of {_PAGES[asset.folder]}",
        description=f"{what}, for browsers. Open to everyone.",
        public=True, media=(asset.media,),
    )  # fmt: skip


@cache
def read(asset: Asset, *, packed: bool) -> bytes:
    """Return the bytes of an asset. packed: as they lie in the package, compressed."""
    data = (_FILES / asset.folder / f"{asset.name}{'.gz' if asset.packed else ''}").read_bytes()
    return data if packed or not asset.packed else decompress(data)
