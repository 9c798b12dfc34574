"""Users whom an identity provider knows."""

from typing import Protocol

from attrs import frozen

from trichat.core.model import User


@frozen
class AddExternalUser:
    """Makes an account for the user whom an identity provider calls `subject`, or finds the one
    there is. The user name is made unique, and an address that somebody has already is left out: no
    claim of a provider opens an account that it did not make. reserved: comparison keys of names
    that are not given either. Outcome: Registered.
    """

    uuid: str
    issuer: str
    subject: str
    username: str
    email: str | None
    at: int
    reserved: frozenset[str] = frozenset()


class ExternalUsers(Protocol):
    """Reads of users whom a provider knows."""

    async def external_user(self, issuer: str, subject: str) -> User | None:
        """Return the user whom this provider calls so."""
