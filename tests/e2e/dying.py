"""A server whose runtime dies when somebody comes online: `trichat` with a fault in it."""

from trichat.runtime.presence import Presence


async def _run(self: Presence) -> None:
    await self._wake.wait()
    raise RuntimeError("presence is broken")


Presence.run = _run  # type: ignore[method-assign]

from trichat.asgi import app  # noqa: E402

__all__ = ["app"]

if __name__ == "__main__":
    from trichat.cli import main

    main()
