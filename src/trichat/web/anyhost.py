"""The app answers whatever host it was asked as, since its paths are the same for all of them.

Quart hands the name to its router all the same, which raises for one that no DNS has (`a..b`): 500,
and a traceback in the log for a line that any stranger can send.
"""

from quart.routing import QuartMap
from quart.wrappers.base import BaseRequestWebsocket
from quart_trio import QuartTrio
from werkzeug.routing import Map, MapAdapter


class _AnyHost(QuartMap):
    def bind_to_request(
        self, request: BaseRequestWebsocket, subdomain: str | None, server_name: str | None
    ) -> MapAdapter:
        return Map.bind(
            self,
            "localhost",
            request.root_path,
            subdomain,
            request.scheme,
            request.method,
            request.path,
            request.query_string.decode(),
        )


class App(QuartTrio):
    """A Quart app that looks at no `Host` to find a route."""

    url_map_class = _AnyHost
