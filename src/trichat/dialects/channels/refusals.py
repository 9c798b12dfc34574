"""The channels dialect answers in these words to what is not done."""

from collections.abc import Mapping

from trichat.core import requests
from trichat.dialects.channels import frames
from trichat.dialects.codec import encode
from trichat.dialects.port import Reply


def _error(code: frames.ErrorCode, message: frames.Refusal, details: frames.Details = "") -> Reply:
    frame: frames.Failure = {
        "type": "error",
        "error_code": code,
        "message": message,
        "details": details,
    }
    return Reply(encode(frame), code)


INVALID_JSON = _error("invalid_json", "Invalid JSON format")
MISSING_ID = _error("missing_channel_id", "Channel ID is required")
ACCESS_DENIED = _error(
    "access_denied",
    "Access denied to channel",
    "User is not a member of this private channel",
)
INTERNAL = _error("internal_error", "Internal server error")

# What each request answers when it fails, or when its fields are of the wrong type.
FAILURES: Mapping[str, Reply] = {
    "join_channel": _error("join_channel_error", "Failed to join channel"),
    "leave_channel": _error("leave_channel_error", "Failed to leave channel"),
    "typing_indicator": _error("typing_indicator_error", "Failed to process typing indicator"),
    "get_online_users": _error("get_online_users_error", "Failed to get online users"),
}
TYPE_OF: Mapping[type, str] = {
    requests.Enter: "join_channel",
    requests.Exit: "leave_channel",
    requests.Type: "typing_indicator",
    requests.WhoIsOnline: "get_online_users",
}


def unknown_type(type_: object) -> Reply:
    """Write the answer to what names no request; the name stands in it, cut short."""
    shown = "" if type_ is None else type_ if isinstance(type_, str) else encode(type_).decode()
    frame: frames.Failure = {
        "type": "error",
        "error_code": "unknown_message_type",
        "message": f"{frames.UNKNOWN_TYPE}{shown[: frames.TYPE_SHOWN]}",
        "details": "",
    }
    return Reply(encode(frame), frame["error_code"])
