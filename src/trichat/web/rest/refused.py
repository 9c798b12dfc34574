"""Refusals are put into HTTP's words.

An endpoint whose contract says otherwise brings words of its own.
"""

from collections.abc import Mapping

from trichat.core import refusals as r
from trichat.web.rest.errors import STORAGE_FAILED, RequestError, retry_after

Words = Mapping[type[r.Refusal], tuple[int, str]]

COMMON: Words = {
    r.NoSuchRoom: (404, "Channel not found"),
    r.NotAdmitted: (403, "Access denied to channel"),
    r.NotMember: (403, "Access denied to channel"),
    r.NoSuchMessage: (404, "Message not found"),
    r.NoSuchReaction: (404, "Reaction not found"),
    r.NoSuchUser: (404, "User not found"),
    r.RoomFull: (400, "Channel is full"),
    r.RateLimited: (429, "Too many messages, try again later"),
    r.Failed: (503, STORAGE_FAILED),
}


def refused(refusal: r.Refusal, words: Words) -> RequestError:
    """Return the answer. A refusal that no table names is a bug, and becomes 500."""
    kind = type(refusal)
    status, detail = words[kind] if kind in words else COMMON[kind]
    headers = None
    if isinstance(refusal, r.RateLimited):
        headers = retry_after(refusal.retry_after)
    elif isinstance(refusal, r.TooManyRooms):  # until one of them ends: nobody knows when
        headers = retry_after(3600)
    return RequestError(status, detail, headers)
