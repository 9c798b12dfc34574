"""The REST API over a real runtime and a real database file, through Quart's test client."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from attrs import evolve, field, frozen
from quart_trio import QuartTrio
from quart_trio.testing import TrioClient

from tests.described import hold_answer
from trichat.auth.passwords import Passwords
from trichat.auth.tokens import Tokens
from trichat.core.model import User
from trichat.runtime.server import Runtime, open_runtime
from trichat.settings import Auth, Settings
from trichat.store.health import StoreError
from trichat.store.port import OnOutcomes, Outcome, Write
from trichat.store.sqlite import SqliteStore
from trichat.web.rest import register

SECRET = b"Zm9yIHRoZSB0ZXN0cyBhbG9uZSwgbm90IGEgc2VjcmV0"
PASSWORD = "Correct-1"


class Breakable(SqliteStore):
    """A store that fails on demand, as one whose disk went away."""

    broken = False

    async def write(
        self, writes: Sequence[Write], batch: str | None = None, then: OnOutcomes | None = None
    ) -> Sequence[Outcome]:
        self._check()
        return await super().write(writes, batch)

    async def _read(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        self._check()
        return await super()._read(query, *args, **kwargs)

    _look_up = _read

    def _check(self) -> None:
        if self.broken:
            raise StoreError("disk I/O error at /secret/place")


class BreakableWrites(Breakable):
    """Reads still work: what fails is the commit."""

    async def _read(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        return await SqliteStore._read(self, query, *args, **kwargs)

    _look_up = _read


@frozen(eq=False)
class Answer:
    """What came back."""

    status: int
    value: Any
    headers: Any

    @property
    def detail(self) -> Any:
        return self.value["detail"]

    def is_refused(self, status: int, detail: str) -> bool:
        return (self.status, self.value) == (status, {"detail": detail})

    def problems(self) -> list[tuple[str, list[Any]]]:
        """Of a 422: (type, loc) of each item, which has the keys of the contract."""
        assert self.status == 422, self
        for item in self.detail:
            assert set(item) == {"type", "loc", "msg", "input"}
        return [(item["type"], item["loc"]) for item in self.detail]


@frozen(eq=False)
class Caller:
    """Somebody with a token, or nobody."""

    client: TrioClient
    token: str | None = None
    user: dict[str, Any] = field(factory=dict)  # as everybody else sees them
    own: dict[str, Any] = field(factory=dict)  # as they see themselves

    @property
    def id(self) -> str:
        return str(self.user["id"])

    @property
    def name(self) -> str:
        return str(self.user["username"])

    async def call(self, method: str, path: str, body: Any = ..., **kwargs: Any) -> Answer:
        headers = dict(kwargs.pop("headers", {}))
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if body is not ...:
            kwargs["json"] = body
        url = path if path.startswith("/") else f"/api/v1/{path}"
        response = await self.client.open(url, method=method, headers=headers, **kwargs)
        data = await response.get_data()
        value = await response.get_json() if data and response.is_json else data
        if not kwargs.get("follow_redirects"):
            said = (response.status_code, response.mimetype, value)
            await hold_answer(self._json, method, url, *said)
        return Answer(response.status_code, value, response.headers)

    async def _json(self, path: str) -> Any:
        return await (await self.client.get(path)).get_json()

    async def get(self, path: str, **kwargs: Any) -> Answer:
        return await self.call("GET", path, **kwargs)

    async def post(self, path: str, body: Any = ..., **kwargs: Any) -> Answer:
        return await self.call("POST", path, body, **kwargs)

    async def put(self, path: str, body: Any = ..., **kwargs: Any) -> Answer:
        return await self.call("PUT", path, body, **kwargs)

    async def delete(self, path: str, **kwargs: Any) -> Answer:
        return await self.call("DELETE", path, **kwargs)

    # -- what tests begin with

    async def channel(self, name: str, **fields: Any) -> str:
        made = await self.post("channels/", {"name": name, **fields})
        assert made.status == 200, made
        return str(made.value["id"])

    async def say(self, channel: str, content: str) -> dict[str, Any]:
        said = await self.post("messages/", {"content": content, "channel_id": channel})
        assert said.status == 200, said
        return dict(said.value)

    async def react(self, message: str, emoji: str) -> Answer:
        return await self.post("messages/reactions", {"message_id": message, "emoji": emoji})


@frozen(eq=False)
class Service:
    """The running server, as tests see it."""

    runtime: Runtime
    app: QuartTrio
    store: Breakable

    @property
    def nobody(self) -> Caller:
        return Caller(self.client)

    @property
    def client(self) -> TrioClient:
        return cast(TrioClient, self.app.test_client())

    async def register(self, name: str, email: str | None = None) -> Caller:
        body = {"email": email or f"{name}@example.com", "username": name, "password": PASSWORD}
        answer = await self.nobody.post("auth/register", body)
        assert answer.status == 200, answer
        own = answer.value["user"]
        user = {key: value for key, value in own.items() if key != "number"}
        return Caller(self.client, answer.value["access_token"], user, own)

    async def people(self, *names: str) -> list[Caller]:
        return [await self.register(name) for name in names]

    async def account(self, caller: Caller) -> User:
        user = await self.runtime.store.user_by_uuid(caller.id)
        assert user is not None
        return user

    async def direct_room(self, one: Caller, other: Caller) -> str:
        other_id = (await self.account(other)).id
        direct: Any = await self.runtime.room_factory.open_direct(await self.account(one), other_id)
        return str(direct.room.uuid)

    async def head(self, channel: str) -> int:
        """The number of the room's last event: it moves with everything that is done to it."""
        room = await self.runtime.store.room_by_uuid(channel)
        assert room is not None
        _, head = await self.runtime.store.history(room.id, limit=0)
        return head


@asynccontextmanager
async def serving(
    path: Path,
    settings: Settings | None = None,
    *,
    store_class: type[Breakable] = Breakable,
    dialects: Iterable[Any] = (),
    clock: Any = None,
) -> AsyncIterator[Service]:
    if settings is None:  # tests call an administrator "admin"
        settings = Settings(auth=Auth(reserved_names=()))
    settings = evolve(settings, server=evolve(settings.server, data=path))
    store: Any = await store_class.open(path / "trichat.db")
    passwords = Passwords(
        4,
        queue=settings.auth.password_queue,
        share=settings.auth.password_queue_per_address,
        shortest=settings.auth.password_length,
        time_cost=1,
        memory_cost=8,
        parallelism=1,
    )
    tokens = Tokens(SECRET, lifetime=1800)
    extra = {} if clock is None else {"clock": clock}
    async with open_runtime(
        settings, store, dialects, tokens=tokens, passwords=passwords, **extra
    ) as runtime:
        app = QuartTrio("trichat")
        register(app, runtime)
        yield Service(runtime, app, store)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(tmp_path) as running:
        yield running


def configured(**groups: dict[str, Any]) -> Settings:
    """The defaults, but for these: auth={"login_attempts": 2}."""
    settings = Settings()
    return evolve(
        settings,
        **{name: evolve(getattr(settings, name), **values) for name, values in groups.items()},
    )
