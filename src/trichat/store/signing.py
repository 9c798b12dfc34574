"""Which key signs tokens, and the end of everything that was signed."""

from typing import Protocol

from attrs import frozen


@frozen
class Signing:
    """kid: of the key under which logins were opened, None before it was ever told, empty where its
    file was taken away. everyone_out_at: of the last EndEverything. moved: whether the database was
    restored since, so that the key may be missing on purpose.
    """

    kid: str | None = None
    everyone_out_at: int = 0
    moved: bool = False


@frozen
class UseSigningKey:
    """This key signs from now on. ends: whether what was given out under the one before ends: every
    login, token and ticket. Outcome: True.
    """

    kid: str
    at: int
    ends: bool


@frozen
class EndEverything:
    """The operator's word: every login of everybody ends, every token that names none and every
    ticket, and open sockets with them. keys: every API key too. Outcome: True.
    """

    at: int
    keys: bool = False


SigningWrite = UseSigningKey | EndEverything


class SigningKeys(Protocol):
    """What is read of signing keys."""

    async def signing(self) -> Signing:
        """Which key logins were opened under, and when everybody was logged out last."""
