"""Plain HTTP on a socket's path is answered 426: what is spoken there, and where it is described.

So is a handshake that is not whole (of another version than 13, say), of which worker/spelling.py
makes plain HTTP: who is asked for a protocol that it does not know goes on without (RFC 9110, 7.8).
"""

from typing import Final

from quart import request
from quart_trio import QuartTrio

from trichat.settings.addresses import Addresses
from trichat.web.endpoints import Endpoint, Endpoints
from trichat.web.rest.asked import asked
from trichat.web.rest.errors import RequestError

VERSION: Final = "13"


def install(app: QuartTrio, endpoints: Endpoints, addresses: Addresses) -> None:
    """Answer every path of a dialect, whatever the method.

    It is to be called before what redirects: a path that differs from one by its last slash is
    nobody's (all-1).
    """

    async def refuse() -> None:
        if request.url_rule is not None:  # a page of the REST side, beside a lobby put there
            return
        path = request.scope["raw_path"].partition(b"?")[0].decode("latin-1")
        endpoint = endpoints.at(path)
        if endpoint is not None:
            raise _refusal(endpoint, addresses)
        if endpoints.at(path[:-1] if path.endswith("/") else f"{path}/") is not None:
            raise RequestError(404, "Not Found")

    app.before_request(refuse)


def _refusal(endpoint: Endpoint, addresses: Addresses) -> RequestError:
    here = asked(addresses)
    described = f"{here.prefix}/asyncapi/#{endpoint.dialect.name}"
    shown = request.headers
    if shown.get("Sec-WebSocket-Version") == VERSION and len(shown.getlist(_KEY)) != 1:
        return RequestError(400, f"A handshake has one {_KEY}; it is described at {described}")
    headers = {"Upgrade": "websocket", "Sec-WebSocket-Version": VERSION}
    if request.http_version.startswith("1"):
        headers["Connection"] = "Upgrade"
    return RequestError(
        426,
        f"This is a WebSocket address: connect with {here.socket_scheme}:// and"
        f" Sec-WebSocket-Version: {VERSION}; it is described at {described}",
        headers,
    )


_KEY: Final = "Sec-WebSocket-Key"
