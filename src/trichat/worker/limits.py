"""How long the worker waits for a peer or a handler."""

from attrs import frozen


@frozen
class WorkerLimits:
    """All in seconds.

    write_timeout: for which a peer may take no byte of a response; also what is left to a handler
    whose peer is gone.
    admission_timeout: in which an upgrade request must be answered.
    linger: in which a peer may read our last bytes before its unread input resets the connection.
    """

    write_timeout: float = 10.0
    admission_timeout: float = 10.0
    linger: float = 1.0
