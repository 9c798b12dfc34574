"""The peers, each as its own users would write it; README.md has the contract."""

from bench.peer import Peer

PEERS: tuple[Peer, ...] = ()
