"""Whom a text names: where a name may begin and end, and which of several it is (all-21)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.cast import user
from trichat.core.mentions import MAX_MENTIONS, MOST_CANDIDATES, Namesake, named, notified, spots
from trichat.core.model import User
from trichat.core.names import comparison_key

pytestmark = pytest.mark.promise("all-21")

MEMBERS = [
    "ann", "mary", "mary-ann", "john", "john.doe", "Jose", "José\u0301", "o'brien", "Anna Lee",
    "Prïya", "प्रिया", "a@b", "d_e", "7", "😀", "x.", "bob", "BOB2",
]  # fmt: skip
OTHERS = ["mary-ann lee", "zoe", "Zoe2", "ann lee"]


def known(members: list[str], others: list[str]) -> list[Namesake]:
    return [
        Namesake(user(number, name), comparison_key(name), name in members)
        for number, name in enumerate([*members, *others], start=1)
    ]


def names(text: str, members: list[str] = MEMBERS, others: list[str] = OTHERS) -> list[str]:
    """As a store would have it, which finds by their keys alone."""
    places = spots(text)
    keys = {candidate.key for spot in places for candidate in spot.candidates}
    found = [each for each in known(members, others) if each.key in keys]
    return [each.username for each in named(text, places, found)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", []),
        ("@", []),
        ("@ ann", []),
        ("ann", []),
        ("@ann", ["ann"]),
        ("@nobody", []),
        ("hi @ann, and @bob! And @ann", ["ann", "bob"]),
        ("@bob @ann", ["bob", "ann"]),  # in the order of the text
        # where a name begins
        ("someone@ann.com", []),
        ("1@ann", []),
        ("é@ann", []),
        ("e\u0301@ann", []),
        ("x.@ann x_@ann x-@ann x/@ann @@ann", []),
        ('(@ann) [@bob] "@mary" ,@john', ["ann", "bob", "mary", "john"]),
        ("\n@ann\t@bob", ["ann", "bob"]),
        ("https://example.com/@ann mailto:bob@ann", []),
        ("👋@ann", ["ann"]),
        # where it ends
        ("@anna @ann1 @ann_lee @ann\u0301 @ann@x", []),
        ("@ann. @bob: @mary- @john's", ["ann", "bob", "mary", "john"]),
        ("@ann/@bob", ["ann"]),
        ("@ann\u200dx", ["ann"]),
        # names of every kind
        ("@mary-ann", ["mary-ann"]),
        ("@mary-anne", ["mary"]),
        ("@john.doe.", ["john.doe"]),
        ("@john.does", ["john"]),
        ("@José\u0301, @Jose", ["José\u0301", "Jose"]),
        ("@o'brien's", ["o'brien"]),
        ("@Anna Lee!", ["Anna Lee"]),
        ("@Anna", []),
        ("@Anna\nLee", []),
        ("@Anna  Lee", ["Anna Lee"]),  # the comparison leaves one blank
        ("@प्रिया!", ["प्रिया"]),
        ("@a@b", ["a@b"]),
        ("@d_e @7 @😀 @x.", ["d_e", "7", "😀", "x."]),
        ("@x", []),
        # exact, else alike
        ("@ANN @Bob2 @ＡＮＮ", ["ann", "BOB2"]),
        ("@prïya @Pri\u0308ya", ["Prïya"]),
        # the longest of a member, failing that of anybody
        ("@mary-ann lee", ["mary-ann"]),
        ("@ann lee", ["ann"]),
        ("@zoe @Zoe2", ["zoe", "Zoe2"]),
        # code
        ("`@ann` @bob", ["bob"]),
        ("``a ` @ann`` @bob", ["bob"]),
        ("` @ann", ["ann"]),
        ("`a\n\n@ann `", ["ann"]),
        ("```@ann``` @bob", ["bob"]),
        ("look ```\n\n@ann\n``` @bob", ["bob"]),
        ("```py\n@ann\n```\n@bob", ["bob"]),
        ("~~~\n@ann\n~~~\n@bob", ["bob"]),
        ("```\n@ann\n~~~\n@bob", []),
        ("````\n@ann\n```\n@mary\n````\n@bob", ["bob"]),
        ("\\`@ann\\` `@mary` @bob", ["ann", "bob"]),
        ("`\\` @ann `", ["ann"]),  # nothing is escaped within
        ("@`ann`", []),
    ],
)
def test_all_21_a_text_names(text: str, told: list[str]) -> None:
    assert names(text) == told


@pytest.mark.parametrize("name", MEMBERS)
def test_all_21_every_name_can_be_mentioned_and_nobody_else_is(name: str) -> None:
    for text in (f"@{name}", f"hi @{name}, what?", f"(@{name})", f"@{name} and so on"):
        assert names(text) == [name]


def test_all_21_of_names_that_are_alike_the_exact_one_is_meant_else_the_oldest() -> None:
    alike = ["Ann", "ann", "ANN"]
    for name in alike:
        assert names(f"@{name}", alike, []) == [name]
    assert names("@aNN", alike, []) == ["Ann"]
    assert names("@ann", ["Ann"], ["ann"]) == ["Ann"]  # a member before anybody


def test_all_21_a_name_within_a_name_is_not_mentioned() -> None:
    assert names("@x @ann", ["x @ann", "ann"], []) == ["x @ann"]


def test_all_21_fifty_are_mentioned_and_no_more() -> None:
    many = [f"m{number}" for number in range(MAX_MENTIONS + 1)]
    text = " ".join(f"@{name}" for name in many)
    assert names(text, many, []) == many[:MAX_MENTIONS]
    assert names(f"@m0 {text}", many, []) == many[:MAX_MENTIONS]  # each once


def test_all_21_a_hundred_code_points_are_a_name_and_no_more() -> None:
    long = "é" * 100
    assert names(f"@{long}", [long], []) == [long]
    assert names(f"@{long}!", [long], []) == [long]
    assert names(f"@{long}é", [long], []) == []


HOSTILE = {
    "ats": "@" * 10_000,
    "blanks": "@ " * 5000,
    "one name": "@x " * 3333 + "@ann",
    "names": "".join(f"@{number:x}!" for number in range(2500)),
    "marks": "e\u0301@" * 3333,
    "letters": "é-" * 5000,
    "one": "@" + "é-" * 5000,
    "backticks": "`@" * 5000,
    "runs": "".join("`" * (number % 130) + "@a " for number in range(150)),
    "escapes": "\\" * 9999 + "`@a",
    "fences": "```\n@a\n" * 1400,
    "a word": "@" + "a" * 9999,
    "lines": "\n" * 9999 + "@a",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_all_21_a_hostile_text_costs_time_that_grows_with_its_length(kind: str) -> None:
    text = HOSTILE[kind]
    began = time.process_time()
    for _ in range(3):
        found = spots(text)
    assert time.process_time() - began < 3 * 0.25  # some ten times what it takes
    keys = {candidate.key for spot in found for candidate in spot.candidates}
    assert len(keys) <= MOST_CANDIDATES
    if kind == "one name":
        assert names(text) == ["ann"]


@given(st.text(st.sampled_from("@anb.-_ `\n\\~é\u0301/1"), max_size=60))
def test_all_21_whatever_a_text_holds_each_mention_is_one(text: str) -> None:
    """Held against the rule as it is read, character by character."""
    told = names(text, ["a", "an", "a-b", "é"], ["b"])
    assert len(set(told)) == len(told)
    for name in told:
        assert any(
            comparison_key(text[at + 1 : end]) == comparison_key(name)
            and (at == 0 or not (_is_word(text[at - 1]) or text[at - 1] in "._-@/"))
            and (end == len(text) or not (_is_word(text[end]) or text[end] in "_@"))
            for at in range(len(text))
            if text[at] == "@"
            for end in range(at + 2, len(text) + 1)
        ), (text, name)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "\u0301"


def test_notified_are_members_but_the_author() -> None:
    ann, bob, cat = (user(number, name) for number, name in enumerate(("ann", "bob", "cat")))
    members: set[int] = {ann.id, bob.id}
    mentions: list[User] = [cat, bob, ann]
    assert notified(mentions, ann, members.__contains__) == (bob,)
