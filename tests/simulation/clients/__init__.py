"""A simulated client per dialect."""

from tests.simulation.clients.base import Client
from tests.simulation.clients.channels import ChannelsClient
from tests.simulation.clients.chats import ChatsClient
from tests.simulation.clients.conversations import ConversationsClient
from tests.simulation.clients.lobby import LobbyClient
from tests.simulation.clients.room import RoomClient
from tests.simulation.clients.surroundings import Surroundings

CLIENTS: tuple[type[Client], ...] = (
    ChatsClient,
    RoomClient,
    LobbyClient,
    ChannelsClient,
    ConversationsClient,
)

__all__ = ["CLIENTS", "ChannelsClient", "Client", "ConversationsClient", "Surroundings"]
