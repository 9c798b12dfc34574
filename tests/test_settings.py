"""Settings: where a value comes from, what is refused, and with which words."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import hypercorn.config
import pytest

from tests.configuring import environment_refusal, from_environment, from_toml, refusal
from trichat.settings import (
    Auth,
    Cors,
    Heartbeat,
    Limits,
    Lobby,
    Log,
    Server,
    Settings,
    SettingsError,
    check,
    default_toml,
    load,
)
from trichat.settings.sources import LOBBY_VARIABLES, options, variable

CONFIG = Path(__file__).parent.parent / "config"
HOUSE_SECRET = "q7Zk3vX9pL2mN8bT4cR6wY1sD5fG0hJa"


# Defaults


def test_nothing_given_means_the_defaults_which_fit_together() -> None:
    assert load(environ={}) == Settings()
    check(Settings())


@pytest.mark.promise("lobby-16")
def test_the_documented_defaults_of_the_lobby() -> None:
    assert attrs.asdict(Lobby()) == {
        "max_rooms_per_user": 10,
        "max_messages_per_min": 30,
        "default_max_users": 100,
        "websocket_path": "/ws/chat",
        "read_timeout": 60,
        "write_timeout": 10,
        "ping_period": 54,
        "pong_wait": 60,
        "empty_room_ttl": 86_400,
    }


@pytest.mark.parametrize("option", options(), ids=lambda option: option.path)
def test_every_setting_has_a_good_default_and_a_meaning(option: Any) -> None:
    assert option.converter(option.default) == option.default
    assert type(option.converter(option.default)) is type(option.default)
    assert option.metadata["help"]
    assert option.converter.expected


def test_the_shipped_file_is_every_setting_with_its_default_and_nothing_else(
    tmp_path: Path,
) -> None:
    shipped = (CONFIG / "trichat.toml").read_text(encoding="utf-8")
    assert shipped == default_toml()
    listed = {
        f"{section}.{name}" for section, table in tomllib.loads(shipped).items() for name in table
    }
    assert listed == {option.path for option in options()}
    assert load(CONFIG / "trichat.toml", environ={}) == Settings()


def test_the_database_is_in_the_data_directory_unless_its_path_is_absolute(tmp_path: Path) -> None:
    assert load(environ={}).database == Path("trichat-data/trichat.db")
    moved = from_toml(tmp_path, '[storage]\npath = "/srv/chat.db"')
    assert moved.database == Path("/srv/chat.db")


# Sources and their order


def test_the_stronger_source_wins(tmp_path: Path) -> None:
    toml = "[server]\nport = 1"
    environ = {"TRICHAT_SERVER_PORT": "2"}
    assert from_toml(tmp_path, toml).server.port == 1
    assert from_toml(tmp_path, toml, environ=environ).server.port == 2
    override = {"server.port": 3}
    assert from_toml(tmp_path, toml, environ=environ, override=override).server.port == 3
    assert from_toml(tmp_path, toml, environ=environ, override=override).server.host == "127.0.0.1"


def test_the_process_environment_is_read_unless_another_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRICHAT_SERVER_PORT", "8123")
    assert load().server.port == 8123
    assert load(environ={}).server.port == 8000


def another_value(option: Any) -> tuple[str, object]:
    """A good value that is not the default, as text and as it is loaded."""
    default = option.default
    if isinstance(default, bool):
        return str(not default).lower(), not default
    if isinstance(default, int | float):
        return str(default + 1), default + 1
    if option.path == "identity.algorithms":
        return "ES256, RS256", ("ES256", "RS256")
    if option.path == "identity.jwks_url":
        return "https://id.example/keys", "https://id.example/keys"
    if option.path == "server.host":
        return "[::1]", "::1"
    if option.path == "server.socket_mode":
        return "0600", "0600"
    if option.path == "server.trusted_proxies":
        return "10.0.0.0/8, ::1, unix:", ("10.0.0.0/8", "::1", "unix:")
    if isinstance(default, tuple):
        return "https://a.example", ("https://a.example",)
    if option.path in ("log.level", "log.format", "conversations.rooms"):
        return option.converter.words[-1], option.converter.words[-1]
    return "/other", Path("/other") if isinstance(default, Path) else "/other"


# What must be given with a setting, so that the values fit together.
WITH = {
    "server.certfile": {"TRICHAT_SERVER_KEYFILE": "k"},
    "server.keyfile": {"TRICHAT_SERVER_CERTFILE": "c"},
    "identity.algorithms": {"TRICHAT_IDENTITY_KEYS_FILE": "k"},
    "identity.secret_file": {"TRICHAT_IDENTITY_ALGORITHMS": "HS256"},
    "identity.keys_file": {"TRICHAT_IDENTITY_ALGORITHMS": "RS256"},
    "identity.jwks_url": {"TRICHAT_IDENTITY_ALGORITHMS": "RS256"},
}


@pytest.mark.parametrize(
    "option", [each for each in options() if not each.is_secret], ids=lambda option: option.path
)
def test_every_setting_has_a_variable(option: Any) -> None:
    text, value = another_value(option)
    section, name = option.path.split(".")
    loaded = load(environ=WITH.get(option.path, {}) | {variable(option.path): text})
    assert getattr(getattr(loaded, section), name) == value != option.default
    assert variable(option.path) == f"TRICHAT_{section}_{name}".upper()


@pytest.mark.promise("lobby-16")
def test_the_lobby_variables_of_the_document() -> None:
    settings = from_environment(
        CHAT_MAX_ROOMS_PER_USER="11",
        CHAT_MAX_MESSAGES_PER_MIN="31",
        CHAT_DEFAULT_MAX_USERS="101",
        CHAT_WEBSOCKET_PATH="/lobby",
        CHAT_READ_TIMEOUT="2m",
        CHAT_WRITE_TIMEOUT="500ms",
        CHAT_PING_PERIOD="1m29.5s",
        CHAT_PONG_WAIT="1m30s",
    )
    assert settings.lobby == Lobby(11, 31, 101, "/lobby", 120.0, 0.5, 89.5, 90.0)
    assert settings.heartbeat == Heartbeat()
    assert len(LOBBY_VARIABLES) == 8


def test_our_own_variable_is_stronger_than_the_documents() -> None:
    settings = from_environment(CHAT_PING_PERIOD="50s", TRICHAT_LOBBY_PING_PERIOD="40")
    assert settings.lobby.ping_period == 40


def test_variables_of_others_are_left_alone() -> None:
    others = {
        "TRICHAT_PORT": "tcp://10.0.0.1:8000",
        "TRICHAT_SERVICE_HOST": "10.0.0.1",
        "TRICHAT_REQUIRE_ALL": "1",
        "TRICHAT_SERVER": "x",
        "CHAT_THEME": "dark",
        "PATH": "/bin",
    }
    assert load(environ=others) == Settings()


def test_overrides_may_be_typed_or_text() -> None:
    override: Mapping[str, object] = {
        "server.data": Path("/data"),
        "server.port": "0",
        "auth.token_lifetime": 5,
        "auth.leeway": "1m",
        "auth.close_on_expiry": "false",
        "cors.origins": ["*"],
    }
    settings = load(environ={}, override=override)
    assert settings.server == Server(data=Path("/data"), port=0)
    assert settings.auth == Auth(token_lifetime=5, leeway=60, close_on_expiry=False)
    assert settings.cors.origins == ("*",)


def test_origins_are_a_list_in_the_file_and_text_in_the_environment(tmp_path: Path) -> None:
    wanted = ("https://a.example", "https://b.example:8443")
    toml = '[cors]\norigins = ["https://a.example", "https://b.example:8443"]'
    assert from_toml(tmp_path, toml).cors.origins == wanted
    text = "https://a.example, https://b.example:8443"
    assert from_environment(TRICHAT_CORS_ORIGINS=text).cors.origins == wanted
    assert from_environment(TRICHAT_CORS_ORIGINS="").cors.origins == ()


# Refusals


def test_an_unknown_key_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    assert refusal(tmp_path, "[server]\nprot = 1") == (
        "server.prot (FILE) is unknown; did you mean server.port?"
    )
    assert refusal(tmp_path, "[qqq]\nzzz = 1") == "qqq.zzz (FILE) is unknown"
    assert refusal(tmp_path, "port = 1") == "port (FILE) is unknown"
    assert refusal(tmp_path, "[server.tls]\nx = 1") == "server.tls (FILE) is unknown"
    assert environment_refusal(TRICHAT_SERVER_PROT="1") == (
        "server.prot (TRICHAT_SERVER_PROT) is unknown; did you mean server.port?"
    )
    with pytest.raises(SettingsError) as caught:
        load(environ={}, override={"server.prot": 1})
    assert str(caught.value) == ("server.prot (command line) is unknown; did you mean server.port?")


def test_all_problems_of_a_place_are_told_at_once(tmp_path: Path) -> None:
    text = '[server]\nport = "x"\nbacklog = 0\nprot = 1'
    assert refusal(tmp_path, text).splitlines() == [
        "server.port (FILE) is 'x': expected a whole number from 0 to 65535",
        "server.backlog (FILE) is 0: expected a whole number from 1 to 65535",
        "server.prot (FILE) is unknown; did you mean server.port?",
    ]


def test_a_wrong_value_is_refused_even_where_a_stronger_source_has_a_good_one(
    tmp_path: Path,
) -> None:
    with pytest.raises(SettingsError, match=r"server\.port"):
        from_toml(tmp_path, "[server]\nport = -1", environ={"TRICHAT_SERVER_PORT": "1"})


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("[server]\nport = 65536", "is 65536: expected a whole number from 0 to 65535"),
        ("[server]\nport = 80.0", "is 80.0: expected a whole number from 0 to 65535"),
        ("[server]\nport = true", "is True: expected a whole number from 0 to 65535"),
        ('[server]\nport = "8000"', "is '8000': expected a whole number from 0 to 65535"),
        ('[storage]\npath = " "', "is ' ': expected one line of text, not blank"),
        ('[server]\ncertfile = "a\\nb"', "is 'a\\nb': expected one line of text"),
        ('[server]\ndata = ""', "is '': expected the path of a directory"),
        ("[limits]\ntext = 0", "is 0: expected a whole number, 1 or more"),
        ("[lobby]\ndefault_max_users = 1", "is 1: expected a whole number from 2 to 1000"),
        ("[lobby]\ndefault_max_users = 1001", "is 1001: expected a whole number from 2 to 1000"),
        ("[auth]\nallow_registration = 1", "is 1: expected true or false"),
        ('[auth]\nallow_registration = "true"', "is 'true': expected true or false"),
        (
            '[log]\nlevel = "loud"',
            "is 'loud': expected one of debug, info, warning, error, critical",
        ),
        ("[log]\nformat = []", "is []: expected one of console, json"),
        (
            '[cors]\norigins = "*"',
            'is \'*\': expected a list of origins such as "https://chat.example.org", or "*"',
        ),
        (
            '[server]\ntrusted_proxies = ["10.0.0.0/33"]',
            "is ['10.0.0.0/33']: expected a list of addresses and networks such as "
            '"10.1.2.3" or "10.0.0.0/8", and of "unix:" for Unix sockets',
        ),
        (
            '[cors]\norigins = ["a.example"]',
            "is ['a.example']: expected a list of origins such as "
            '"https://chat.example.org", or "*"',
        ),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(
    tmp_path: Path, line: str, problem: str
) -> None:
    section, name = line.split("\n")[0][1:-1], line.split("\n")[1].split(" ")[0]
    assert refusal(tmp_path, line) == f"{section}.{name} (FILE) {problem}"


@pytest.mark.parametrize("text", ["", "x", "1.5", "1e3", "0x10", "٣", "1_000", " 1", "9" * 40])
def test_a_number_in_the_environment_is_digits(text: str) -> None:
    assert environment_refusal(TRICHAT_LIMITS_TEXT=text) == (
        f"limits.text (TRICHAT_LIMITS_TEXT) is {text!r}: expected a whole number, 1 or more"
    )


def test_a_long_wrong_value_is_cut() -> None:
    told = environment_refusal(TRICHAT_SERVER_PORT="x" * 5000)
    assert len(told) < 200
    assert "…: expected" in told


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    settings = from_environment(TRICHAT_AUTH_SECRET=HOUSE_SECRET)
    assert settings.auth.secret.get_secret_value() == HOUSE_SECRET
    assert HOUSE_SECRET not in f"{settings!r} {settings.auth.secret}"
    assert refusal(tmp_path, "[auth]\nsecret = 77123") == (
        "auth.secret (FILE) is (hidden): expected text"
    )
    assert HOUSE_SECRET not in environment_refusal(TRICHAT_AUTH_SECRETT=HOUSE_SECRET)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path / "absent.toml", environ={})
    assert str(caught.value) == (
        f"{tmp_path / 'absent.toml'}: cannot be read: No such file or directory"
    )
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, environ={})
    assert str(caught.value) == f"{tmp_path}: cannot be read: Is a directory"
    assert refusal(tmp_path, "[server\n").startswith("FILE: cannot be read: Expected")
    (tmp_path / "latin.toml").write_bytes(b"\xe9")
    with pytest.raises(SettingsError, match=r"latin\.toml: cannot be read: 'utf-8' codec"):
        load(tmp_path / "latin.toml", environ={})


# Built by hand


def test_a_value_given_to_a_class_is_checked_too() -> None:
    with pytest.raises(ValueError, match="a whole number, 1 or more"):
        Limits(text=0)
    with pytest.raises(ValueError, match="one of console, json"):
        Log(format="xml")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Limits().text = 5  # type: ignore[misc]
    assert Cors(origins=("*",)).origins == ("*",)


# Hypercorn's own file


def test_the_hypercorn_file_agrees_with_our_defaults() -> None:
    config = hypercorn.config.Config.from_toml(CONFIG / "hypercorn.toml")
    defaults = Settings()
    assert config.worker_class == "trio"
    assert config.bind == [f"{defaults.server.host}:{defaults.server.port}"]
    assert config.graceful_timeout == defaults.server.graceful_timeout
    assert config.graceful_timeout > defaults.server.drain_deadline
    assert config.backlog == defaults.server.backlog
    assert config.h11_max_incomplete_size == defaults.limits.header_bytes
    assert config.websocket_max_message_size == defaults.limits.frame_bytes
    assert config.accesslog is None
    listed = tomllib.loads((CONFIG / "hypercorn.toml").read_text())
    assert [name for name in listed if not hasattr(hypercorn.config.Config, name)] == []
