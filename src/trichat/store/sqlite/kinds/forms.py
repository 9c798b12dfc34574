"""Which forms the JSON of a row may have: what the server itself writes."""

from typing import Annotated

import msgspec

Uuid = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\Z")]


def fits(cell: str | None, form: type | None, *, optional: bool) -> bool:
    """Whether a row's JSON has the form of its kind; None for the form: whether there is none."""
    if cell is None or form is None:
        return cell is None and (form is None or optional)
    if len(cell) > getattr(form, "LONGEST", len(cell)):
        return False
    try:
        msgspec.json.decode(cell, type=form)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return False
    return True
