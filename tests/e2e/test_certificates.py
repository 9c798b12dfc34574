"""Certificates: what a start says of bad ones, and what SIGHUP makes of new ones."""

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trio
import trustme
from attrs import frozen
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509 import load_pem_x509_certificate

from tests.e2e.launching import (
    BIN,
    LISTENING,
    PATIENCE,
    RUNNING,
    Launched,
    command,
    environment,
    launched,
    serve,
)
from tests.e2e.users import users_of
from tests.needs import needs

CONFIG = Path(__file__).parents[2] / "config" / "hypercorn.toml"
AUTHORITY = trustme.CA()


@frozen
class Files:
    """Where a certificate and its key are looked for."""

    chain: Path
    key: Path

    @property
    def options(self) -> list[str]:
        return ["--certfile", str(self.chain), "--keyfile", str(self.key)]

    def put(self, *, expires: datetime | None = None) -> int:
        """Another certificate; its serial number."""
        made = AUTHORITY.issue_cert("localhost", "127.0.0.1", not_after=expires)
        chain = b"".join(pem.bytes() for pem in made.cert_chain_pems)
        self.chain.write_bytes(chain)
        made.private_key_pem.write_to_path(str(self.key))
        return load_pem_x509_certificate(chain).serial_number


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "chain.pem", tmp_path / "key.pem")


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


def shown(address: str, *, name: str | None = "localhost") -> int:
    """The serial number that a handshake shows. name: of the server, None to send none."""
    port = int(address.rpartition(":")[2])
    context = trusting()
    context.check_hostname = name is not None
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname=name) as stream,
    ):
        certificate = stream.getpeercert(binary_form=True)
        assert stream.selected_alpn_protocol() in (None, "http/1.1")
    assert certificate is not None
    return load_pem_x509_certificate(ssl.DER_cert_to_PEM_cert(certificate).encode()).serial_number


async def hang_up(server: Launched, until: str) -> str:
    """What is said from SIGHUP on, until this is said."""
    before = len(server.said)
    server.process.send_signal(signal.SIGHUP)
    with trio.fail_after(PATIENCE):
        while until not in server.said[before:]:  # noqa: ASYNC110 - another process says it
            await trio.sleep(0.01)
    return server.said[before:]


@pytest.mark.parametrize("by", ["trichat", "hypercorn"])
async def test_a_hangup_shows_the_new_certificate_and_leaves_sockets_open(
    data: Path, files: Files, by: str
) -> None:
    first = files.put()
    env = {"TRICHAT_SERVER_DATA": str(data), "TRICHAT_LOG_FORMAT": "json"}
    words, patterns = serve(data, *files.options), {}
    if by == "hypercorn":
        words = [str(BIN / "hypercorn"), "-k", "trio", "--config", str(CONFIG), *files.options]
        words += ["--bind", "127.0.0.1:0", "trichat.asgi:app"]
        patterns = {"ready": RUNNING}
    async with launched(words, env, **patterns) as server:
        address = server.address.replace("127.0.0.1", "localhost")
        async with users_of(address, trusting()) as users:
            ann, bob = await users.people("ann", "bob")
            channel = await users.channel("tea", ann, bob)
            async with users.socket("chats", ann) as socket:
                assert shown(server.address) == first
                second = files.put()
                said = await hang_up(server, "certificate reloaded")
                assert f'"serial": "{second:X}"' in said
                assert shown(server.address) == second
                assert shown(server.address, name=None) == second
                await socket.send({"action": "message", "chat_id": channel, "text": "still here"})
                assert (await socket.next())["status"] == "success"
                third = files.put()
                await hang_up(server, "certificate reloaded")
                assert shown(server.address) == third
                async with users.socket("channels", bob):
                    pass


async def test_a_bad_file_keeps_the_old_certificate_and_is_named(data: Path, files: Files) -> None:
    serial = files.put()
    chain, key = files.chain.read_bytes(), files.key.read_bytes()
    yesterday = datetime.now(UTC) - timedelta(days=1)
    async with launched(serve(data, *files.options)) as server:
        files.put()
        files.chain.write_bytes(chain)  # the key alone is new: a renewal that is half done
        said = await hang_up(server, "certificate not reloaded")
        assert f"keyfile '{files.key}' does not belong to the certificate in" in said
        files.chain.write_bytes(b"nothing of the kind\n")
        said = await hang_up(server, "certificate not reloaded")
        assert f"certfile '{files.chain}' holds no PEM certificate" in said
        os.unlink(files.chain)
        said = await hang_up(server, "certificate not reloaded")
        assert f"certfile '{files.chain}' cannot be read: No such file or directory" in said
        files.put(expires=yesterday)
        said = await hang_up(server, "certificate not reloaded")
        assert "holds a certificate that expired on" in said
        assert shown(server.address) == serial
        files.chain.write_bytes(chain)
        files.key.write_bytes(key)
        await hang_up(server, "certificate reloaded")
        assert shown(server.address) == serial
    assert "Traceback" not in server.said


