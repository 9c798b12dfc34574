"""What a dialect answers to a send whose key is none, or stands for another message."""

from typing import Literal

KeyRefusal = Literal[
    "client_key is a text of 1 to 128 characters",
    "client_key stands for another message",
]
