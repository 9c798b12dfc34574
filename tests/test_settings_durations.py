"""Durations: as Go writes them, and as numbers of seconds."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.configuring import environment_refusal, from_environment, from_toml, refusal
from trichat.settings.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("0s", 0),
        ("54s", 54),
        ("1m30s", 90),
        ("500ms", 0.5),
        ("1.5h", 5400),
        (".5s", 0.5),
        ("1.s", 1),
        ("250us", 0.00025),
        ("250µs", 0.00025),  # the micro sign
        ("250μs", 0.00025),  # the Greek letter
        ("5ns", 5e-9),
        ("1h1m1s1ms", 3661.001),
        ("30s1m", 90),
    ],
)
@pytest.mark.promise("lobby-15")
def test_durations_are_read_as_go_reads_them(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "60", "s", ".s", "1x", "1 s", " 1s", "1s ", "1S", "1d", "1e3s", "-1s", "+1s", "٣s"]
)
@pytest.mark.promise("lobby-15")
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        parse_duration(text)
    told = environment_refusal(CHAT_WRITE_TIMEOUT=text)
    assert told == (
        f"lobby.write_timeout (CHAT_WRITE_TIMEOUT) is {text!r}: expected a positive duration "
        'such as "54s", "1m30s" or "500ms"'
    )


@given(st.integers(0, 10**18))
def test_a_written_duration_is_read_as_the_same(nanoseconds: int) -> None:
    seconds = nanoseconds / 1e9
    again = parse_duration(format_duration(seconds))
    assert again == pytest.approx(seconds, abs=1e-9)


@pytest.mark.parametrize(
    ("value", "seconds"), [("5", 5), ("0.5", 0.5), ('"1m"', 60), ("1e-3", 0.001)]
)
def test_a_duration_in_the_file_is_a_number_or_text(
    tmp_path: Path, value: str, seconds: float
) -> None:
    loaded = from_toml(tmp_path, f"[presence]\ntick = {value}").presence.tick
    assert loaded == seconds
    assert isinstance(loaded, float)


@pytest.mark.parametrize("value", ["0", "-1", "inf", "nan", "true", '"5"', '"0s"', "[]"])
def test_a_wrong_duration_in_the_file_is_refused(tmp_path: Path, value: str) -> None:
    told = refusal(tmp_path, f"[presence]\ntick = {value}")
    assert told.startswith("presence.tick (FILE) is ")
    assert told.endswith(
        'expected a positive duration such as "54s", "1m30s" or "500ms", or a number of seconds'
    )


def test_seconds_without_a_unit_are_good_in_our_own_variables_only() -> None:
    assert from_environment(TRICHAT_PRESENCE_TICK="0.25").presence.tick == 0.25
    assert from_environment(TRICHAT_LOBBY_WRITE_TIMEOUT="7").lobby.write_timeout == 7
    assert "CHAT_WRITE_TIMEOUT" in environment_refusal(CHAT_WRITE_TIMEOUT="7")
