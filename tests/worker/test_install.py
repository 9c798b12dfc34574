"""Our classes are in place, and Hypercorn is the one they were made for."""

import hashlib
import inspect
from types import ModuleType

import h11._connection
import h11._readers
import h11._receivebuffer
import hypercorn.protocol.h11
import hypercorn.protocol.ws_stream
import hypercorn.trio.lifespan
import hypercorn.trio.run
import hypercorn.trio.task_group
import hypercorn.trio.tcp_server
import hypercorn.trio.worker_context
import pytest
import trio._ssl

from tests.worker.serving import use_stock
from trichat.worker import WorkerLimits, check, install
from trichat.worker.server import Server


def test_install_may_be_called_again() -> None:
    install(WorkerLimits(linger=2))
    install()
    check()
    assert Server.limits == WorkerLimits()


def test_check_finds_what_is_missing() -> None:
    use_stock()
    try:
        with pytest.raises(RuntimeError, match="install"):
            check()
    finally:
        install()


def test_check_refuses_another_hypercorn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trichat.worker.version", lambda name: "0.19.0")
    with pytest.raises(RuntimeError, match=r"0\.19\.0"):
        check()


@pytest.mark.parametrize(
    ("module", "known"),
    [
        (h11._connection, "93d61155fea4a19a"),
        (h11._readers, "6b8472a4e454082d"),
        (h11._receivebuffer, "c6bb29b1db0d8161"),
        (hypercorn.protocol.h11, "5d2cfe635578adc6"),
        (hypercorn.protocol.ws_stream, "5eb34e4ac40b06f5"),
        (hypercorn.trio.lifespan, "874bc7505af1c03b"),
        (hypercorn.trio.run, "458b9851c196ac5f"),
        (hypercorn.trio.task_group, "debc4abd1b915575"),
        (hypercorn.trio.tcp_server, "fbec50b5df48e46d"),
        (trio._ssl, "6194cc6c557f6933"),
        (hypercorn.trio.worker_context, "431948d8c2f013ce"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_built_on_is_as_we_read_it(module: ModuleType, known: str) -> None:
    """Its internals changed: read the change, see that the cures still fit, then put it here."""
    source = inspect.getsource(module)
    assert hashlib.sha256(source.encode()).hexdigest()[:16] == known
