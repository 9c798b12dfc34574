"""Users whom an identity provider knows."""

from typing import Protocol

from attrs import frozen

from trichat.core.model import User


@frozen
class AdmitOutsider:
    """An account for whom an identity provider calls `subject`, made on first sight. If there is
    one already, it is that one. The user name is made unique; an address that is somebody's
    already is left out: no claim of a provider's opens an account that it did not make.
    reserved: comparison keys of names that they do not get either. Outcome: Registered.
    """

    uuid: str
    issuer: str
    subject: str
    username: str
    email: str | None
    at: int
    reserved: frozenset[str] = frozenset()


class Outsiders(Protocol):
    """What is read of users whom a provider knows."""

    async def outsider(self, issuer: str, subject: str) -> User | None:
        """Whom an identity provider calls so."""
