"""What is here, and is it well (channels-rest 1)."""

from typing import Any

from trichat.runtime.server import Runtime
from trichat.web.rest.routes import Route


async def _greet() -> dict[str, Any]:
    return {"message": "Pythia Conversations API", "version": "1.0.0"}


async def _health() -> dict[str, Any]:
    return {"status": "healthy"}


async def _alive() -> dict[str, Any]:
    return {"status": "ok"}


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """Open to everyone."""
    return (
        Route("GET", "/", _greet, public=True),
        Route("GET", "/health", _health, public=True),
        Route("GET", "/healthz", _alive, public=True),
    )
