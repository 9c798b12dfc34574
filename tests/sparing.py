"""What a thousand servers in one process would do a thousand times alike is done once."""

from functools import cache
from typing import Any

from werkzeug.routing import Rule

_compile = Rule._compile_builder


def install() -> None:
    """For all tests."""
    # Werkzeug compiles a function for each route of each app, by which a URL could be made of it:
    # 15 ms of each server's start. It knows nothing of the app, so equal routes may share one.
    Rule._compile_builder = _builder  # type: ignore[method-assign]


class _Traced:
    """A rule, equal to those that are written alike."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._known = (rule.rule, tuple(rule._trace), repr(rule.defaults))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Traced) and self._known == other._known

    def __hash__(self) -> int:
        return hash(self._known)


@cache
def _compiled(traced: _Traced, append_unknown: bool) -> Any:
    return _compile(traced.rule, append_unknown)


def _builder(self: Rule, append_unknown: bool = True) -> Any:
    return _compiled(_Traced(self), append_unknown)
