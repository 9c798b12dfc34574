"""Suites of others, run against the living server: no part of `make test`."""
