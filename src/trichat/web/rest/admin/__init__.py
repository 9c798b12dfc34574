"""Moderators and administrators act at /api/v1/admin (channels-rest 7).

Each act is one transaction with its entry in the audit log, and decided there by the actor's
and the other's rank as they are then; runtime/administration.py notifies the sockets.
"""

from trichat.runtime.server import Runtime
from trichat.web.rest.admin import accounts, bulk, channels, log, messages, roles, suspensions
from trichat.web.rest.routes import Route

PARTS = (log, accounts, channels, suspensions, roles, messages, bulk)


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """/api/v1/admin"""
    return tuple(route for part in PARTS for route in part.routes(runtime))