async def test_a_hangup_without_tls_and_without_a_log_file_changes_nothing(data: Path) -> None:
    async with launched(serve(data)) as server, users_of(server.address) as users:
        for _ in range(3):
            await hang_up(server, "log reopened")
        await users.people("ann")
    assert "certificate" not in server.said


# The start


async def refusal(data: Path, *options: str) -> str:
    code, _, error = await command("serve", "--port", "0", "--data", str(data), *options)
    assert code == 1
    assert "Traceback" not in error
    assert not await trio.Path(data).exists()  # it is looked at before anything is made
    return error.splitlines()[-1]


async def test_a_start_names_the_file_that_cannot_be_served_with(data: Path, files: Files) -> None:
    files.put()
    good = {path: path.read_bytes() for path in (files.chain, files.key)}
    encrypted = load_pem_private_key(good[files.key], None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"hunter2")
    )
    for path, content, why in (
        (files.chain, None, "cannot be read: No such file or directory"),
        (files.chain, b"nothing of the kind\n", "holds no PEM certificate"),
        (files.chain, b"", "holds no PEM certificate"),
        (files.chain, good[files.key], "holds no PEM certificate"),
        (files.key, None, "cannot be read: No such file or directory"),
        (files.key, b"nothing of the kind\n", "holds no PEM private key"),
        (files.key, good[files.chain], "holds no PEM private key"),
        (files.key, encrypted, "is encrypted: expected a key without a passphrase"),
    ):
        for each, before in good.items():
            each.write_bytes(before)
        path.unlink() if content is None else path.write_bytes(content)
        setting = "certfile" if path == files.chain else "keyfile"
        assert await refusal(data, *files.options) == (
            f"Error: server.{setting} (command line) is '{path}': {why}"
        )


async def test_a_start_refuses_a_key_of_another_certificate(data: Path, files: Files) -> None:
    files.put()
    other = files.key.read_bytes()
    files.put()
    files.key.write_bytes(other)
    assert await refusal(data, *files.options) == (
        f"Error: server.keyfile (command line) is '{files.key}': does not belong to the "
        f"certificate in '{files.chain}'"
    )


async def test_a_start_refuses_an_expired_certificate(data: Path, files: Files) -> None:
    expires = datetime(2001, 2, 3, 4, 5, tzinfo=UTC)
    files.put(expires=expires)
    assert await refusal(data, *files.options) == (
        f"Error: server.certfile (command line) is '{files.chain}': holds a certificate that "
        "expired on 2001-02-03 04:05 UTC"
    )


@needs(shutil.which("setpriv") and os.getuid() == 0, "setpriv, and root, who alone may use it")
async def test_a_start_names_a_key_that_may_not_be_read(data: Path, files: Files) -> None:
    files.put()
    files.key.chmod(0)
    words = serve(data, *files.options)
    done = await trio.run_process(
        ["setpriv", "--reuid=65534", "--clear-groups", *words],
        capture_stderr=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.decode().splitlines()[-1].endswith("cannot be read: Permission denied")


async def test_a_hangup_amid_the_start_ends_nothing(data: Path) -> None:
    """From the first moment on in which our code runs."""
    async with trio.open_nursery() as nursery:
        process = await trio.lowlevel.open_process(
            serve(data), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment()
        )
        server = Launched(process, LISTENING)
        nursery.start_soon(server.listen)
        try:
            with trio.fail_after(PATIENCE):
                while not catches_hangups(process.pid):  # noqa: ASYNC110 - another process
                    await trio.sleep(0.001)
            while not server.address:
                process.send_signal(signal.SIGHUP)
                await trio.sleep(0.02)
            async with users_of(server.address) as users:
                await users.people("ann")
            process.terminate()
            assert await server.ended() == 0, server.said
        finally:
            if process.poll() is None:
                process.kill()


def catches_hangups(pid: int) -> bool:
    caught = re.search(r"^SigCgt:\s+(\w+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return caught is not None and bool(int(caught[1], 16) & 1 << (signal.SIGHUP - 1))
