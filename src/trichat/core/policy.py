"""One table, read by everyone, says who may do what in which kind of room (all-8, all-10)."""

from trichat.core.model import Kind, Membership, Room, RoomRole, User

# Direct rooms are known to some dialects only (all-8).
NOT_DIRECT = frozenset({Kind.PUBLIC, Kind.PRIVATE})
EVERY_KIND = frozenset(Kind)


def may_visit(room: Room, membership: Membership | None) -> bool:
    """Return whether a connection of this user may be in the room: anyone in a public one."""
    return room.kind is Kind.PUBLIC or membership is not None


def may_say(room: Room, membership: Membership | None, *, visiting: bool) -> bool:
    """Return whether the user may say something: members, and visitors of a public room.

    A visitor may as long as they are there.
    """
    return membership is not None or (visiting and room.kind is Kind.PUBLIC)


def may_say_as_system(user: User, membership: Membership | None) -> bool:
    """Return whether they own the room or are an administrator (lobby-10)."""
    owns = membership is not None and membership.role is RoomRole.OWNER
    return owns or user.administers


def may_add(room: Room, membership: Membership | None) -> bool:
    """Return whether they may add others: anyone to a public room, members to a private one
    (channels-19).
    """
    return may_visit(room, membership) and room.kind is not Kind.DIRECT
