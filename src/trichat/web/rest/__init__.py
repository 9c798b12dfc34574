"""The REST side of the channels dialect (docs: channels-rest), one file per resource.

routes.py says what every endpoint does alike; a resource lists its routes and answers each with a
JSON value or a refusal; refused.py and errors.py put what went wrong into the contract's words.
"""

from quart_trio import QuartTrio

from trichat.runtime.server import Runtime
from trichat.web.rest import (
    admin,
    auth,
    channels,
    cors,
    documents,
    errors,
    keys,
    messages,
    reactions,
    service,
    slashes,
    users,
)
from trichat.web.rest.routes import add_routes

RESOURCES = (service, auth, keys, users, channels, messages, reactions, admin)


def register(app: QuartTrio, runtime: Runtime) -> None:
    """Put the API into the app, bound to this runtime, and JSON in place of Quart's error pages."""
    app.config["MAX_CONTENT_LENGTH"] = runtime.settings.limits.body_bytes
    errors.install(app)
    cors.install(app, runtime.settings.cors.origins)  # a preflight is never redirected
    slashes.install(app)
    routes = [route for resource in RESOURCES for route in resource.routes(runtime)]
    add_routes(app, runtime.accounts, [*routes, *documents.routes(routes)])
