"""What may happen in a chat, with any names, texts and times: values of the core.

Made from the classes themselves: a new event or answer is tried without a word here, as long as its
fields bear known names.
"""

from types import UnionType
from typing import Any, Union, get_args, get_origin

import attrs
from hypothesis import strategies as st

from tests.properties.values import shared
from trichat.core import events as e
from trichat.core import model as m
from trichat.core.answers import RoomView

# All that storage can hold (all-9).
clean = st.characters(codec="utf-8", exclude_characters="\0")
texts = shared(
    (4, st.text(clean, min_size=1, max_size=40)),
    (1, st.sampled_from([" x\n", "\u2028", "'\"\\/", "\x01\x7f\x9f", "\U0010ffff", "é" * 9999])),
)  # fmt: skip
uuids = st.uuids().map(str)
moments = st.integers(0, 253_402_300_799_999)  # to the end of the year 9999
numbers = st.integers(1, 2**53 - 1)


def some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """A few of them."""
    return st.lists(strategy, max_size=3).map(tuple)


users = st.builds(
    m.User,
    numbers,
    uuids,
    texts,
    st.none() | texts,
    moments,
    moments,
    st.none() | texts,
    st.sampled_from(m.Status),
    st.none() | moments,
    st.sampled_from(m.Role),
)
rooms = st.builds(
    m.Room,
    numbers,
    uuids,
    st.sampled_from(m.Kind),
    texts,
    st.sampled_from(m.Origin),
    moments,
    moments,
    st.none() | texts,
    st.none() | texts,
    st.none() | st.integers(2, 1000),
    st.none() | numbers,
)
reactions = st.builds(m.Reaction, uuids, texts, users, moments)
messages = st.builds(
    m.Message,
    numbers,
    uuids,
    rooms,
    users,
    texts,
    moments,
    moments,
    st.booleans(),
    st.booleans(),
    some(users),
    some(reactions),
)
reason = st.builds(m.Reason, uuids, st.none() | texts, st.none())
_entered = st.builds(e.Entered, rooms, users, moments, texts, st.booleans(), uuids)
_exited = st.builds(e.Exited, rooms, users, moments, texts, st.booleans(), uuids)
_views = st.builds(RoomView, rooms, some(st.tuples(users, moments)))

_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "asked": st.booleans(),
    "at": moments,
    "by": users,
    "dialect": st.sampled_from(["chats", "room", "lobby", "channels", "conversations"]),
    "reason": st.none() | reason,
    "members": some(users),
    "message": messages,
    "messages": some(messages),
    "newly": some(st.tuples(numbers, numbers)),
    "notified": some(users),
    "on": st.booleans(),
    "online": st.booleans(),
    "overviews": some(
        st.builds(m.Overview, rooms, some(users), st.none() | messages, st.booleans())
    ),
    "reaction": reactions,
    "receiver_id": numbers,
    "retry_after": st.floats(0, 60),
    "room": rooms,
    "seq": numbers,
    "standing": st.sampled_from(m.RoomRole),
    "told": st.booleans(),
    "user": users,
    "users": some(users),
    "uuid": uuids,
    "view": _views,
    "views": some(_views),
    "why": st.sampled_from(["", "blank", "long", "unclean"]),
}
_EVENT_OF = {"CameIn": _entered, "WentOut": _exited}


def made(shape: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of this class."""
    fields = {each.name: _FIELDS.get(each.name, texts) for each in attrs.fields(shape)}
    if "event" in fields:
        fields["event"] = _EVENT_OF[shape.__name__]
    if "events" in fields:
        fields["events"] = st.just(())
    return st.builds(shape, **fields)


def classes(union: Any) -> list[type[Any]]:
    """The classes of a union, unions in it included."""
    if get_origin(union) in (Union, UnionType):
        return [each for part in get_args(union) for each in classes(part)]
    return [union]


EVENTS: tuple[type[Any], ...] = tuple(classes(e.Event))
