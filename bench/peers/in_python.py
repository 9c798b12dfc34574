"""Peers in Python: how each is started."""

from collections.abc import Callable, Sequence

from bench.peer import Command, Peer, Place
from bench.peers.libraries import libraries

# uvicorn as its documents advise for production. `websockets-sansio` is what `auto` takes; the
# other two implementations cost more.
UVICORN = (
    *("--loop", "uvloop", "--http", "httptools", "--ws", "websockets-sansio"),
    *("--ws-per-message-deflate", "false", "--no-access-log", "--log-level", "warning"),
    *("--backlog", "2048"),
)

# Folder of the programs, beside this file.
PROGRAMS = "programs"

Serve = Callable[[Place], Sequence[Command]]


def _module(place: Place, *argv: str, **env: str) -> Command:
    """python -m …, which finds the programs of this folder."""
    return Command([place.python, "-m", *argv], {"PYTHONPATH": str(place.peers / PROGRAMS), **env})


def _uvicorn(app: str) -> Serve:
    return lambda place: [_module(place, "uvicorn", app, "--port", str(place.port), *UVICORN)]


def _script(name: str) -> Serve:
    return lambda place: [
        Command([place.python, str(place.peers / PROGRAMS / name), str(place.port)]),
    ]


def _daphne(place: Place) -> Sequence[Command]:
    # The endpoint as Twisted spells it, for its backlog; Daphne's own is 50.
    endpoint = f"tcp:port={place.port}:interface=127.0.0.1:backlog=2048"
    return [_module(place, "daphne", "-v", "0", "-e", endpoint, "channels_rooms:application")]


def _redis(place: Place) -> Sequence[Command]:
    side = str(place.side_port)
    options = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning")
    redis = Command(
        [place.program("redis-server"), "--port", side, *options],
        libraries(place),
    )
    uvicorn = _module(
        place,
        *("uvicorn", "channels_rooms:application", "--port", str(place.port), *UVICORN),
        REDIS_URL=f"redis://127.0.0.1:{side}",
    )
    return [redis, uvicorn]


def _hypercorn(place: Place) -> Sequence[Command]:
    bind = f"127.0.0.1:{place.port}"
    options = ("--worker-class", "trio", "--workers", "0", "--backlog", "2048")
    quiet = ("--log-level", "warning")
    return [_module(place, "hypercorn", "--bind", bind, *options, *quiet, "quart_rooms:app")]


FASTAPI = Peer(
    key="fastapi",
    title="FastAPI on uvicorn",
    language="Python",
    serve=_uvicorn("fastapi_rooms:app"),
    pip=("fastapi", "starlette", "uvicorn", "websockets", "uvloop", "httptools"),
)

FASTAPI_SQLITE = Peer(
    key="fastapi-sqlite",
    title="FastAPI on uvicorn, each message committed to SQLite",
    language="Python",
    serve=_uvicorn("fastapi_sqlite:app"),
    stores=True,
    pip=(*FASTAPI.pip, "aiosqlite"),
    note="WAL, synchronous=FULL, a transaction for each message",
)

CHANNELS = Peer(
    key="channels",
    title="Django Channels in memory, on Daphne",
    language="Python",
    serve=_daphne,
    pip=("django", "channels", "daphne", "twisted", "autobahn"),
)

CHANNELS_REDIS = Peer(
    key="channels-redis",
    title="Django Channels over Redis, on uvicorn",
    language="Python",
    serve=_redis,
    pip=("django", "channels", "channels-redis", "redis", "hiredis", "uvicorn", "websockets"),
    programs=("redis-server",),
    debian=("redis-server", "redis-tools", "libjemalloc2", "liblzf1", "libatomic1"),
    version=lambda place: [
        Command([place.program("redis-server"), "--version"], libraries(place)),
    ],
    note="the CPU time of Redis counts too",
)

WEBSOCKETS = Peer(
    key="websockets",
    title="websockets, broadcast()",
    language="Python",
    serve=_script("websockets_rooms.py"),
    pip=("websockets", "uvloop"),
)

AIOHTTP = Peer(
    key="aiohttp",
    title="aiohttp",
    language="Python",
    serve=_script("aiohttp_rooms.py"),
    pip=("aiohttp", "uvloop"),
)

PICOWS = Peer(
    key="picows",
    title="picows on uvloop",
    language="Python",
    serve=_script("picows_rooms.py"),
    pip=("picows", "aiofastnet", "uvloop"),
)

QUART = Peer(
    key="quart-trio",
    title="Quart-Trio on Hypercorn, stock",
    language="Python",
    serve=_hypercorn,
    pip=("quart-trio", "quart", "hypercorn", "trio", "wsproto"),
    note="trichat's own stack as its documents use it",
)
