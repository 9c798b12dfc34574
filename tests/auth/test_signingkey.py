"""The key file: made once, kept private, refused with a cure when something is wrong with it."""

import stat
from pathlib import Path

import pytest

from trichat.auth.secret import WeakSecretError
from trichat.auth.signingkey import SigningKeyError, load_or_create, signing_secret
from trichat.auth.tokens import Tokens

GOOD = "q7Zk3vX9pL2mN8bT4cR6wY1sD5fG0hJa"


def test_the_first_start_makes_a_private_file_and_the_next_reads_it(tmp_path: Path) -> None:
    key = load_or_create(tmp_path)
    file = tmp_path / "signing.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes() == key + b"\n"
    assert len(key) == 64
    assert load_or_create(tmp_path) == key
    assert [entry.name for entry in tmp_path.iterdir()] == ["signing.key"]
    Tokens(key, lifetime=60)


def test_every_directory_gets_a_key_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert load_or_create(tmp_path / "a") != load_or_create(tmp_path / "b")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o777])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    load_or_create(tmp_path)
    file = tmp_path / "signing.key"
    file.chmod(mode)
    with pytest.raises(SigningKeyError) as caught:
        load_or_create(tmp_path)
    assert str(caught.value) == (
        f"{file}: others than its owner have access (mode {mode:04o}); run: chmod 600 '{file}'"
    )
    file.chmod(0o400)
    load_or_create(tmp_path)


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
    ],
)
def test_a_file_without_a_good_key_is_refused_and_left_alone(
    tmp_path: Path, content: str, text: str
) -> None:
    file = tmp_path / "signing.key"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(SigningKeyError) as caught:
        load_or_create(tmp_path)
    assert str(caught.value) == f"{file}{text}"
    assert file.read_text() == content


def test_what_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "signing.key").mkdir()
    with pytest.raises(SigningKeyError) as caught:
        load_or_create(tmp_path)
    assert str(caught.value) == f"{tmp_path / 'signing.key'}: cannot be used: Is a directory"
    with pytest.raises(SigningKeyError, match="cannot be used: No such file or directory"):
        load_or_create(tmp_path / "absent")


def test_a_configured_secret_is_used_and_no_file_made(tmp_path: Path) -> None:
    assert signing_secret(GOOD, tmp_path) == GOOD.encode()
    assert not list(tmp_path.iterdir())
    assert signing_secret("", tmp_path) == load_or_create(tmp_path)


def test_a_weak_configured_secret_is_refused_without_being_shown(tmp_path: Path) -> None:
    with pytest.raises(WeakSecretError) as caught:
        signing_secret("hunter2", tmp_path)
    assert str(caught.value) == "auth.secret has 7 bytes: expected 32 or more"
