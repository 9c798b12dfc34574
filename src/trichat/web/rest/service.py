"""The server says what it is and whether it is well (channels-rest 1)."""

from typing import TypedDict

from quart import Response, request

from trichat.runtime.server import Runtime
from trichat.web.rest.documents import front_page
from trichat.web.rest.errors import RequestError, json
from trichat.web.rest.routes import Route


class Greeting(TypedDict):
    """What answers here."""

    message: str
    version: str


class Health(TypedDict):
    """How the server is, in one word."""

    status: str


async def _greet() -> Response:
    """Tell what answers here.

    A browser gets a page that names the server and its documents; others get JSON.
    """
    wanted = request.accept_mimetypes.best_match(["application/json", "text/html"])
    response = front_page() if wanted == "text/html" else json(_GREETING)
    response.vary.add("Accept")
    return response


_GREETING: Greeting = {"message": "Pythia Conversations API", "version": "1.0.0"}


async def _health() -> Health:
    """Tell that the server answers."""
    return {"status": "healthy"}


async def _alive() -> Health:
    """Tell that the process serves."""
    return {"status": "ok"}


DRAINING = (503, "The server is shutting down")
NOT_STORING = (503, "Storage is unavailable")


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """Return routes that are open to everyone."""

    async def ready() -> Health:
        """Tell whether connections are taken: not while storage fails or the server ends."""
        if not runtime.connections.ready:
            raise RequestError(*DRAINING)
        if not runtime.storage.works:
            raise RequestError(*NOT_STORING)
        return {"status": "ready"}

    return (
        Route(
            "GET", "/", _greet,
            summary="Show what answers here",
            description=(
                "Names the API and its version, as JSON. A browser gets a page instead, with"
                " links to the documents of this server. Open to everyone."
            ),
            public=True, media=("application/json", "text/html"), shape=Greeting,
        ),
        Route(
            "GET", "/health", _health,
            summary="Check that the server answers",
            description=(
                "Returns `healthy` whenever a request comes through at all. Nothing is looked"
                " up, so it says nothing about storage: ask `/readyz` for that. Open to"
                " everyone."
            ),
            public=True,
        ),
        Route(
            "GET", "/healthz", _alive,
            summary="Check that the process is alive",
            description=(
                "Returns `ok` as long as the process serves requests: for supervisors, which"
                " restart one that does not. Open to everyone."
            ),
            public=True,
        ),
        Route(
            "GET", "/readyz", ready,
            summary="Check whether to send clients here",
            description=(
                "Returns `ready` while new connections are taken: for load balancers. Fails with"
                " 503 while nothing can be stored, and as soon as the server has begun to shut"
                " down. Open to everyone."
            ),
            refuses=(DRAINING, NOT_STORING), public=True,
        ),
    )  # fmt: skip
