"""A server that does not start says why in one line: setting, where it came from, value, reason."""

from collections.abc import Mapping

from trichat.auth.providererrors import ProviderKeysError
from trichat.auth.secret import WeakSecretError
from trichat.auth.signingkey import SigningKeyError
from trichat.datadir import DataDirectoryError
from trichat.settings import Settings
from trichat.settings.unusable import UnusableError, sentence
from trichat.store.health import StoreError
from trichat.telemetry import LogFileError

_OUR_SECRETS = ("auth.secret", "auth.former_secret")


def start_error(error: BaseException, settings: Settings, places: Mapping[str, str]) -> str:
    """Return the line. An error that no setting is to blame for speaks for itself.

    places: where each setting came from.
    """
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    setting = _setting(error, settings, places)
    if setting is None:
        return str(error)
    reason = error.reason if isinstance(error, UnusableError) else str(error)
    return sentence(setting, reason.removeprefix(f"{setting} "), settings, places)


def _setting(error: BaseException, settings: Settings, places: Mapping[str, str]) -> str | None:
    identity = settings.identity
    match error:
        case UnusableError():
            return error.setting
        case LogFileError():
            return "log.file"
        case StoreError():
            return "storage.path" if "storage.path" in places else "server.data"
        case DataDirectoryError() | SigningKeyError():
            return "server.data"
        case WeakSecretError():
            named, _, _ = str(error).partition(" ")
            return named if named in _OUR_SECRETS else "identity.secret_file"
        case ProviderKeysError():
            return "identity.secret_file" if identity.secret_file else "identity.keys_file"
    return None
