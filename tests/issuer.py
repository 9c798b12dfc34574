"""An identity provider on loopback: it signs tokens and publishes its keys over real HTTP."""

import json
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import jwt
import trio
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER, AUDIENCE = "https://id.example", "chat"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def rsa_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Made once: it takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(number: int = 0, curve: type[ec.EllipticCurve] = ec.SECP256R1) -> Any:
    return ec.generate_private_key(curve())


def pem(key: PrivateKey) -> bytes:
    """Its public key."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def jwk(key: PrivateKey, kid: str | None = None, **more: Any) -> dict[str, Any]:
    """Its public key."""
    public: Any = key.public_key()
    algorithm: Any = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    named = {} if kid is None else {"kid": kid}
    return {**json.loads(algorithm.to_jwk(public)), **named, **more}


def signed(key: Any, algorithm: str, kid: str | None = None, **claims: Any) -> str:
    """A token of an hour, unless the claims say otherwise; None leaves a claim out."""
    said = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann-at-home", "exp": time.time() + 3600}
    said = {name: value for name, value in (said | claims).items() if value is not None}
    return jwt.encode(said, key, algorithm, headers=None if kid is None else {"kid": kid})


class Issuer:
    """keys: what it publishes, by kid. answer: raw bytes in place of them. stuck: while set, it
    accepts and does not answer. asked: how often. tls: with whose certificate it listens, if any.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.keys: dict[str, PrivateKey] = {"one": rsa_key()}
        self.answer: bytes | None = None
        self.stuck: trio.Event | None = None
        self.asked = 0
        self.port = 0
        self._listening = trio.CancelScope()

    @property
    def url(self) -> str:
        scheme, host = ("https", "localhost") if self.tls else ("http", "127.0.0.1")
        return f"{scheme}://{host}:{self.port}/keys"

    def token(self, kid: str = "one", **claims: Any) -> str:
        key = self.keys[kid]
        algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
        return signed(key, algorithm, kid, **claims)

    def _published(self) -> bytes:
        body = json.dumps({"keys": [jwk(key, kid) for kid, key in self.keys.items()]}).encode()
        return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)

    async def _serve(self, stream: trio.abc.Stream) -> None:
        try:
            head = b""
            while b"\r\n\r\n" not in head:
                data = await stream.receive_some()
                if not data:
                    return
                head += data
            self.asked += 1
            if self.stuck is not None:
                await self.stuck.wait()
            await stream.send_all(self._published() if self.answer is None else self.answer)
        except trio.BrokenResourceError:
            pass
        finally:
            await trio.aclose_forcefully(stream)

    async def listen(self, task_status: trio.TaskStatus[None]) -> None:
        with self._listening:
            async with trio.open_nursery() as nursery:
                (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
                self.port = listener.socket.getsockname()[1]
                listeners: list[Any] = [listener]
                if self.tls is not None:
                    listeners = [trio.SSLListener(listener, self.tls)]
                nursery.start_soon(trio.serve_listeners, self._serve, listeners)
                task_status.started()

    def go_down(self) -> None:
        """Nobody listens at its address any more."""
        self._listening.cancel()


@asynccontextmanager
async def open_issuer(tls: ssl.SSLContext | None = None) -> AsyncIterator[Issuer]:
    issuer = Issuer(tls)
    async with trio.open_nursery() as nursery:
        await nursery.start(issuer.listen)
        yield issuer
        nursery.cancel_scope.cancel()
