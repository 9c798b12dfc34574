"""A logged event is repeated for a client that missed it.

What has become of its message since, the events that follow say, or it is not to be read any more.
"""

from collections import Counter

from attrs import evolve

from trichat.core.events import Edited, RoomEvent, Said


def replayed(event: RoomEvent) -> RoomEvent | None:
    """Return the event as it is repeated; None where nothing is left of it.

    A message deleted since has no text (all-16). Its reactions are those it had, as far as the
    newest say; its text and the names are as they are now.
    """
    if not isinstance(event, Said | Edited):
        return event
    message = event.message
    if not message.text:
        return None
    then = tuple(each for each in message.reactions if each.created_at <= event.at)
    if then == message.reactions:
        return event
    since = Counter(each.emoji for each in message.reactions if each.created_at > event.at)
    left = [(emoji, number - since[emoji]) for emoji, number in message.reaction_counts]
    counts = tuple((emoji, number) for emoji, number in left if number > 0)
    return evolve(event, message=evolve(message, reactions=then, reaction_counts=counts))
