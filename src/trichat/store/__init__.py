"""The durable log: a port by topics (port.py), its adapters, numbered migrations for each."""
