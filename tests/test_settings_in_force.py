"""`trichat config`: what is in force and where it came from; and every wrong value is refused."""

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from trichat.cli import main
from trichat.settings import Settings, SettingsError, load
from trichat.settings.kinds import Hidden, Names
from trichat.settings.sources import LOBBY_VARIABLES, PREFIX, options, variable

SECRET = "q7Zk3vX9pL2mN8bT4cR6wY1sD5fG0hJa"
SECRETS = [option for option in options() if option.is_secret]
ODD = 'a "quoted" dätä \U0001f600 \\ \t \x7f'
LINE = "two\nlines"  # what no kind of value accepts, as text


@pytest.fixture(autouse=True)
def _no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in tuple(os.environ):
        if name.startswith((PREFIX, "CHAT_")):
            monkeypatch.delenv(name)


def printed(*words: str, **environ: str) -> str:
    """What `trichat config` prints."""
    result = CliRunner().invoke(main, ["config", *words], env=environ)
    assert result.exit_code == 0, result.output
    return result.output


def places(text: str) -> dict[str, tuple[str, str]]:
    """Setting → value and place."""
    lines = (line.removeprefix("# ").split(" = ", 1) for line in text.splitlines())
    return {name: (rest.rpartition("  # ")[0], rest.rpartition("  # ")[2]) for name, rest in lines}


def test_every_setting_is_printed_with_its_default() -> None:
    shown = places(printed())
    assert list(shown) == [option.path for option in options()]
    assert {place for _, place in shown.values()} == {"default"}


def test_the_place_of_a_value_is_the_strongest_that_has_it(tmp_path: Path) -> None:
    file = tmp_path / "chat.toml"
    file.write_text('[server]\nhost = "::1"\nport = 1\nbacklog = 7\n[lobby]\nping_period = 9\n')
    shown = places(
        printed(
            *("--config", str(file), "--host", "localhost"),
            TRICHAT_SERVER_PORT="2",
            CHAT_PING_PERIOD="50s",
            CHAT_WRITE_TIMEOUT="1m",
            TRICHAT_LOBBY_WRITE_TIMEOUT="3",
        )
    )
    assert shown["server.host"] == ('"localhost"', "command line")
    assert shown["server.port"] == ("2", "TRICHAT_SERVER_PORT")
    assert shown["server.backlog"] == ("7", str(file))
    assert shown["server.data"] == ('"trichat-data"', "default")
    assert shown["lobby.ping_period"] == ('"50s"', "CHAT_PING_PERIOD")
    assert shown["lobby.write_timeout"] == ('"3s"', "TRICHAT_LOBBY_WRITE_TIMEOUT")


def test_a_variable_may_name_the_file_and_the_command_line_another(tmp_path: Path) -> None:
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text("[server]\nport = 1\n")
    two.write_text("[server]\nport = 2\n")
    named = {"TRICHAT_CONFIG": str(one)}
    assert places(printed(**named))["server.port"] == ("1", str(one))
    assert places(printed("--config", str(two), **named))["server.port"] == ("2", str(two))
    assert places(printed(TRICHAT_CONFIG=""))["server.port"] == ("8000", "default")


@pytest.mark.parametrize("name", LOBBY_VARIABLES)
def test_lobby_16_every_variable_of_the_document_is_named(name: str) -> None:
    value = {"CHAT_WEBSOCKET_PATH": "/lobby"}.get(name, "61s" if "PER" not in name else "50s")
    value = "17" if "MAX" in name else value
    setting = LOBBY_VARIABLES[name]
    assert places(printed(**{name: value}))[setting] == (
        value if "MAX" in name else f'"{value.replace("61s", "1m1s")}"',
        name,
    )


