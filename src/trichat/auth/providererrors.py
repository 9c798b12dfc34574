"""The keys of an identity provider may be unusable, or not be known yet."""


class ProviderKeysError(Exception):
    """The keys cannot be had. The text names the place and never holds a key."""


class KeysNotKnownError(Exception):
    """No key of the provider is known yet, so its tokens can be neither accepted nor refused.

    retry_after: seconds until its keys are asked for again.
    """

    def __init__(self, retry_after: float) -> None:
        super().__init__("the identity provider's keys are not known yet")
        self.retry_after = retry_after
