"""The other spelling of a path, with or without its last slash, is redirected with 307.

Werkzeug would redirect one way only, with 308 and to whatever host the request names. Ours are
relative to the path that was asked, since a proxy may have changed what stands before it.
"""

from urllib.parse import quote

from quart import Response, request
from quart.globals import request_ctx
from quart_trio import QuartTrio
from werkzeug.exceptions import NotFound
from werkzeug.routing import RequestRedirect


def install(app: QuartTrio) -> None:
    """Redirect for every path of the app.

    Double slashes are no spelling of single ones: a WebSocket path matches exactly (all-1).
    """
    app.url_map.merge_slashes = False
    app.before_request(_respell)


async def _respell() -> Response | None:
    if not isinstance(request.routing_exception, NotFound | RequestRedirect):
        return None
    path = request.path
    other = path[:-1] if path.endswith("/") else path + "/"
    adapter = request_ctx.url_adapter
    if adapter is None or not list(adapter.allowed_methods(other)):
        return None
    query = request.query_string.decode("latin-1")
    location = _relative(path) + ("?" + query if query else "")
    return Response("", 307, {"Location": location})


def _relative(path: str) -> str:
    """Return the other spelling, as seen from this one."""
    if path.endswith("/"):
        return "../" + quote(path[:-1].rpartition("/")[2])
    return quote(path.rpartition("/")[2]) + "/"
