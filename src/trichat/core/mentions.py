"""A text names users, and of these some are notified (all-21, channels-13)."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping

from attrs import frozen

from trichat.core.codespans import Code
from trichat.core.model import User
from trichat.core.names import comparison_key
from trichat.core.text import MAX_NAME

MAX_MENTIONS = 50  # users that one message mentions
# Possible names that are looked for: many more than people's messages have. What comes behind those
# of a hostile text mentions nobody.
MOST_CANDIDATES = 1500

_AT = re.compile("@")


@frozen
class Candidate:
    """So many code points behind an @, which may be a name. key: what is compared of them."""

    length: int
    key: str


@frozen
class Spot:
    """Where a name may begin, behind its @. candidates: the shortest first."""

    begin: int
    candidates: tuple[Candidate, ...]


@frozen
class Namesake:
    """A user whose name has the key of a candidate."""

    user: User
    key: str
    is_member: bool


def spots(text: str) -> list[Spot]:
    """Return the places where names may begin, in order, and what may be the names.

    An @ counts that stands in no code and behind no letter, digit, mark or one of `._-@/`. A name
    ends before whatever is no letter, digit, mark, `_` or `@`.
    """
    if "@" not in text:
        return []
    found: list[Spot] = []
    code, pieces = Code(text), _Pieces(text)
    alike: dict[str, tuple[Candidate, ...]] = {}
    space = MOST_CANDIDATES
    for at in _AT.finditer(text):
        begin = at.end()
        if not _may_begin(text, at.start()) or code.covers(begin):
            continue
        window = text[begin : begin + MAX_NAME + 1]
        if window not in alike:
            alike[window] = tuple(pieces.behind(begin))
            space -= len(alike[window])
        if space < 0:
            break
        if alike[window]:
            found.append(Spot(begin, alike[window]))
    return found


def named(text: str, places: Iterable[Spot], known: Iterable[Namesake]) -> tuple[User, ...]:
    """Return the users that a text mentions, in order.

    At each place that is the longest name of a member, else the longest of any user. Of names of
    one length it is the exact one, else one that is alike.
    """
    by_key: dict[str, list[Namesake]] = {}
    for namesake in known:
        by_key.setdefault(namesake.key, []).append(namesake)
    mentioned: dict[int, User] = {}
    end = 0
    for spot in places if by_key else ():
        if spot.begin <= end:  # its @ is part of a name
            continue
        found = _longest(text, spot, by_key)
        if found is not None:
            user, end = found
            mentioned[user.id] = user
            if len(mentioned) == MAX_MENTIONS:
                break
    return tuple(mentioned.values())


def notified(
    mentions: Iterable[User], author: User, is_member: Callable[[int], bool]
) -> tuple[User, ...]:
    """Return the members of the room among them, but not the author."""
    return tuple(user for user in mentions if user.id != author.id and is_member(user.id))


def _longest(
    text: str, spot: Spot, by_key: Mapping[str, list[Namesake]]
) -> tuple[User, int] | None:
    """Return who is named, and where their name ends."""
    for members_only in (True, False):
        for candidate in reversed(spot.candidates):
            end = spot.begin + candidate.length
            alike = [
                namesake.user
                for namesake in by_key.get(candidate.key, ())
                if namesake.is_member or not members_only
            ]
            if alike:
                written = text[spot.begin : end]
                return min(alike, key=lambda user: (user.username != written, user.id)), end
    return None


# -- letters


def _is_of_word(character: str) -> bool:
    """Return whether it is a letter, a digit or a mark."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def _may_begin(text: str, at: int) -> bool:
    before = text[at - 1 : at]
    return not before or not (_is_of_word(before) or before in "._-@/")


class _Pieces:
    """A text cut before every character that a name may end before, and the key of each piece.

    The key of a whole is made of those of its pieces, so each is made once, however many names may
    begin before it.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[int, tuple[int, str] | None] = {}

    def behind(self, begin: int) -> Iterator[Candidate]:
        """Return what may be a name that begins here."""
        end, key = begin, ""
        if self._text[begin : begin + 1].isspace():
            return
        while (piece := self._piece(end)) is not None:
            end, more = piece
            if end - begin > MAX_NAME:
                return
            key += more
            if not self._text[end - 1].isspace():
                yield Candidate(end - begin, " ".join(key.split()))

    def _piece(self, begin: int) -> tuple[int, str] | None:
        """Return where the piece that begins here ends, and its key; None where no name goes on."""
        if begin not in self._known:
            self._known[begin] = self._cut(begin)
        return self._known[begin]

    def _cut(self, begin: int) -> tuple[int, str] | None:
        text = self._text
        if begin == len(text) or unicodedata.category(text[begin]) == "Cc":
            return None
        most = min(len(text), begin + MAX_NAME + 1)
        end = begin + 1
        while end < most and (text[end] in "_@" or _is_of_word(text[end])):
            end += 1
        piece = text[begin:end]
        blank = " " if piece[0].isspace() else ""
        return end, blank + comparison_key(piece)
