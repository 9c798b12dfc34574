"""User names: RFC 8266, and when two of them are one (all-20)."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from precis_i18n import get_profile

from trichat.core.names import check_username, comparison_key, enforced_username
from trichat.core.refusals import Invalid

GOOD = [
    "ann", "Ann", "mary-ann", "j.doe", "O'Neil", "Ann Lee", "Zoë", "प्रिया", "李雷",
    "क्\u200dष", "😀", "x" * 100,
    "ß", "Σας", "1", "_", "-", "a@b",
]  # fmt: skip
BAD = {
    "": "blank",
    "x" * 101: "long",
    "01a1ff3c-5f1d-7d39-a7e9-ef181dda0b09": "uuid",
    " ": "unclean",
    "\u200b" * 6: "unclean",
    "a\nb": "unclean",
    "a\x1b[31mb": "unclean",
    "a\0b": "unclean",
    "a\u200bb": "unclean",
    "a\u00adb": "unclean",
    "\u202eann": "unclean",
    "\ufeffann": "unclean",
    "a\u200db": "unclean",
    "ann\ufe0f": "unclean",
    "\u3164": "unclean",
    "\U000e0061": "unclean",
    "a\ud800": "unclean",
    "\ue000": "unclean",
    "\u0378": "unclean",
    "ann ": "altered",
    " ann": "altered",
    "ann\u00a0": "altered",
    "a  b": "altered",
    "a\u3000b": "altered",
    "\uff41nn": "altered",
    "ﬁne": "altered",
    "Zoe\u0308": "altered",
}


@pytest.mark.parametrize("name", GOOD)
def test_all_20_an_honest_name_is_left_as_it_is(name: str) -> None:
    assert check_username(name) is None
    assert enforced_username(name) == name


@pytest.mark.parametrize(("name", "why"), BAD.items())
def test_all_20_a_name_that_deceives_is_refused(name: str, why: str) -> None:
    assert check_username(name) == Invalid("username", why)


@pytest.mark.parametrize("name", [None, 5, b"ann", ["ann"]])
def test_all_20_what_is_no_text_is_no_name(name: object) -> None:
    assert check_username(name) == Invalid("username", "blank")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (" ann  lee ", "ann lee"), ("\uff21nn", "Ann"), ("Zoe\u0308", "Zoë"), ("", None),
        (" ", None), ("a\u200bb", None), ("x" * 101, None), ("ﷺ" * 60, None),
        ("\uff10" + "1a1ff3c-5f1d-7d39-a7e9-ef181dda0b09", None),
    ],
)  # fmt: skip
def test_all_20_enforcement_writes_a_name_as_the_rule_does(name: str, written: str | None) -> None:
    assert enforced_username(name) == written


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann", "ANN"), ("ann", "\uff41nn"), ("fine", "ﬁne"), ("Zoë", "ZOE\u0308"),
        ("straße", "STRASSE"),
        ("ΣΑΣ", "σας"), ("K", "\u212a"), ("ann", " ann "), ("a b", "a\u3000 b"),
        ("ann", "a\u200bnn"),
        ("ann", "\u202eann\ufeff"), ("क्ष", "क्\u200dष"), ("ᾳ", "ΑΙ"), ("İ", "i\u0307"), ("ſ", "S"),
        ("TEL", "\u2121"),
    ],
)  # fmt: skip
def test_all_20_names_that_look_alike_have_one_key(one: str, other: str) -> None:
    assert comparison_key(one) == comparison_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("ann", "anna"), ("ann", "än n"), ("a b", "ab"), ("a-b", "a_b"), ("o", "ö")]
)
def test_all_20_names_that_differ_to_the_eye_have_two(one: str, other: str) -> None:
    assert comparison_key(one) != comparison_key(other)


@given(st.text(max_size=12))
def test_all_20_every_text_has_a_key_which_is_its_own(name: str) -> None:
    key = comparison_key(name)
    assert comparison_key(key) == key


def test_all_20_the_key_is_no_finer_than_the_comparison_of_the_rfc() -> None:
    """For every code point: what RFC 8266 holds for one name has one key."""
    mapped = get_profile("NicknameCaseMapped")
    for number in range(sys.maxunicode + 1):
        name = f"x{chr(number)}x"
        if unicodedata.category(name[1]) in ("Cn", "Cs", "Co", "Cc"):
            continue
        try:
            compared = mapped.enforce(name)
        except UnicodeEncodeError:
            continue
        assert comparison_key(compared) == comparison_key(name), ascii(name)


def test_all_20_the_key_of_a_very_long_text_costs_nothing() -> None:
    """It is nobody's name; normalizing it would take seconds."""
    text = "\u0316\u0301" * 50_000
    assert comparison_key(text) is text
