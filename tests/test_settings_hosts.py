"""Where a server listens: what is an address, a name or a Unix socket, and the words else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.configuring import environment_refusal, from_environment, from_toml, refusal
from trichat.settings.hosts import Host

EXPECTED = (
    "expected an IP address (0.0.0.0 or :: for all of them), a host name, or"
    ' "unix:" and the absolute path of a socket, 107 bytes at most'
)
LONG = "unix:/" + "x" * 106


@pytest.mark.parametrize(
    ("host", "kept"),
    [
        ("0.0.0.0", "0.0.0.0"),
        ("::", "::"),
        ("[::1]", "::1"),
        ("2001:db8::7", "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("localhost", "localhost"),
        ("chat_1.internal.example.", "chat_1.internal.example."),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("4chat", "4chat"),
        ("unix:/run/trichat/chat.sock", "unix:/run/trichat/chat.sock"),
        ("unix:/run/tri chat/ü", "unix:/run/tri chat/ü"),
        (LONG, LONG),
    ],
)
def test_an_address_a_name_or_a_socket_is_taken(tmp_path: Path, host: str, kept: str) -> None:
    assert from_environment(TRICHAT_SERVER_HOST=host).server.host == kept
    assert from_toml(tmp_path, f'[server]\nhost = "{host}"').server.host == kept


@pytest.mark.parametrize(
    "host",
    [
        "",
        " ",
        "*",
        "fd://3",
        "tcp://127.0.0.1",
        "http://localhost",
        "/run/chat.sock",
        "127.0.0.1:8000",
        "localhost:8000",
        "[::1]:8000",
        "[127.0.0.1]",
        "[localhost]",
        "[::1",
        "::1]",
        ":::1",
        "256.0.0.1",
        "1.2.3",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0.0.0.0/0",
        "-chat",
        "chat-",
        "chat..example",
        ".",
        "bücher.example",
        "two names",
        "a,b",
        "x" * 64,
        ".".join(["x" * 62] * 5),
        "::1%a\tb",
        "unix:",
        "unix:run/chat.sock",
        "unix:@abstract",
        "unix:/run/",
        "unix://",
        "UNIX:/run/chat.sock",
        LONG + "x",
        "unix:/" + "ü" * 54,
    ],
)
def test_what_is_none_is_refused_in_words(host: str) -> None:
    said = environment_refusal(TRICHAT_SERVER_HOST=host)
    shown = repr(host) if len(repr(host)) <= 80 else repr(host)[:80] + "…"
    assert said == f"server.host (TRICHAT_SERVER_HOST) is {shown}: {EXPECTED}"


@pytest.mark.parametrize("host", ["7", "[1]", "false", '"unix:/a\\u0000b"'])
def test_neither_is_what_no_text_is_or_no_file_can_be_named(tmp_path: Path, host: str) -> None:
    assert refusal(tmp_path, f"[server]\nhost = {host}").endswith(EXPECTED)


@given(st.text(max_size=40) | st.from_regex(r"[\[0-9a-fx.:%\]/-]{0,30}", fullmatch=True))
def test_what_is_taken_is_taken_again(text: str) -> None:
    """And nothing else is raised than what names the setting."""
    try:
        host = Host()(text)
    except ValueError:
        return
    assert Host()(host) == host


def test_a_unix_socket_has_no_port(tmp_path: Path) -> None:
    socket = '[server]\nhost = "unix:/run/chat.sock"'
    assert from_toml(tmp_path, socket).server.port == 8000  # the default, which nobody asked for
    said = refusal(tmp_path, f"{socket}\nport = 9000")
    assert said.startswith("server.port ")
    assert "is 9000: expected none, since server.host is 'unix:/run/chat.sock'" in said


@pytest.mark.parametrize("mode", ["660", "0600", "777", "000"])
def test_permissions_are_octal_digits(mode: str) -> None:
    assert from_environment(TRICHAT_SERVER_SOCKET_MODE=mode).server.socket_mode == mode


@pytest.mark.parametrize("mode", ["", "66", "0o660", "668", "1777", "rw-rw----", "-660"])
def test_what_are_no_permissions_is_refused(mode: str) -> None:
    assert environment_refusal(TRICHAT_SERVER_SOCKET_MODE=mode) == (
        f"server.socket_mode (TRICHAT_SERVER_SOCKET_MODE) is {mode!r}: expected three octal digits"
        ' in quotes, such as "660"'
    )


def test_a_number_is_no_permissions(tmp_path: Path) -> None:
    assert "octal digits in quotes" in refusal(tmp_path, "[server]\nsocket_mode = 660")
