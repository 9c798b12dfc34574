"""The REST side of the channels dialect (docs: channels-rest), one file per resource.

routes.py says what every endpoint does alike; a resource lists its routes and answers each with a
JSON value or a refusal; refused.py and errors.py put what went wrong into the contract's words.
"""

from collections.abc import Iterable, Iterator

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
    logins,
    messages,
    reactions,
    service,
    slashes,
    users,
)
from trichat.web.rest.checking import PasswordChecks
from trichat.web.rest.routes import Route, add_routes
from trichat.web.rest.turns import UntilSent

RESOURCES = (service, auth, logins, keys, users, channels, messages, reactions, admin)
TAKE_PASSWORDS = (auth, keys, users)  # they share one throttle


def register(app: QuartTrio, runtime: Runtime, others: Iterable[Route] = ()) -> None:
    """Put the API into the app, bound to this runtime, and JSON in place of Quart's error pages.

    others: routes that are served and described beside it.
    """
    app.config["MAX_CONTENT_LENGTH"] = runtime.settings.limits.body_bytes
    app.config["BODY_TIMEOUT"] = runtime.settings.limits.body_deadline
    errors.install(app)
    cors.install(app, runtime.settings.cors.origins)  # a preflight is never redirected
    slashes.install(app)
    routes = [*_routes(runtime), *others]
    every = [*routes, *documents.routes(routes, runtime.addresses)]
    add_routes(app, runtime, every)
    app.asgi_app = UntilSent(app.asgi_app)  # type: ignore[method-assign]


def _routes(runtime: Runtime) -> Iterator[Route]:
    """Return the routes of all resources."""
    checks = PasswordChecks(runtime)
    for resource in RESOURCES:
        shared = (checks,) if resource in TAKE_PASSWORDS else ()
        yield from resource.routes(runtime, *shared)
