"""The channels dialect: `/ws`, live beside REST (channels-1 to channels-23)."""

from collections.abc import Sequence

from trichat.core import answers as a
from trichat.core import events as e
from trichat.core import refusals as r
from trichat.core import requests
from trichat.core.model import User
from trichat.core.policy import NOT_DIRECT
from trichat.dialects.channels import frames
from trichat.dialects.channels.pushes import NAME, PUSHES
from trichat.dialects.channels.refusals import (
    ACCESS_DENIED,
    FAILURES,
    INTERNAL,
    INVALID_JSON,
    MISSING_ID,
    TYPE_OF,
    unknown_type,
)
from trichat.dialects.channels.requests import REQUESTS, Ping
from trichat.dialects.codec import NotJsonError, decode, encode, millis, structure
from trichat.dialects.disconnects import DisconnectReason, codes
from trichat.dialects.port import Decoded, Dialect, Push, Reply


class Channels(Dialect):
    """Sending, editing and reacting are REST's; here is what it pushes."""

    name = NAME
    kinds = NOT_DIRECT
    codes = codes()

    def decode(self, data: str) -> Decoded:
        try:
            frame = decode(data)
        except NotJsonError:
            return INVALID_JSON
        if not isinstance(frame, dict):
            return INVALID_JSON
        type_ = frame.get("type")
        request = REQUESTS.get(type_) if isinstance(type_, str) else None
        if request is None or not isinstance(type_, str):
            return unknown_type(type_)
        shape, make = request
        if shape is not Ping and frame.get("channel_id") in (None, ""):
            return MISSING_ID
        said = structure(frame, shape)
        return FAILURES[type_] if said is None else make(said)

    def decode_binary(self, data: bytes) -> Decoded:
        return INVALID_JSON

    def greet(self, user: User, at: int) -> bytes | None:
        frame: frames.ConnectionEstablished = {
            "type": "connection_established",
            "user_id": user.uuid,
            "username": user.username,
            "timestamp": millis(at),
        }
        return encode(frame)

    def answer(
        self, request: requests.Request, answer: a.Answer, me: User, at: int
    ) -> Sequence[bytes]:
        match request, answer:
            case requests.Echo(), _:
                pong: frames.Pong = {"type": "pong", "timestamp": millis(at)}
                return (encode(pong),)
            case requests.Enter(room=str() as id_), a.CameIn():
                return (_joined(id_, at),)
            case requests.Exit(room=str() as id_), a.WentOut():
                return (_out(id_, at),)
            case _, a.Online(room=room, users=users):
                online: frames.OnlineUsers = {
                    "type": "online_users",
                    "channel_id": room.uuid,
                    "users": [user.uuid for user in users],
                    "timestamp": millis(at),
                }
                return (encode(online),)
            case _, a.Place(cursor=cursor):
                place: frames.Cursor = {
                    "type": "cursor",
                    "cursor": cursor,
                    "timestamp": millis(at),
                }
                return (encode(place),)
            case _, a.Gap(rooms=rooms, unknown=unknown):
                gap: frames.Gap = {
                    "type": "gap",
                    "channel_ids": [room.uuid for room in rooms],
                    "unknown": list(unknown),
                    "timestamp": millis(at),
                }
                return (encode(gap),)
        return ()

    def refuse(self, request: requests.Request | None, refusal: r.Refusal, at: int) -> Reply:
        match request, refusal:
            case requests.Enter(room=str() as id_), r.AlreadyHere():
                return Reply(_joined(id_, at))
            case requests.Exit(room=str() as id_), r.NotHere():
                return Reply(_out(id_, at))
            case _, r.NoSuchRoom() | r.NotAdmitted() | r.NotMember():
                return ACCESS_DENIED
        return FAILURES.get(TYPE_OF.get(type(request), ""), INTERNAL)

    def push(self, event: e.Event) -> Sequence[Push]:
        make = PUSHES.get(type(event))
        return make(event) if make else ()

    def part(self, cause: DisconnectReason, reason: str, at: int) -> bytes | None:
        """channels-20"""
        if cause is not DisconnectReason.BARRED:
            return None
        frame: frames.ForceDisconnect = {
            "type": "force_disconnect",
            "reason": reason,
            "timestamp": millis(at),
        }
        return encode(frame)


def _joined(id_: str, at: int) -> bytes:
    frame: frames.ChannelJoined = {
        "type": "channel_joined",
        "channel_id": id_,
        "timestamp": millis(at),
    }
    return encode(frame)


def _out(id_: str, at: int) -> bytes:
    frame: frames.ChannelLeft = {
        "type": "channel_left",
        "channel_id": id_,
        "timestamp": millis(at),
    }
    return encode(frame)
