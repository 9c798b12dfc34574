"""`value` declares a class whose objects never change, and of which every message makes some.

It is attrs' `frozen` for mypy alone, which refuses an assignment to a field. Where Python refuses
it as well, making an object takes four times as long.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attrs import frozen as value
else:
    from attrs import define

    def value(cls=None, *, eq=True):
        """Declare a class. eq: whether objects are equal that hold the same."""
        return define(cls, eq=eq, unsafe_hash=True if eq else None)


__all__ = ["value"]
