"""Web pages of other origins may read answers (CORS), and may send what they announce before.

A refused origin is answered without a word about it; the browser does the rest. With `*` no
credentials are allowed: that pair would trust every page there is. Quart-CORS leaves an
announcement (a preflight) to the route: where there is none, or another spelling, the page could
not read why (ADR 10).
"""

from collections.abc import Sequence

from quart import Response, request
from quart_trio import QuartTrio

# All there are (channels-rest 1): one that a path does not have is answered, readably, with 405.
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
PREFLIGHT_SECONDS = "600"


def install(app: QuartTrio, origins: Sequence[str]) -> None:
    """Let pages of these origins read every answer of the app, errors too."""
    anyone = "*" in origins
    allowed = frozenset(origins)

    async def preflight() -> Response | None:
        requests = request.headers.get("Access-Control-Request-Method")
        if request.method != "OPTIONS" or not requests or "Origin" not in request.headers:
            return None
        response = Response("", 200, {"Access-Control-Allow-Methods": METHODS})
        response.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
        wanted = request.headers.get("Access-Control-Request-Headers")
        if wanted:
            response.headers["Access-Control-Allow-Headers"] = wanted
        response.vary.add("Access-Control-Request-Headers")
        return response

    async def allow(response: Response) -> Response:
        origin = request.headers.get("Origin")
        if anyone:
            response.headers["Access-Control-Allow-Origin"] = "*"
        else:
            response.vary.add("Origin")
            if origin is None or origin not in allowed:
                return response
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Access-Control-Expose-Headers"] = "Link, Retry-After"
        return response

    app.before_request(preflight)
    app.after_request(allow)
