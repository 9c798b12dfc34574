"""The key file: made once, kept private, refused with a cure when something is wrong with it; and a
new key in it, beside the one before.
"""

import base64
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from tests.needs import needs
from trichat.auth.secret import WeakSecretError
from trichat.auth.signing import SigningKey, SigningKeys
from trichat.auth.signingkey import SigningKeyError, configured_keys, create, load, rotate
from trichat.auth.tokens import Tokens

GOOD = "q7Zk3vX9pL2mN8bT4cR6wY1sD5fG0hJa"
OTHER = "Ht6Wq2Zx8Lc4Vb0Nm5Kj9Pf3Rd7Sg1Ya"


def loaded(data: Path) -> SigningKeys:
    keys = load(data)
    assert keys is not None
    return keys


def test_a_new_file_is_private_and_read_again(tmp_path: Path) -> None:
    assert load(tmp_path) is None
    keys = create(tmp_path)
    file = tmp_path / "signing.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes() == keys.current.secret + b"\n"
    assert len(keys.current.secret) == 64
    assert loaded(tmp_path) == keys
    assert [entry.name for entry in tmp_path.iterdir()] == ["signing.key"]
    Tokens(keys, lifetime=60)


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    keys = create(tmp_path)
    with pytest.raises(SigningKeyError, match="cannot be used: File exists"):
        create(tmp_path)
    assert loaded(tmp_path) == keys
    assert [entry.name for entry in tmp_path.iterdir()] == ["signing.key"]


def test_what_a_crash_left_is_written_over(tmp_path: Path) -> None:
    """It never bore the name of the key, and had perhaps another mode."""
    part = tmp_path / "signing.key.part"
    part.write_text("half a k")
    part.chmod(0o644)
    keys = create(tmp_path)
    assert loaded(tmp_path) == keys
    part.write_text("x" * 5000)
    rotated = rotate(tmp_path, life=60)
    assert loaded(tmp_path) == rotated
    assert not part.exists()


def test_every_directory_gets_a_key_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert create(tmp_path / "a").current != create(tmp_path / "b").current


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o777])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    create(tmp_path)
    file = tmp_path / "signing.key"
    file.chmod(mode)
    with pytest.raises(SigningKeyError) as caught:
        load(tmp_path)
    assert str(caught.value) == (
        f"{file}: others than its owner have access (mode {mode:04o}); run: chmod 600 '{file}'"
    )
    file.chmod(0o400)
    load(tmp_path)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", ": is empty, perhaps since a crash; remove it and a new key is made"),
        ("\n \n", ": is empty, perhaps since a crash; remove it and a new key is made"),
        (
            "hunter2\n",
            " has 7 bytes: expected 32 or more; remove it and a new key is made, which ends all "
            "sessions",
        ),
        ("x1" * 40_000, ": is too large for a key"),
        *(
            (
                f"{GOOD}\n{line}\n",
                ": a line of a former key is not as it was written; remove it",
            )
            for line in ("former abc until soon", "former a until 5", "former abcd until 5\nx")
        ),
    ],
)
def test_a_file_without_a_good_key_is_refused_and_left_alone(
    tmp_path: Path, content: str, text: str
) -> None:
    file = tmp_path / "signing.key"
    file.write_text(content)
    file.chmod(0o600)
    for read in (load, partial(rotate, life=1)):
        with pytest.raises(SigningKeyError) as caught:
            read(tmp_path)
        assert str(caught.value) == f"{file}{text}"
        assert file.read_text() == content


def test_what_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "signing.key").mkdir()
    with pytest.raises(SigningKeyError) as caught:
        load(tmp_path)
    assert str(caught.value) == f"{tmp_path / 'signing.key'}: cannot be used: Is a directory"
    with pytest.raises(SigningKeyError, match="cannot be used: No such file or directory"):
        create(tmp_path / "absent")
    assert load(tmp_path / "absent") is None


# -- rotation


def test_a_new_key_signs_and_the_one_before_counts_for_a_while(tmp_path: Path) -> None:
    first = create(tmp_path).current
    began = time.time()
    keys = rotate(tmp_path, life=100)
    assert keys is not None
    assert keys.current.secret != first.secret
    (former,) = keys.former
    assert (former.secret, former.kid) == (first.secret, first.kid)
    assert began + 100 <= former.until <= time.time() + 101
    assert loaded(tmp_path) == keys
    file = tmp_path / "signing.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["signing.key"]


