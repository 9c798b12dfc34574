"""What is here, and is it well (channels-rest 1)."""

from typing import TypedDict

from trichat.runtime.server import Runtime
from trichat.web.rest.errors import RequestError
from trichat.web.rest.routes import Route


class Greeting(TypedDict):
    """What answers here."""

    message: str
    version: str


class Health(TypedDict):
    """A word."""

    status: str


async def _greet() -> Greeting:
    """What is here."""
    return {"message": "Pythia Conversations API", "version": "1.0.0"}


async def _health() -> Health:
    """Is it well."""
    return {"status": "healthy"}


async def _alive() -> Health:
    """Does the process serve."""
    return {"status": "ok"}


DRAINING = (503, "The server is shutting down")
NOT_STORING = (503, "Storage is unavailable")


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """Open to everyone."""

    async def ready() -> Health:
        """Should anyone be sent here. (While it starts, nothing listens.)"""
        if not runtime.connections.ready:
            raise RequestError(*DRAINING)
        if not runtime.storage.works:
            raise RequestError(*NOT_STORING)
        return {"status": "ready"}

    return (
        Route("GET", "/", _greet, public=True),
        Route("GET", "/health", _health, public=True),
        Route("GET", "/healthz", _alive, public=True),
        Route("GET", "/readyz", ready, refuses=(DRAINING, NOT_STORING), public=True),
    )
