"""Settings that are good by themselves and do not fit together."""

from pathlib import Path

import pytest

from tests.configuring import environment_refusal, from_environment, from_toml, refusal
from trichat.settings import (
    Auth,
    Limits,
    Server,
    Settings,
    SettingsError,
    check,
)

SECRET = "q7Zk3vX9pL2mN8bT4cR6wY1sD5fG0hJa"


def fit_refusal(settings: Settings) -> str:
    with pytest.raises(SettingsError) as caught:
        check(settings)
    return str(caught.value)


@pytest.mark.parametrize("section", ["lobby", "heartbeat"])
@pytest.mark.parametrize("wait", ["pong_wait", "read_timeout"])
@pytest.mark.promise("lobby-15")
def test_a_ping_period_not_below_the_wait_is_refused(
    tmp_path: Path, section: str, wait: str
) -> None:
    text = f'[{section}]\nping_period = "50s"\n{wait} = "%s"'
    assert refusal(tmp_path, text % "50s") == (
        f"{section}.ping_period (FILE) is 50 s: expected less than {section}.{wait}, 50 s"
    )
    from_toml(tmp_path, text % "50.001s")


def test_the_drain_must_fit_into_the_shutdown() -> None:
    assert fit_refusal(Settings(server=Server(drain_deadline=12.5))) == (
        "server.graceful_timeout is 10 s: expected no less than server.drain_deadline, 12.5 s"
    )
    check(Settings(server=Server(drain_deadline=10)))


def test_a_certificate_needs_its_key_and_the_key_its_certificate() -> None:
    assert fit_refusal(Settings(server=Server(certfile="c.pem"))) == (
        "server.keyfile is empty: expected a file, since server.certfile names one"
    )
    assert fit_refusal(Settings(server=Server(keyfile="k.pem"))) == (
        "server.certfile is empty: expected a file, since server.keyfile names one"
    )
    check(Settings(server=Server(certfile="c.pem", keyfile="k.pem")))


@pytest.mark.promise("all-12")
def test_the_longest_text_must_fit_into_a_frame_fully_escaped() -> None:
    assert fit_refusal(Settings(limits=Limits(text=10_838))) == (
        "limits.frame_bytes is 131072: expected at least 131080, so that 10838 code points "
        "(limits.text) fit fully escaped"
    )
    check(Settings(limits=Limits(text=10_837)))
    frame = '{"message":"' + "\\ud83d\\ude00" * 10_837 + '"}'
    assert len(frame) <= Limits().frame_bytes


def test_an_outbox_must_hold_a_frame() -> None:
    assert fit_refusal(Settings(limits=Limits(outbox_bytes=131_071))) == (
        "limits.outbox_bytes is 131071: expected at least limits.frame_bytes, 131072"
    )


def test_who_waits_to_be_let_in_must_have_time_left_to_be_answered() -> None:
    assert fit_refusal(Settings(limits=Limits(admission_wait=10))) == (
        "limits.admission_wait is 10 s: expected less than limits.handshake, 10 s"
    )
    check(Settings(limits=Limits(admission_wait=9.9)))


def test_argon2_needs_memory_for_its_lanes() -> None:
    assert fit_refusal(Settings(auth=Auth(argon2_memory=31))) == (
        "auth.argon2_memory is 31 KiB: expected at least 32, 8 for each lane of "
        "auth.argon2_parallelism"
    )


@pytest.mark.parametrize(
    "path",
    [
        "/ws",
        "/ws/",
        "/chats/ws",
        "/chats/ws/",
        "/ws/chat/",
        "/ws/chat/general",
        "/ws/chat/general/",
        "/ws/chat/a/b",
        "/api",
        "/api/",
        "/api/v1/ws",
        "/healthz",
        "/health",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/asyncapi.json",
        "/swagger/start.js",
        "/asyncapi/",
        "/swagger/",
        "/docs/x",
    ],
)
@pytest.mark.promise("lobby-1")
def test_a_lobby_path_of_another_endpoint_is_refused(path: str) -> None:
    assert environment_refusal(CHAT_WEBSOCKET_PATH=path) == (
        f"lobby.websocket_path (CHAT_WEBSOCKET_PATH) is '{path}': expected a path that no other "
        "endpoint has"
    )


@pytest.mark.parametrize("path", ["/ws/chat", "/lobby", "/ws/lobby", "/ws/chats", "/apis", "/a/b/"])
def test_another_lobby_path_is_free(path: str) -> None:
    assert from_environment(CHAT_WEBSOCKET_PATH=path).lobby.websocket_path == path


@pytest.mark.parametrize(
    "path",
    ["", "/", "ws", "//ws", "/a//b", "/a?b", "/a#b", "/<x>", "/%2e", "/a b", "/é", "/../ws", "/."],
)
def test_a_lobby_path_that_no_client_could_ask_for_is_refused(path: str) -> None:
    assert environment_refusal(CHAT_WEBSOCKET_PATH=path) == (
        f"lobby.websocket_path (CHAT_WEBSOCKET_PATH) is {path!r}: expected a path such as /ws/chat"
    )


def test_a_former_secret_stands_beside_the_one_that_signs() -> None:
    former = {"TRICHAT_AUTH_FORMER_SECRET": SECRET}
    setting = "auth.former_secret (TRICHAT_AUTH_FORMER_SECRET)"
    told = f"{setting} is set: expected auth.secret beside it, which signs"
    assert environment_refusal(**former) == told
    from_environment(**former, TRICHAT_AUTH_SECRET=SECRET[::-1])
