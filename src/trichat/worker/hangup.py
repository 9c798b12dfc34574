"""SIGHUP asks a server to read its certificate anew and to reopen its log."""

import logging
import signal

import trio

from trichat.logevents import LogEvent, log_event
from trichat.telemetry import reopen_log
from trichat.worker.certificates import CertificateError, Certificates

_log = logging.getLogger(__name__)


async def heed_hangups(task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
    """Do what SIGHUP asks for until cancelled; in the main thread.

    A process that was started to ignore SIGHUP goes on ignoring it.
    """
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        task_status.started()
        return
    with trio.open_signal_receiver(signal.SIGHUP) as signals:
        task_status.started()
        async for _ in signals:
            reopen_log()
            await reload_certificate()


async def reload_certificate() -> None:
    """Have each handshake from now on show what the files hold, if a server can use them."""
    try:
        served = await trio.to_thread.run_sync(Certificates.reload)
    except CertificateError as error:
        log_event(LogEvent.CERTIFICATE_KEPT, level=logging.ERROR, why=str(error))
    except Exception:
        _log.exception("the certificate was not reloaded")
    else:
        if served is not None:
            expires = f"{served.expires:%Y-%m-%dT%H:%MZ}"
            log_event(LogEvent.CERTIFICATE_RELOADED, serial=served.serial, expires=expires)
