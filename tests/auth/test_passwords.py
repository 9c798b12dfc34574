"""Passwords: argon2id in threads, bounded, and the same work for an unknown user."""

import threading
from collections.abc import Callable

import argon2
import pytest
import trio
import trio.testing

from trichat.auth.common import is_common
from trichat.auth.fairlimiter import ANYBODY
from trichat.auth.passwords import (
    LONGEST_PASSWORD,
    BusyError,
    PasswordRefusedError,
    Passwords,
    ShareUsedError,
)


def quick(limit: int = 2) -> Passwords:
    return Passwords(limit, time_cost=1, memory_cost=8, parallelism=1)


async def test_a_password_matches_its_own_hash_only() -> None:
    passwords = quick()
    stored = await passwords.hash("correct horse")
    assert stored.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert "horse" not in stored
    assert await passwords.verify(stored, "correct horse")
    assert not await passwords.verify(stored, "correct horse ")
    assert not await passwords.verify(stored, "Correct horse")
    assert not await passwords.verify(stored, "")


async def test_an_empty_password_opens_nothing() -> None:
    """Though an older command line may have stored its hash."""
    passwords = quick()
    assert not await passwords.verify(await passwords.hash(""), "")


async def test_equal_passwords_have_different_hashes() -> None:
    passwords = quick()
    assert await passwords.hash("same") != await passwords.hash("same")


async def test_the_usual_parameters_are_those_of_the_library() -> None:
    assert (await Passwords().hash("x")).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_an_unknown_user_is_refused_by_a_hash_of_the_same_cost() -> None:
    passwords = quick()
    assert not await passwords.verify(None, "anything")
    assert not await passwords.verify(None, "")
    nobody = passwords._nobody
    assert not passwords.needs_rehash(nobody)
    stored = await passwords.hash("x")
    assert argon2.extract_parameters(nobody) == argon2.extract_parameters(stored)


async def test_the_length_is_bounded_in_bytes() -> None:
    passwords = quick()
    longest = "é" * (LONGEST_PASSWORD // 2)
    stored = await passwords.hash(longest)
    assert await passwords.verify(stored, longest)
    assert not await passwords.verify(stored, longest + "x")
    assert not await passwords.verify(None, longest + "x")
    assert await passwords.verify(await passwords.hash_new(longest), longest)
    with pytest.raises(PasswordRefusedError) as caught:
        await passwords.hash_new(longest + "x")
    assert str(caught.value) == "Password must have at most 1024 bytes"


@pytest.mark.parametrize("shortest", [1, 8, 12])
async def test_all_20_a_new_password_has_so_many_code_points_or_more(shortest: int) -> None:
    passwords = Passwords(shortest=shortest, time_cost=1, memory_cost=8, parallelism=1)
    enough = "\U0001f511" * shortest  # two units of UTF-16 each, four bytes of UTF-8
    assert await passwords.verify(await passwords.hash_new(enough), enough)
    with pytest.raises(PasswordRefusedError) as caught:
        await passwords.hash_new(enough[1:])
    assert str(caught.value) == f"Password must have at least {shortest} characters"


@pytest.mark.parametrize("common", ["password", "12345678", "Password1", "QWERTYUIOP", "iLoveYou"])
async def test_all_20_a_new_password_is_none_that_everybody_tries(common: str) -> None:
    with pytest.raises(PasswordRefusedError) as caught:
        await quick().hash_new(common)
    assert str(caught.value) == "Password is too common, choose another one"


async def test_all_20_a_password_of_before_is_hashed_anew_all_the_same() -> None:
    passwords = quick()
    assert await passwords.verify(await passwords.hash("1"), "1")


@pytest.mark.parametrize("rare", ["Secret1x", "Correct-horse-7", "password\n12345678", "\n", ""])
def test_all_20_other_passwords_are_not_common(rare: str) -> None:
    assert not is_common(rare)


async def test_a_lone_surrogate_is_a_password_like_any_other() -> None:
    passwords = quick()
    stored = await passwords.hash("a\ud800")
    assert await passwords.verify(stored, "a\ud800")
    assert not await passwords.verify(stored, "a")


async def test_a_stored_hash_that_is_none_is_a_fault_not_a_wrong_password() -> None:
    with pytest.raises(argon2.exceptions.InvalidHashError):
        await quick().verify("plain text", "plain text")


async def test_a_hash_of_other_parameters_still_matches_and_wants_to_be_made_anew() -> None:
    older = quick()
    newer = Passwords(time_cost=2, memory_cost=8, parallelism=1)
    stored = await older.hash("x")
    assert not older.needs_rehash(stored)
    assert newer.needs_rehash(stored)
    assert await newer.verify(stored, "x")


class Gated(Passwords):
    """Its threads wait for the gate; the hashes are real."""

    def __init__(self, limit: int, queue: int = 200, share: int = 0) -> None:
        super().__init__(limit, queue=queue, share=share, time_cost=1, memory_cost=8, parallelism=1)
        self.gate = threading.Event()
        self.started: list[int] = []

    def _matches(self, stored: str, secret: bytes) -> bool:
        self.started.append(threading.get_ident())
        self.gate.wait()
        return super()._matches(stored, secret)


async def until(condition: Callable[[], bool]) -> None:
    with trio.fail_after(5):
        while not condition():
            await trio.lowlevel.checkpoint()


async def test_no_more_than_the_limit_run_at_once_and_none_in_the_loop() -> None:
    passwords = Gated(2)
    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(passwords.verify, None, "x")
        await trio.testing.wait_all_tasks_blocked()
        await until(lambda: len(passwords.started) == 2)
        passwords.gate.set()
    assert len(passwords.started) == 5
    assert threading.get_ident() not in passwords.started


async def test_a_cancelled_call_returns_at_once_and_its_thread_keeps_its_place() -> None:
    passwords = Gated(1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(passwords.verify, None, "x")
        await until(lambda: len(passwords.started) == 1)
        nursery.cancel_scope.cancel()
    assert passwords._limiter.running == 1
    passwords.gate.set()
    await until(lambda: passwords._limiter.running == 0)


async def test_all_25_an_address_has_a_share_of_those_who_wait() -> None:
    passwords = Gated(1, queue=3, share=2)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(passwords.verify, None, "x", "away")
        await until(lambda: len(passwords.started) == 1)
        for _ in range(2):
            nursery.start_soon(passwords.verify, None, "x", "away")
        await trio.testing.wait_all_tasks_blocked()
        with pytest.raises(ShareUsedError) as refused:
            await passwords.hash_new("a good password", "away")
        assert refused.value.retry_after >= 1
        nursery.start_soon(passwords.verify, None, "x", "home")
        await trio.testing.wait_all_tasks_blocked()
        for source in ("home", "elsewhere", ANYBODY):
            with pytest.raises(BusyError) as full:
                await passwords.verify(None, "x", source)
            assert not isinstance(full.value, ShareUsedError)
        passwords.gate.set()
    assert len(passwords.started) == 4
    assert (passwords._limiter.running, passwords._limiter.waiting) == (0, 0)


async def test_who_is_known_to_come_from_nowhere_has_no_share() -> None:
    """A proxy that names nobody stands for all who come by it."""
    passwords = Gated(1, queue=5, share=1)
    async with trio.open_nursery() as nursery:
        for _ in range(6):
            nursery.start_soon(passwords.verify, None, "x")
        await until(lambda: passwords._limiter.waiting == 5)
        passwords.gate.set()
    assert len(passwords.started) == 6
