"""The server is put together here, from its settings, and nowhere else.

Each file builds one part: tokens.py what signs, passwords.py what hashes, identity_provider.py
whose tokens count beside ours, database.py the store, server.py all of it, application.py the ASGI
application around that. A command that does not serve builds the parts that it needs, and imports
neither Quart nor Hypercorn.
"""
