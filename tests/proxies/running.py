"""A proxy that runs, with trichat behind it, and people who come by it."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
import trio
from attrs import frozen

from tests.e2e.certificates import certificate
from tests.e2e.launching import PATIENCE, TRICHAT, Launched, environment, launched
from tests.e2e.users import Users, users_of
from tests.needs import needs
from tests.proxies.configured import PROXIES, Proxy, Wanted

# Debian has them where only root looks.
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def found(proxy: Proxy) -> str | None:
    """Its program."""
    return shutil.which(proxy.program, path=PATH)


def by(*names: str) -> pytest.MarkDecorator:
    """The test runs by each of these; it is skipped where one is not there."""
    return pytest.mark.parametrize("proxy", [_param(PROXIES[name]) for name in names])


def _param(proxy: Proxy) -> object:
    lacks = f"{proxy.name} was NOT run: apt-get install {proxy.package}"
    return pytest.param(proxy, id=proxy.name, marks=needs(found(proxy), lacks))


each_proxy = by(*PROXIES)


@frozen
class Front:
    """address, plain: where the proxy is reached over TLS and without. direct: trichat itself.
    users: come by the proxy.
    """

    address: str
    plain: str
    folder: Path
    trusting: ssl.SSLContext
    server: Launched
    process: trio.Process
    users: Users

    def client(self, source: str = "127.0.0.1", **options: object) -> httpx.AsyncClient:
        """A client that comes from this address of the machine."""
        transport = httpx.AsyncHTTPTransport(
            local_address=source,
            verify=self.trusting,
            http2=bool(options.get("http2")),
        )
        return httpx.AsyncClient(base_url=self.address, transport=transport, timeout=PATIENCE)

    @property
    def said(self) -> str:
        """All that the proxy has written."""
        return said(self.folder)


def said(folder: Path) -> str:
    """What stands in the logs of a proxy."""
    return "".join(file.read_text(errors="replace") for file in folder.glob("*.log"))


def free_ports() -> tuple[int, int]:
    """Two that nobody listened on a moment ago."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


@asynccontextmanager
async def fronted(
    proxy: Proxy,
    tmp_path: Path,
    *,
    local: bool = False,
    env: Mapping[str, str] | None = None,
    timeout: int | None = None,
    note: str | None = None,
) -> AsyncIterator[Front]:
    """trichat behind the proxy, which it trusts. local: over a Unix socket.

    timeout, note: as Wanted has them. In the end both must have ended well.
    """
    folder = tmp_path / "proxy"
    folder.mkdir(mode=0o755)
    secure = certificate(tmp_path)
    path = tmp_path / "chat.sock"
    where = ["--host", f"unix:{path}"] if local else ["--port", "0"]
    words = [TRICHAT, "serve", *where, "--data", str(tmp_path / "data")]
    trusted = {"TRICHAT_SERVER_TRUSTED_PROXIES": "unix:" if local else "127.0.0.1"}
    async with launched(words, {**trusted, **(env or {})}) as server:
        plain, port = free_ports()
        wanted = Wanted(
            upstream=str(path) if local else server.address.partition("://")[2],
            plain=plain,
            secure=port,
            certificate=tmp_path / "chain.pem",
            key=tmp_path / "key.pem",
            folder=folder,
            timeout=timeout,
            note=note,
        )
        own = {
            "TRICHAT_SITE": "localhost",
            "TRICHAT_UPSTREAM": f"unix/{path}" if local else wanted.upstream,
        }
        async with started(proxy, proxy.configure(wanted), folder, port, own) as process:
            address = f"https://localhost:{port}"
            async with users_of(address, secure.trusting) as users:
                yield Front(
                    address,
                    f"http://127.0.0.1:{plain}",
                    folder,
                    secure.trusting,
                    server,
                    process,
                    users,
                )


@asynccontextmanager
async def started(
    proxy: Proxy, words: list[str], folder: Path, port: int, env: Mapping[str, str]
) -> AsyncIterator[trio.Process]:
    """The proxy, once it listens at the port. What it writes goes into files of the folder."""
    program = found(proxy)
    assert program is not None
    homes = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(folder))
    with (folder / "output.log").open("wb") as log:
        process = await trio.lowlevel.open_process(
            [program, *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**environment(), **homes, **env},
            start_new_session=True,
        )
    try:
        await _listening(process, port)
        yield process
    except BaseException:
        print(said(folder))
        raise
    finally:
        with trio.CancelScope(shield=True):
            process.terminate()
            with trio.move_on_after(5):
                await process.wait()
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _listening(process: trio.Process, port: int) -> None:
    with trio.fail_after(PATIENCE):
        while True:
            assert process.poll() is None
            with suppress(OSError):
                await trio.aclose_forcefully(await trio.open_tcp_stream("127.0.0.1", port))
                return
            await trio.sleep(0.02)
