"""The Quart app serves one runtime."""

import trio
from quart_trio import QuartTrio

from trichat.runtime.server import Runtime
from trichat.web import asyncapi, ops, plainhttp, rest
from trichat.web.anyhost import App
from trichat.web.endpoints import Endpoints
from trichat.web.sockets import Gateway, add_routes


def create_app(runtime: Runtime, endpoints: Endpoints, nursery: trio.Nursery) -> QuartTrio:
    """Make the app: REST, the five endpoints as routes, and the wrapper that takes connections."""
    app = App("trichat", static_folder=None)
    dialects = [dialect.name for dialect in endpoints.dialects]
    others = (*ops.routes(runtime, dialects), *asyncapi.routes(endpoints, runtime.addresses))
    plainhttp.install(app, endpoints, runtime.addresses)
    rest.register(app, runtime, others)
    ops.install(app, runtime, dialects)
    add_routes(app, runtime, endpoints)
    app.asgi_app = Gateway(runtime, endpoints, app.asgi_app, nursery)  # type: ignore[method-assign]
    return app
