"""The WebSocket side describes itself: /asyncapi.json, for the five dialects.

Each endpoint has the words that its dialect says of itself; messages.py lets the dialects decode
requests and encode what might happen; document.py puts it into the form of AsyncAPI 3.
"""

from functools import cache
from typing import Any

from trichat.settings.addresses import Addresses
from trichat.web.asyncapi.document import document, named
from trichat.web.endpoints import Endpoints
from trichat.web.rest.asked import asked
from trichat.web.rest.routes import Route


def routes(endpoints: Endpoints, addresses: Addresses) -> tuple[Route, ...]:
    """/asyncapi.json. addresses: which proxies are trusted."""

    @cache
    def made() -> dict[str, Any]:
        return document(endpoints)

    async def asyncapi() -> dict[str, Any]:
        return named(made(), asked(addresses))

    return (
        Route(
            "GET", "/asyncapi.json", asyncapi,
            summary="Show the document of the WebSocket APIs",
            description=(
                "Returns the description of the five WebSocket APIs of this server, in AsyncAPI 3,"
                " for programs; `/asyncapi/` shows it as a page. Open to everyone."
            ),
            public=True,
        ),
    )  # fmt: skip
