"""A server whose disk stops answering amid a write of the word "stuck": `trichat` with a fault."""

import threading
from collections.abc import Sequence
from typing import Any

from trichat.store.sqlite import SqliteStore

_write = SqliteStore.write


async def _stuck(self: SqliteStore, writes: Sequence[Any], *named: Any) -> Any:
    if "stuck" in repr(writes):
        await self._write_in(threading.Event().wait)
    return await _write(self, writes, *named)


SqliteStore.write = _stuck  # type: ignore[method-assign, assignment]

from trichat.asgi import app  # noqa: E402

__all__ = ["app"]

if __name__ == "__main__":
    from trichat.cli import main

    main()
