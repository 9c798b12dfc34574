"""Signing keys: which one signs tokens, and the end of everything that was signed."""

from typing import Protocol

from attrs import frozen


@frozen
class Signing:
    """What is known of the key that signs. kid: of the key under which logins were opened, None
    before there was one, empty where its file was taken away. everyone_out_at: when EndEverything
    was last written. moved: whether the database was restored since, so that the key may be missing
    on purpose.
    """

    kid: str | None = None
    everyone_out_at: int = 0
    moved: bool = False


@frozen
class UseSigningKey:
    """Notes that this key signs from now on. ends: whether every login, token and ticket that the
    key before gave out ends. Outcome: True.
    """

    kid: str
    at: int
    ends: bool


@frozen
class EndEverything:
    """Ends every login, every token that names none and every ticket, at the operator's word; open
    sockets end with them. keys: every API key too. Outcome: True.
    """

    at: int
    keys: bool = False


SigningWrite = UseSigningKey | EndEverything


class SigningKeys(Protocol):
    """Reads of signing keys."""

    async def signing(self) -> Signing:
        """Return which key signs, and when everybody was logged out last."""