@pytest.mark.parametrize(
    "option", [each for each in options() if each.is_secret], ids=lambda option: option.path
)
def test_a_secret_is_masked(option: Any, tmp_path: Path) -> None:
    other = {"TRICHAT_AUTH_SECRET": SECRET[::-1]}  # without it there is no former one
    text = printed(**{**other, variable(option.path): SECRET})
    assert SECRET not in text
    assert SECRET[::-1] not in text
    assert places(text)[option.path] == ("(hidden)", variable(option.path))
    assert places(printed())[option.path] == ('""', "default")  # that there is none is no secret
    section, name = option.path.split(".")
    file = tmp_path / "chat.toml"
    file.write_text(f'[{section}]\n{name} = "{SECRET}"\n')
    assert SECRET not in printed("--config", str(file), **other)


def test_what_is_printed_is_a_file_of_the_same_settings(tmp_path: Path) -> None:
    text = printed(
        *("--data", str(tmp_path / ODD)),
        TRICHAT_CORS_ORIGINS="https://a.example, https://b.example",
        TRICHAT_LIMITS_TEXT="77",
    )
    tomllib.loads(text)
    file = tmp_path / "again.toml"
    file.write_text(text, encoding="utf-8")
    settings = load(file, environ={})
    assert settings.server.data == tmp_path / ODD
    assert settings.cors.origins == ("https://a.example", "https://b.example")
    assert settings.limits.text == 77
    assert load(file, environ={}).rooms == Settings().rooms


def test_a_wrong_value_is_told_in_a_line() -> None:
    result = CliRunner().invoke(main, ["config"], env={"TRICHAT_SERVER_PORT": "x"})
    assert result.exit_code == 1
    assert result.output == (
        "Error: server.port (TRICHAT_SERVER_PORT) is 'x': expected a whole number from 0 to 65535\n"
    )


def test_a_secret_that_the_start_would_refuse_is_refused() -> None:
    result = CliRunner().invoke(main, ["config"], env={"TRICHAT_AUTH_SECRET": "hunter2"})
    assert result.exit_code == 1
    told = "auth.secret (TRICHAT_AUTH_SECRET) is (hidden): has 7 bytes: expected 32 or more"
    assert result.output == f"Error: {told}\n"


# Every wrong value stops the start

CHECKED = [option for option in options() if not isinstance(option.converter, Hidden)]


@pytest.mark.parametrize("option", CHECKED, ids=lambda option: option.path)
def test_a_wrong_value_of_any_setting_is_named_with_its_place_and_what_was_expected(
    option: Any, tmp_path: Path
) -> None:
    wrong: Any = LINE
    if option.path == "server.data":
        wrong = "/no text \udcff"
    elif isinstance(option.default, tuple) and not isinstance(option.converter, Names):
        wrong = "no origin"
    name = variable(option.path)
    end = f": expected {option.converter.expected}"
    with pytest.raises(SettingsError) as caught:
        load(environ={name: wrong})
    assert str(caught.value) == f"{option.path} ({name}) is {wrong!r}{end}"
    with pytest.raises(SettingsError) as caught:
        load(environ={}, override={option.path: wrong})
    assert str(caught.value) == f"{option.path} (command line) is {wrong!r}{end}"
    section, key = option.path.split(".")
    file = tmp_path / "chat.toml"
    file.write_text(f"[{section}]\n{key} = [[7]]\n")
    with pytest.raises(SettingsError) as caught:
        load(file, environ={})
    assert str(caught.value) == f"{option.path} ({file}) is [[7]]{end}"


