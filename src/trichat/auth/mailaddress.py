"""E-mail addresses are looked at for their form alone: nobody asks whether mail arrives.

email-validator builds its tables as it is imported, for 20 ms: only who asks here waits for that.
"""

from typing import Final

LONGEST: Final = 320  # code points


def normalized(address: str) -> str:
    """Return the address as email-validator writes it. Raises ValueError, which says why not."""
    from email_validator import validate_email

    return validate_email(address, check_deliverability=False).normalized


def why_no_address(address: str) -> str | None:
    """Say why this has not the form of an e-mail address, in words for whoever gave it."""
    from email_validator import EmailNotValidError

    if len(address) > LONGEST:
        return f"must have at most {LONGEST} characters"
    try:
        normalized(address)
    except EmailNotValidError as error:
        return str(error)
    return None
