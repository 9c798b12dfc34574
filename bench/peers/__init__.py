"""The peers, each as its own users would write it; README.md has the contract."""

from bench.peer import Peer
from bench.peers.brokers import MOSQUITTO, NATS
from bench.peers.in_others import GORILLA, LIMIT, LIMIT_16, NODE
from bench.peers.in_python import (
    AIOHTTP,
    CHANNELS,
    CHANNELS_REDIS,
    FASTAPI,
    FASTAPI_SQLITE,
    PICOWS,
    QUART,
    WEBSOCKETS,
)

PEERS: tuple[Peer, ...] = (
    LIMIT,
    LIMIT_16,
    FASTAPI,
    FASTAPI_SQLITE,
    CHANNELS,
    CHANNELS_REDIS,
    WEBSOCKETS,
    AIOHTTP,
    PICOWS,
    QUART,
    NODE,
    GORILLA,
    MOSQUITTO,
    NATS,
)
