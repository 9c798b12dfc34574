"""How the server ends connections, as a client sees it: code and words by the reason's name."""

from collections.abc import Mapping

# Of all dialects: the code, and the words.
EVERYWHERE: Mapping[str, tuple[int, str]] = {
    "CROWDED": (1008, "too many connections of this user"),
    "FLOOD": (1008, "too many frames"),
    "NONSENSE": (1008, "too many bad frames"),
    "BROKEN_FRAME": (1002, "protocol error"),
    "NOT_UTF8": (1007, "not UTF-8"),
    "TOO_BIG": (1009, "message too big"),
    "SILENT": (1001, "nothing heard for too long: connect again"),
    "TOO_SLOW": (1013, "too slow: connect again and resume"),
    "CLOSED": (1000, ""),  # the peer's own
    "GOING_AWAY": (1001, "server going away: connect again"),
    "STORAGE_FAILED": (1011, "storage unavailable: connect again later"),
    "FAILED": (1011, "server error: connect again"),
    "UNDECIDED": (1013, "token not verified yet: connect again later"),
}
# With the code that the dialect has for a credential that does not count.
CREDENTIALS = {
    "TOKEN_INVALID": "token invalid",
    "TOKEN_EXPIRED": "token expired",
    "TICKET_INVALID": "ticket invalid: unknown, used or too old",
    "REVOKED": "token invalid: its login has ended",
    "BARRED": "account suspended",
}
MISSING = {
    "chats": "token missing: expected ?token= or ?ticket=",
    "room": "token missing: expected an Authorization: Bearer header, ?token= or ?ticket=",
    "lobby": "token missing: expected an Authorization: Bearer header, an x-api-key header, ?token="
    " or ?ticket=",
    "channels": "token missing: expected ?token= or ?ticket=",
    "conversations": "token missing: expected ?token= or ?ticket=",
}
UNAUTHORIZED = {"chats": 1008, "room": 4001, "lobby": 1008, "channels": 1008, "conversations": 4001}
OWN: Mapping[str, Mapping[str, tuple[int, str]]] = {
    "chats": {
        "NOT_JSON": (1007, "not JSON"),
        "NOT_AN_OBJECT": (1007, "not an object"),
        "NOT_TEXT": (1003, "text frames only"),
    },
    "room": {
        "NAME_INVALID": (
            4000,
            "room name invalid: 1 to 100 characters, not blank, no control characters, no /",
        ),
        "NO_ROOM": (4000, "room not found"),
        "ROOM_ENDED": (4000, "room has ended"),
        "TOO_MANY_ROOMS": (4000, "room not created: too many rooms"),
        "NOT_STORED": (4000, "room not created: connect again later"),
        "NOT_ADMITTED": (4003, "room is private"),
        "FULL": (4003, "room is full"),
    },
    "lobby": {
        "KEY_INVALID": (1008, "API key invalid"),
        "KEY_REVOKED": (1008, "API key invalid: it was revoked"),
        "KEY_EXPIRED": (1008, "API key expired"),
    },
    "channels": {},
    "conversations": {},
}
# The lobby refuses before the upgrade.
EARLY = {
    "TOKEN_MISSING": 401, "TOKEN_INVALID": 401, "TICKET_INVALID": 401, "KEY_INVALID": 401,
    "CROWDED": 429, "UNDECIDED": 503, "STORAGE_FAILED": 503,
}  # fmt: skip


def table(dialect: str) -> dict[str, tuple[int, str]]:
    """All that may end a connection of the dialect."""
    code = UNAUTHORIZED[dialect]
    credentials = {name: (code, words) for name, words in CREDENTIALS.items()}
    missing = {"TOKEN_MISSING": (code, MISSING[dialect])}
    return {**EVERYWHERE, **credentials, **missing, **OWN[dialect]}
