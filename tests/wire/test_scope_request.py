"""What an upgrade request says, read of the scope: headers that come in several lines."""

import pytest

from trichat.wire.handshake import ScopeRequest

Lines = list[tuple[bytes, bytes]]


@pytest.mark.parametrize(
    ("lines", "name", "text"),
    [
        ([(b"X-Forwarded-For", b"192.0.2.1"), (b"x-forwarded-for", b"192.0.2.2, 192.0.2.3")],
         "x-forwarded-for", "192.0.2.1,192.0.2.2, 192.0.2.3"),
        ([(b"Authorization", b"Bearer one"), (b"authorization", b"Bearer two")],
         "authorization", "Bearer one"),
        ([(b"Authorization", b"Basic one"), (b"authorization", b"Bearer two")],
         "authorization", "Bearer two"),
        ([(b"origin", b"https://one.example"), (b"Origin", b"https://two.example")],
         "origin", "https://two.example"),
    ],
)  # fmt: skip
def test_all_5_of_a_header_in_several_lines(lines: Lines, name: str, text: str) -> None:
    """Each proxy adds a line of its own; of several credentials the first Bearer counts."""
    assert dict(ScopeRequest({"headers": lines}).headers) == {name: text}
