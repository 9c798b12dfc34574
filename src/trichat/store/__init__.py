"""The durable log: one port (port.py), its adapters, and numbered migrations for each."""
