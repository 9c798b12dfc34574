"""The fault: Hypercorn accepts permessage-deflate whenever it is offered, and a portion of a frame
is inflated whole before anybody measures it: a thousand times its size.

The cure declines the offer. (A connection that is taken agrees for itself, and measures.)
"""

from wsproto.extensions import PerMessageDeflate


class Declined(PerMessageDeflate):
    """Set as `hypercorn.protocol.ws_stream.PerMessageDeflate` by install()."""

    def accept(self, offer: str) -> None:
        return None
