"""The HTTP side, for the clients whose dialect shows no history by itself."""

import asyncio
import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from reconnect import LostError, StopError

PAGE = 100


class RefusedError(Exception):
    """The server said no: its words. retry_after: seconds, if it is only too early."""

    def __init__(self, words: str, retry_after: float = 0.0) -> None:
        super().__init__(words)
        self.retry_after = retry_after


def _call(address: str, token: str, path: str, body: object) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(f"{address}/api/v1{path}", data, headers), timeout=10) as answer:
            return json.load(answer)
    except HTTPError as error:
        if error.code == 401:
            raise StopError("the token is wrong or has expired (HTTP 401)") from None
        if error.code >= 500:
            raise LostError(f"the server failed (HTTP {error.code})") from None
        raise RefusedError(_words(error), float(error.headers.get("Retry-After", 0))) from None
    except (OSError, ValueError) as error:
        raise LostError(str(error)) from None


def _words(error: HTTPError) -> str:
    try:
        detail = json.load(error)["detail"]
        return detail if isinstance(detail, str) else detail[0]["msg"]
    except (ValueError, LookupError, TypeError):
        return f"HTTP {error.code}"


async def call(address: str, token: str, path: str, body: object = None) -> Any:
    """The answer to a GET, or to a POST of this body."""
    return await asyncio.to_thread(_call, address, token, path, body)


class History:
    """The messages of a room that were not seen yet, over REST; members may read it."""

    def __init__(self, address: str, token: str, room: str) -> None:
        self._at = (address, token, f"/messages/channel/{room}")
        self._since: str | None = None
        self._seen: set[str] = set()  # of the moment `since`

    async def unseen(self) -> list[Any]:
        """Oldest first: those after what was seen; to a newcomer the last twenty."""
        address, token, path = self._at
        limit = 20 if self._since is None else PAGE
        since = self._since = self._since or ""
        found: dict[str, Any] = {}
        while True:
            query = f"?limit={limit}&offset={len(found)}"
            page = await call(address, token, path + query)
            found = {message["id"]: message for message in page} | found
            if len(page) < PAGE or page[0]["created_at"] < since:
                break
        return [message for message in found.values() if self.see(message)]

    def see(self, message: Any) -> bool:
        """Whether it was not seen before. Messages are seen in the order of their time."""
        at, since = message["created_at"], self._since or ""
        if at < since or message["id"] in self._seen:
            return False
        if at > since:
            self._since, self._seen = at, set()
        self._seen.add(message["id"])
        return True
