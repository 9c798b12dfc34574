"""trichat: five chat APIs over one core. The way of a message, and where to read on:

web/sockets.py         an upgrade becomes a session of one of the five dialects
wire/session.py        its reader takes a frame off the socket, in a nursery of its own
dialects/<name>/       decode: the frame becomes a request, a value of core/requests.py
wire/handlers.py       the request becomes a command for a room's actor (runtime/directory.py)
runtime/rooms.py       the actor decides a batch by the rules of core/roomstate.py
runtime/storage.py     commits it with other rooms' batches, through store/port; only then
runtime/rooms.py       each sender is answered, and the events are published to the room's feed
runtime/feed.py        takes them in by their numbers, and delivers: each encoded once per dialect
runtime/fanout.py      written to every subscription that is LIVE; subscription.py has the others
wire/outbox.py         a connection's bytes: at once when nothing waits, queued otherwise
"""
