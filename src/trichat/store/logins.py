"""What is written of logins, refresh tokens and tickets, and what comes of each."""

from attrs import field, frozen

from trichat.core.model import User


@frozen
class NewLogin:
    """What a login leaves behind; times in milliseconds. expires_at: when none of its tokens is
    good any more; ends_at: beyond which that is never moved. family, secret: SHA-256 of the two
    parts of its refresh token, in hex; None where it has none.
    """

    name: str
    expires_at: int
    ends_at: int
    family: str | None = None
    secret: str | None = None


@frozen
class OpenLogin:
    """A login by the password behind this hash. most: logins with refresh tokens that one user
    may have; beyond it the one goes that was renewed the longest ago.
    Outcome: LoggedIn, or Outdated (the password is another by now).
    """

    user_id: int
    password_hash: str = field(repr=False)
    login: NewLogin
    at: int
    most: int


@frozen
class LoggedIn:
    """It is there. ended: the names of those that had to go."""

    ended: tuple[str, ...]


@frozen
class RenewLogin:
    """A refresh token is shown, and the next one counts from now on; the same again within
    `grace` milliseconds, as long as the next one was not used, changes nothing. former: what the
    next one would be by signing keys of before.
    expires_at: what the login's becomes, no later than its ends_at.
    Outcome: Renewed, NoSuchLogin or UsedBefore.
    """

    family: str
    shown: str
    next: str
    at: int
    expires_at: int
    grace: int
    former: tuple[str, ...] = ()


@frozen
class Renewed:
    """The login goes on. expires_at: milliseconds. former: which one of RenewLogin.former counts;
    None where the next one does.
    """

    user: User
    name: str
    expires_at: int
    former: str | None = None


@frozen
class EndLogin:
    """Nothing that it opened is good any more. expires_at: when its tokens end by themselves, in
    milliseconds, for a token that is a login by itself. Outcome: True.
    """

    name: str
    user_id: int
    at: int
    expires_at: int


@frozen
class EndLogins:
    """All of a user's, and every token of his that names none. Outcome: True."""

    user_id: int
    at: int


@frozen
class EndEverything:
    """The operator's word: every login of everybody ends, every token that names none and every
    ticket, and open sockets with them. keys: every API key too. Outcome: True.
    """

    at: int
    keys: bool = False


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
class Ticket:
    """What a ticket stands for: one connection by this token of this user. login: the token's, or
    its own digest; issued_at, token_expires: the token's, in milliseconds, the first None where
    it names a login.
    """

    user_id: int
    login: str
    issued_at: int | None
    token_expires: int


@frozen
class AddTicket:
    """digest: SHA-256 of the ticket, in hex. most: living ones that a user may have.
    Outcome: True, or RateLimited.
    """

    digest: str
    ticket: Ticket
    at: int
    expires_at: int
    most: int


@frozen
class TakeTicket:
    """It is used, once. Outcome: the Ticket, or NoSuchTicket."""

    digest: str
    at: int


@frozen
class ForgetLogins:
    """What has been over since `before` takes no room any more, so many rows at most.
    Outcome: how many went (int).
    """

    before: int
    most: int
