"""The WebSocket side describes itself: /asyncapi.json, for the five dialects.

speech.py names what is said in each, samples.py what might happen; messages.py lets the dialects
decode the one and encode the other; document.py puts it into the form of AsyncAPI 3.
"""

from functools import cache
from typing import Any

from trichat.web.asyncapi.document import document
from trichat.web.endpoints import Endpoints
from trichat.web.rest.routes import Route


def routes(endpoints: Endpoints) -> tuple[Route, ...]:
    """/asyncapi.json"""

    @cache
    def made() -> dict[str, Any]:
        return document(endpoints)

    async def asyncapi() -> dict[str, Any]:
        """The document of the five WebSocket APIs, AsyncAPI 3."""
        return made()

    return (Route("GET", "/asyncapi.json", asyncapi, public=True),)
