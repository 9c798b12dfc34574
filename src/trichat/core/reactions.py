"""A message bears so many reactions, and each may be so long (all-23).

Taking one back is never refused, so a message may stand beyond the bounds when these were wider
before.
"""

from collections.abc import Iterable, Mapping

from attrs import define, field, frozen

from trichat.core.model import Reaction
from trichat.core.refusals import Invalid, Refusal, TooManyReactions
from trichat.core.text import is_blank

MAX_EMOJI = 32  # code points; the longest emoji of Unicode has 10
SHOWN = 200  # so many of a message's reactions it holds, the newest; the rest is read in pages


@frozen
class Bounds:
    """emojis: different ones on one message. own: reactions of one user on one message."""

    emojis: int = 50
    own: int = 20


@define
class OnMessage:
    """What the rules need to know of one message's reactions, as a batch changes it.

    counts: how many there are of each emoji. own: by user id, those of users who ask, by emoji.
    """

    counts: dict[str, int]
    own: dict[int, dict[str, Reaction]] = field(factory=dict)

    @classmethod
    def of(cls, counts: Mapping[str, int], known: Iterable[Reaction]) -> "OnMessage":
        """known: the reactions of the users who ask."""
        found = cls(dict(counts))
        for reaction in known:
            found.own.setdefault(reaction.user.id, {})[reaction.emoji] = reaction
        return found

    def copy(self) -> "OnMessage":
        """Return a copy that may change."""
        own = {user_id: dict(held) for user_id, held in self.own.items()}
        return OnMessage(dict(self.counts), own)

    def why_not(self, user_id: int, emoji: str, bounds: Bounds) -> Refusal | None:
        """Return why a user may not add this one; None when they may."""
        if is_blank(emoji):
            return Invalid("emoji", "blank")
        if len(emoji) > MAX_EMOJI:
            return Invalid("emoji", "long")
        if len(self.own.get(user_id, ())) >= bounds.own:
            return TooManyReactions("own")
        if emoji not in self.counts and len(self.counts) >= bounds.emojis:
            return TooManyReactions("emojis")
        return None

    def add(self, reaction: Reaction) -> None:
        self.counts[reaction.emoji] = self.counts.get(reaction.emoji, 0) + 1
        self.own.setdefault(reaction.user.id, {})[reaction.emoji] = reaction

    def remove(self, reaction: Reaction) -> None:
        """Remove a reaction. Raises KeyError if it is not there."""
        self.counts[reaction.emoji] -= 1
        if not self.counts[reaction.emoji]:
            del self.counts[reaction.emoji]
        del self.own[reaction.user.id][reaction.emoji]
