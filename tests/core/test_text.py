"""What may stand in a message and in a name (all-9, all-12, all-13)."""

import sys

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from trichat.core.refusals import Invalid
from trichat.core.text import (
    check_handle,
    check_name,
    check_text,
    is_blank,
    is_clean,
    mentioned_names,
)

SHOWS_NOTHING = regex.compile(r"[\p{White_Space}\p{Default_Ignorable_Code_Point}]")
UUID = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.mark.promise("all-9")
def test_each_code_point_is_blank_or_not_as_unicode_has_it() -> None:
    """All of them: the tables of another library than ours have the two properties."""
    differ = [
        f"U+{point:04X}"
        for point in range(sys.maxunicode + 1)
        if is_blank(chr(point)) != bool(SHOWS_NOTHING.match(chr(point)))
    ]
    assert differ == []


@pytest.mark.parametrize("text", ["", "\u200b\u3164 \ufeff\u00ad\t\n\U000e0100", "\u2060\u2060"])
def test_nothing_but_what_shows_nothing_is_blank(text: str) -> None:
    assert is_blank(text)
    assert check_text(text, 100) == Invalid("text", "blank")
    assert check_name(text) == Invalid("name", "blank")


@pytest.mark.parametrize(
    "text", [".", " . ", "\u200b.\u3164", "\0", "\x1c", "\x7f", "\x9f", "👋\ufe0f"]
)
def test_anything_else_is_not(text: str) -> None:
    assert not is_blank(text)


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "a\udfffb", "\udc00\ud800", "é\ud83d"])
def test_nul_and_lone_surrogates_are_unclean(text: str) -> None:
    assert not is_clean(text)
    assert check_text(text, 100) == Invalid("text", "unclean")


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_whatever_utf8_holds_is_clean_but_nul(text: str) -> None:
    assert is_clean(text)
    assert text.encode().decode() == text


@given(st.text(st.characters(exclude_categories=[])))
def test_what_is_clean_can_be_stored(text: str) -> None:
    if is_clean(text):
        text.encode()
        assert "\0" not in text


@pytest.mark.parametrize("one", ["a", "é", "👋", "\u0301"])
def test_lengths_are_code_points(one: str) -> None:
    assert check_text(one * 5, 5) is None
    assert check_text(one * 6, 5) == Invalid("text", "long")


@pytest.mark.parametrize("text", [None, 5, True, b"hi", ["hi"], {"text": "hi"}])
def test_what_is_no_text_is_blank(text: object) -> None:
    assert check_text(text, 100) == Invalid("text", "blank")
    assert check_name(text) == Invalid("name", "blank")
    assert check_handle(text) == Invalid("name", "blank")


def test_of_several_faults_the_first_is_told() -> None:
    assert check_text(" " * 10, 5) == Invalid("text", "blank")
    assert check_text("\0" * 10, 5) == Invalid("text", "long")


@pytest.mark.parametrize("name", ["a", "x" * 100, "👋" * 100, "a/b", " a ", "Ünïcode", "a\u2028b"])
def test_a_name_has_one_to_a_hundred_code_points(name: str) -> None:
    assert check_name(name) is None
    assert check_handle(name) is None


@pytest.mark.parametrize(
    ("name", "why"),
    [("", "blank"), (" \u3000", "blank"), ("x" * 101, "long"), ("a\ud800", "unclean")],
)
def test_other_names_are_refused(name: str, why: str) -> None:
    assert check_name(name) == Invalid("name", why)


@pytest.mark.parametrize("control", [*map(chr, range(32)), *map(chr, range(0x7F, 0xA0))])
def test_a_name_has_no_control_characters(control: str) -> None:
    assert check_name(f"a{control}b") == Invalid("name", "unclean")


@pytest.mark.parametrize("name", [UUID, UUID.upper(), "00000000-0000-0000-0000-000000000000"])
def test_a_handle_has_not_the_form_of_a_uuid_but_a_label_may(name: str) -> None:
    assert check_handle(name) == Invalid("name", "uuid")
    assert check_name(name) is None


@pytest.mark.parametrize("name", [UUID[:-1], UUID + "0", UUID.replace("-", ""), f"{{{UUID}}}"])
def test_what_only_resembles_a_uuid_is_a_handle(name: str) -> None:
    assert check_handle(name) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("hello", ()),
        ("@", ()),
        ("@ alice", ()),
        ("@alice", ("alice",)),
        ("hi @alice, @bob! @alice", ("alice", "bob")),
        ("@Alice @alice", ("Alice", "alice")),
        ("@@alice", ("alice",)),
        ("@élise_2 (@bob)", ("élise_2", "bob")),
        ("@alice@bob", ("alice", "bob")),
    ],
)
def test_words_after_an_at_are_names_once_each_in_order(text: str, names: tuple[str, ...]) -> None:
    assert mentioned_names(text) == names
