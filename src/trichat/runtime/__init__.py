"""The living server behind the sockets: rooms as actors, who listens, who is online, storage."""