ALGORITHMS = "identity.algorithms (TRICHAT_IDENTITY_ALGORITHMS)"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"KEYS_FILE": "k"},
            "identity.algorithms is empty: expected some, since identity.keys_file is set",
        ),
        (
            {"ALGORITHMS": "HS256,RS256", "SECRET_FILE": "s"},
            f"{ALGORITHMS} is HS256, RS256: expected HS256 alone, or not at all",
        ),
        (
            {"ALGORITHMS": "HS256", "KEYS_FILE": "k"},
            f"{ALGORITHMS} is HS256: expected identity.secret_file, and it alone",
        ),
        (
            {"ALGORITHMS": "RS256", "SECRET_FILE": "s"},
            f"{ALGORITHMS} is RS256: expected one of identity.keys_file and "
            "identity.jwks_url, and no secret",
        ),
        (
            {"ALGORITHMS": "RS256", "KEYS_FILE": "k", "JWKS_URL": "https://id.example/keys"},
            f"{ALGORITHMS} is RS256: expected one of identity.keys_file and "
            "identity.jwks_url, and no secret",
        ),
        (
            {"JWKS_TIMEOUT": "1m"},
            "identity.jwks_timeout (TRICHAT_IDENTITY_JWKS_TIMEOUT) is 60 s: expected less than "
            "limits.handshake, 10 s",
        ),
    ],
)
def test_what_is_said_of_an_identity_provider_must_fit(given: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(environ={f"TRICHAT_IDENTITY_{name}": value for name, value in given.items()})
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://id.example/.well-known/jwks.json", True),
        ("https://id.example:8443/keys?tenant=7", True),
        ("http://127.0.0.1:9000/keys", True),
        ("http://localhost", True),
        ("http://[::1]:9000/keys", True),
        ("http://id.example/keys", False),
        ("http://127.0.0.1.id.example/keys", False),
        ("http://localhost@id.example/keys", False),
        ("https://ann:secret@id.example/keys", False),
        ("https://id.example:99999/keys", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://id.example/a b", False),
    ],
)
def test_keys_are_fetched_over_https_or_from_this_machine(url: str, good: bool) -> None:
    environ = {"TRICHAT_IDENTITY_ALGORITHMS": "RS256", "TRICHAT_IDENTITY_JWKS_URL": url}
    if good:
        assert load(environ=environ).identity.jwks_url == url
    else:
        with pytest.raises(SettingsError, match=r"identity\.jwks_url"):
            load(environ=environ)


@pytest.mark.parametrize("name", LOBBY_VARIABLES)
def test_lobby_16_a_wrong_value_of_the_documents_variables_is_named(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(environ={name: LINE})
    assert str(caught.value).startswith(f"{LOBBY_VARIABLES[name]} ({name}) is {LINE!r}: expected ")


@pytest.mark.parametrize(
    "option", [each for each in options() if each.is_secret], ids=lambda option: option.path
)
def test_a_secret_that_is_no_text_is_refused_unseen(option: Any, tmp_path: Path) -> None:
    section, key = option.path.split(".")
    file = tmp_path / "chat.toml"
    file.write_text(f"[{section}]\n{key} = 77123\n")
    with pytest.raises(SettingsError) as caught:
        load(file, environ={})
    assert str(caught.value) == f"{option.path} ({file}) is (hidden): expected text"
    name = variable(option.path)
    with pytest.raises(SettingsError) as caught:
        load(environ={name: f"{SECRET}\udcff"})  # as bytes come that are no text
    assert str(caught.value) == f"{option.path} ({name}) is (hidden): expected text"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("text", ["", " ", "\t\n"])
@pytest.mark.parametrize(
    "option", [each for each in options() if each.is_secret], ids=lambda option: option.path
)
def test_a_secret_that_was_lost_on_its_way_is_refused(option: Any, text: str) -> None:
    """As `TRICHAT_AUTH_SECRET=$SECRET` is where nobody has set SECRET."""
    name = variable(option.path)
    with pytest.raises(SettingsError) as caught:
        load(environ={name: text})
    told = f"{option.path} ({name}) is empty: expected text, or no such setting at all"
    assert str(caught.value) == told


def test_an_empty_secret_in_a_file_is_none(tmp_path: Path) -> None:
    """It stands so in config/trichat.toml."""
    file = tmp_path / "chat.toml"
    file.write_text('[auth]\nsecret = ""\n[ops]\nmetrics_token = ""\n')
    assert load(file, environ={}) == Settings()
