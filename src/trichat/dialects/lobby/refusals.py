"""The lobby dialect answers in these words to what is not done."""

from collections.abc import Mapping

from trichat.core import refusals as r
from trichat.dialects.codec import encode
from trichat.dialects.keys import BAD, REUSED
from trichat.dialects.lobby import frames
from trichat.dialects.port import Reply


def failure(text: frames.Refusal) -> Reply:
    """Write the answer to what cannot be done."""
    frame: frames.Failure = {"type": "error", "data": {"message": text}}
    return Reply(encode(frame), text)


INVALID = failure("invalid message")
BAD_KEY = failure(BAD)

ERRORS: Mapping[type[r.Refusal], frames.Refusal] = {
    r.NoSuchRoom: "room not found",
    r.NoSuchUser: "user not found",
    r.Invalid: "invalid message",
    r.NotAdmitted: "unauthorized",
    r.NotMember: "unauthorized",
    r.NotHere: "unauthorized",
    r.Forbidden: "unauthorized",
    r.RoomFull: "room is full",
    r.AlreadyHere: "user already in room",
    r.RateLimited: "rate limit exceeded",
    r.TooManyRooms: "room limit exceeded",
    r.KeyReused: REUSED,
}
