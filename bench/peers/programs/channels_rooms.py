"""Rooms on Django Channels: a consumer for each connection, a group of the layer for each room.

The layer is Redis at $REDIS_URL, or that in memory if there is none.
"""

import os

import django
from django.conf import settings

REDIS = os.environ.get("REDIS_URL")
LAYERS = {
    "memory": {
        "BACKEND": "channels.layers.InMemoryChannelLayer",
        # Of the default of 100 a channel, what comes on top is dropped without a word.
        "CONFIG": {"capacity": 100_000},
    },
    "redis": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS]},
    },
}

settings.configure(
    SECRET_KEY="only for the benchmark",
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={"default": LAYERS["redis" if REDIS else "memory"]},
    LOGGING_CONFIG=None,
)
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path  # noqa: E402


class Chat(AsyncWebsocketConsumer):
    async def connect(self):
        self.room = self.scope["url_route"]["kwargs"]["room"]
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        await self.channel_layer.group_discard(self.room, self.channel_name)

    async def receive(self, text_data=None, bytes_data=None):
        await self.channel_layer.group_send(self.room, {"type": "chat.message", "text": text_data})

    async def chat_message(self, event):
        await self.send(text_data=event["text"])


application = ProtocolTypeRouter({"websocket": URLRouter([path("ws/<slug:room>", Chat.as_asgi())])})
