"""SQLite's errors as the store's: what kind of fault each is."""

import apsw

from trichat.store.port import Fault, StoreError

_FAULTS: dict[type[Exception], Fault] = {
    apsw.FullError: Fault.FULL,
    apsw.IOError: Fault.IO,
    apsw.CantOpenError: Fault.IO,
    apsw.BusyError: Fault.LOCKED,
    apsw.LockedError: Fault.LOCKED,
    apsw.ProtocolError: Fault.LOCKED,
    apsw.CorruptError: Fault.CORRUPT,
    apsw.NotADBError: Fault.CORRUPT,
    apsw.ReadOnlyError: Fault.READ_ONLY,
    apsw.PermissionsError: Fault.READ_ONLY,
}


def is_of_the_disk(error: Exception) -> bool:
    """Whether no other write would fare better."""
    return type(_first(error)) in _FAULTS


def store_error(error: Exception, about: str = "") -> StoreError:
    """The same for who knows no SQLite. about: what it befell, such as a file."""
    error = _first(error)
    fault = _FAULTS.get(type(error), Fault.OTHER)
    return StoreError(f"{about}: {error}" if about else str(error), fault)


def _first(error: Exception) -> Exception:
    """A fault after which SQLite undoes the transaction by itself is followed by an error that
    there is none to undo.
    """
    before = error.__context__
    return before if isinstance(before, apsw.Error) and isinstance(error, apsw.Error) else error
