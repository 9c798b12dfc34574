from trichat.runtime.frames import Outgoing, close, join, ping, pong, text

__all__ = ["Outgoing", "close", "join", "ping", "pong", "text"]
