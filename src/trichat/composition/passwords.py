"""The settings say how passwords are hashed."""

from trichat.auth.passwords import Passwords
from trichat.settings import Settings


def make_passwords(settings: Settings) -> Passwords:
    """Make what hashes passwords: by Argon2id, at the cost that the operator set."""
    auth = settings.auth
    return Passwords(
        auth.password_threads,
        queue=auth.password_queue,
        share=auth.password_queue_per_address,
        shortest=auth.password_length,
        time_cost=auth.argon2_time,
        memory_cost=auth.argon2_memory,
        parallelism=auth.argon2_parallelism,
    )
