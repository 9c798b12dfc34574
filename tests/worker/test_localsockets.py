"""Unix sockets: one is replaced only where nobody listens, and removed only where it is ours."""

import errno
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from trichat.worker.localsockets import LocalConfig, Place, bound, places


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "s")


@pytest.fixture
def config(path: str) -> Iterator[LocalConfig]:
    made = LocalConfig()
    made.bind = [f"unix:{path}"]
    yield made
    made.leave()


@pytest.mark.parametrize("mode", [0o600, 0o660, 0o777])
def test_permissions_are_there_before_it_listens(path: str, mode: int) -> None:
    with bound(path, mode):
        assert stat.S_IMODE(os.stat(path).st_mode) == mode
        with (
            socket.socket(socket.AF_UNIX) as other,
            pytest.raises(ConnectionRefusedError),
        ):
            other.connect(path)


def test_what_a_killed_server_left_is_replaced(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
        dead.listen()
    with bound(path, 0o600) as ours, socket.socket(socket.AF_UNIX) as other:
        ours.listen()
        other.connect(path)


@pytest.mark.parametrize("waiting", [0, 3])
def test_a_server_that_listens_keeps_its_socket(path: str, waiting: int) -> None:
    """Though it is too busy to accept."""
    with socket.socket(socket.AF_UNIX) as alive:
        alive.bind(path)
        alive.listen(1)
        clients = [socket.socket(socket.AF_UNIX) for _ in range(waiting)]
        for client in clients:
            client.setblocking(False)
            client.connect_ex(path)
        with pytest.raises(OSError, match="another process listens there") as caught:
            bound(path, 0o600)
        assert caught.value.errno == errno.EADDRINUSE
        assert os.path.exists(path)
        for client in clients:
            client.close()


@pytest.mark.parametrize("kind", ["file", "directory", "link"])
def test_what_is_no_socket_stays(path: str, kind: str) -> None:
    if kind == "file":
        Path(path).write_text("precious")
    elif kind == "directory":
        os.mkdir(path)
    else:
        os.symlink("elsewhere", path)
    with pytest.raises(OSError, match="there is a file that is no socket"):
        bound(path, 0o600)
    assert os.path.lexists(path)


def test_a_directory_that_is_not_there_is_told(path: str) -> None:
    with pytest.raises(OSError, match="there is no such directory"):
        bound(f"{path}/s", 0o600)


def test_a_socket_is_removed_at_the_end(path: str, config: LocalConfig) -> None:
    (made,) = config.create_sockets().insecure_sockets
    made.close()
    config.leave()
    assert not os.path.exists(path)
    config.leave()


def test_another_servers_socket_is_not_removed(path: str, config: LocalConfig) -> None:
    (made,) = config.create_sockets().insecure_sockets
    made.close()
    with socket.socket(socket.AF_UNIX) as other:
        os.rename(path, f"{path}.old")  # so that the numbers of the files differ
        other.bind(path)
        config.leave()
        assert os.path.exists(path)


def test_addresses_have_no_file() -> None:
    with socket.socket() as one, socket.socket(socket.AF_UNIX) as other:
        assert places([one, other]) == []


def test_a_file_that_is_gone_is_no_trouble(path: str) -> None:
    with bound(path, 0o600) as made:
        (place,) = places([made])
        assert place == Place.of(path)
        os.unlink(path)
        place.remove()
