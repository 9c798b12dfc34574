"""What the modules of the topics have in common: how they read, and how their writes are found."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

import apsw

from trichat.store.port import Outcome

P = ParamSpec("P")
T = TypeVar("T")
Query = Callable[Concatenate[apsw.Connection, P], T]
# Each write is statements on the writer's connection, inside a transaction the adapter holds.
Writes = dict[type, Callable[[apsw.Connection, Any], Outcome]]


class Reader(ABC):
    """Each read is one function of a reader's connection; which one, and its faults, are the
    adapter's business.
    """

    @abstractmethod
    async def _read(self, query: Query[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the query on a reader, at one moment of the database. Raises StoreError."""

    @abstractmethod
    async def _look_up(self, query: Query[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for a query that is one statement, and so sees one moment by itself: two
        statements less, for what every handshake asks.
        """
