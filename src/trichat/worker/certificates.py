"""The fault: a certificate is read once, and a new one needs a restart that ends every connection.

The cure makes a whole new TLS context of the same files and lets each later handshake begin with
it; connections that are open keep theirs. A context that cannot be made changes nothing.
"""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from attrs import frozen
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import Certificate, load_pem_x509_certificates
from hypercorn.config import Config

_stock: Any = Config.create_ssl_context


class CertificateError(Exception):
    """The server cannot use a file. option: certfile or keyfile. reason: in words."""

    def __init__(self, option: str, path: str, reason: str) -> None:
        super().__init__(f"{option} {path!r} {reason}")
        self.option = option
        self.reason = reason


@frozen
class Served:
    """The certificate that handshakes show.

    serial: its number, in hex as other tools print it.
    """

    serial: str
    expires: datetime


def looked_at(certfile: str, keyfile: str, password: str | None = None) -> Served:
    """Return what the files hold. Raises CertificateError if a server could not use them.

    password: of the key, where it is encrypted.
    """
    certificate = _certificate(certfile)
    _look_at_key(keyfile, password)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # Without a password OpenSSL would ask the terminal for one.
        context.load_cert_chain(certfile, keyfile, password or "")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            reason = f"does not belong to the certificate in {certfile!r}"
            raise CertificateError("keyfile", keyfile, reason) from None
        raise CertificateError("certfile", certfile, f"is refused: {error.reason}") from None
    expires = certificate.not_valid_after_utc
    if expires <= datetime.now(UTC):
        reason = f"holds a certificate that expired on {expires:%Y-%m-%d %H:%M} UTC"
        raise CertificateError("certfile", certfile, reason)
    return Served(f"{certificate.serial_number:X}", expires)


def _certificate(path: str) -> Certificate:
    pem = _read("certfile", path)
    try:
        return load_pem_x509_certificates(pem)[0]
    except ValueError:
        raise CertificateError("certfile", path, "holds no PEM certificate") from None


def _look_at_key(path: str, password: str | None) -> None:
    pem = _read("keyfile", path)
    try:
        load_pem_private_key(pem, password.encode() if password else None)
    except TypeError:
        reason = "is encrypted: expected a key without a passphrase"
        raise CertificateError("keyfile", path, reason) from None
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateError("keyfile", path, "holds no PEM private key") from None


def _read(option: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise CertificateError(option, path, reason) from None


class Certificates:
    """The certificates of this process: how Hypercorn's TLS context is made, and the one in use."""

    _make: ClassVar[Callable[[], tuple[ssl.SSLContext, Served]] | None] = None
    _current: ClassVar[ssl.SSLContext | None] = None

    @classmethod
    def first(cls, config: Config) -> ssl.SSLContext:
        """Return the context that all handshakes begin with. Raises CertificateError."""

        def make() -> tuple[ssl.SSLContext, Served]:
            files = str(config.certfile), str(config.keyfile)
            served = looked_at(*files, config.keyfile_password)
            return _stock(config), served

        def show_current(
            connection: ssl.SSLObject, name: str | None, begun: ssl.SSLContext
        ) -> None:
            if cls._current is not None:
                connection.context = cls._current

        context, _ = make()
        context.sni_callback = show_current
        cls._make, cls._current = make, None
        return context

    @classmethod
    def reload(cls) -> Served | None:
        """Read the files anew, in any thread; None where there is no TLS.

        Raises CertificateError: what was shown before is shown on.
        """
        if cls._make is None:
            return None
        cls._current, served = cls._make()
        return served


def create_ssl_context(config: Config) -> ssl.SSLContext | None:
    """Make a TLS context: the `hypercorn.config.Config.create_ssl_context` of install().

    Raises CertificateError.
    """
    return Certificates.first(config) if config.ssl_enabled else None