def test_each_key_has_its_own_time_and_is_forgotten_then(tmp_path: Path) -> None:
    one = create(tmp_path).current
    two = rotate(tmp_path, life=1000)
    three = rotate(tmp_path, life=-5)  # it has none any more
    four = rotate(tmp_path, life=1000)
    assert two is not None
    assert three is not None
    assert four is not None
    assert [key.kid for key in three.former] == [two.current.kid, one.kid]
    assert [key.kid for key in four.former] == [three.current.kid, one.kid]
    text = (tmp_path / "signing.key").read_bytes()
    assert two.current.secret not in base64.b64decode(text.split()[2]) + text
    assert len(text.splitlines()) == 3


def test_many_rotations_at_once_lose_no_key(tmp_path: Path) -> None:
    first = create(tmp_path).current
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: rotate(tmp_path, life=1000), range(8)))
    kids = {first.kid, *(keys.current.kid for keys in made if keys is not None)}
    assert loaded(tmp_path).kids == kids
    assert len(kids) == 9


@needs(os.geteuid() == 0, "root alone gives files away")
def test_what_root_writes_belongs_to_who_owns_the_directory(tmp_path: Path) -> None:
    """The server runs as them, and could not read it otherwise."""
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 65534, 65534)
    file = data / "signing.key"
    create(data)
    assert (file.stat().st_uid, file.stat().st_gid) == (65534, 65534)
    rotate(data, life=60)
    assert (file.stat().st_uid, file.stat().st_gid) == (65534, 65534)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_key_that_is_a_link_is_followed_and_rotated_in_its_place(tmp_path: Path) -> None:
    """As where secrets are mounted."""
    (tmp_path / "mounted").mkdir()
    keys = create(tmp_path / "mounted")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "signing.key").symlink_to(tmp_path / "mounted" / "signing.key")
    assert loaded(tmp_path / "data") == keys
    rotated = rotate(tmp_path / "data", life=60)
    assert loaded(tmp_path / "data") == rotated
    assert loaded(tmp_path / "mounted") == keys


def test_a_key_of_the_operators_own_of_several_lines_stays_one(tmp_path: Path) -> None:
    """What was one secret before there were former ones."""
    file = tmp_path / "signing.key"
    secret = f"{GOOD}\n{OTHER}".encode()
    file.write_bytes(secret + b"\r\n")
    file.chmod(0o600)
    assert loaded(tmp_path) == SigningKeys(SigningKey(secret))
    rotate(tmp_path, life=60)
    assert loaded(tmp_path).former[0].secret == secret


def test_without_a_file_there_is_nothing_to_rotate(tmp_path: Path) -> None:
    assert rotate(tmp_path, life=60) is None
    assert not list(tmp_path.iterdir())


def test_the_id_is_the_secrets_own_and_tells_nothing_of_it(tmp_path: Path) -> None:
    key = SigningKey(GOOD.encode())
    assert key.kid == SigningKey(GOOD.encode(), 5.0).kid == "51397166f2b00482"
    assert key.kid != SigningKey(OTHER.encode()).kid
    assert GOOD not in repr(SigningKeys(key, (key,)))


# -- from the settings


def test_a_configured_secret_is_used(tmp_path: Path) -> None:
    assert configured_keys("", "") is None
    assert configured_keys(GOOD, "") == SigningKeys(SigningKey(GOOD.encode()))
    both = configured_keys(GOOD, OTHER)
    assert both == SigningKeys(SigningKey(GOOD.encode()), (SigningKey(OTHER.encode()),))


@pytest.mark.parametrize(
    ("given", "name"), [(("hunter2", ""), "secret"), ((GOOD, "hunter2"), "former_secret")]
)
def test_a_weak_configured_secret_is_refused_without_being_shown(
    given: tuple[str, str], name: str
) -> None:
    with pytest.raises(WeakSecretError) as caught:
        configured_keys(*given)
    assert str(caught.value) == f"auth.{name} has 7 bytes: expected 32 or more"
