"""Who is named in a text, and whom of them it is told to (channels-13)."""

from collections.abc import Callable, Iterable, Mapping

from trichat.core.model import User


def named(names: Iterable[str], users: Mapping[str, User]) -> tuple[User, ...]:
    """Those of the names that users bear, in order."""
    return tuple(users[name] for name in names if name in users)


def notified(
    mentions: Iterable[User], author: User, is_member: Callable[[int], bool]
) -> tuple[User, ...]:
    """Members of the room, but the author."""
    return tuple(user for user in mentions if user.id != author.id and is_member(user.id))
