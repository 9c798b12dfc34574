"""How the objects are declared of which every message makes some.

They never change once they are made, and mypy sees to that. To have Python see to it as well, as
attrs' `frozen` does, costs three times as much for each object as it takes to make it.
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
