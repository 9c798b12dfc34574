"""Try the channels API with a token: greet, ping, join a channel, and print what comes.

    pip install websockets
    python test_websocket.py YOUR_JWT_TOKEN [--url ws://localhost:8000/ws] [--channel ID]

It ends with exit code 0 when the server answered as it should, with 1 and a line that says why when
not, with 2 when called wrongly. Without --channel it joins the first channel that the REST API
beside the socket lists. (This is no test of pytest's.)
"""

import argparse
import asyncio
import json
import sys
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

ANSWER_WITHIN = 10.0


def listed_channels(url: str, token: str) -> list[str]:
    """The ids of all channels, over REST on the same host; none where that cannot be asked."""
    parts = urlsplit(url)
    rest = parts._replace(scheme=parts.scheme.replace("ws", "http", 1), path="/api/v1/channels/")
    request = Request(rest.geturl(), headers={"Authorization": f"Bearer {token}"})
    try:
        with urlopen(request, timeout=ANSWER_WITHIN) as answer:
            return [channel["id"] for channel in json.load(answer)]
    except (OSError, ValueError, LookupError) as error:
        print(f"The channels are not known: {error}", file=sys.stderr)
        return []


class RefusedError(Exception):
    """The server answered with an error: its words."""


async def next_of(socket: ClientConnection, type_: str) -> None:
    """Print frames until one is of this type."""
    async with asyncio.timeout(ANSWER_WITHIN):
        while True:
            text = await socket.recv()
            print(text, flush=True)
            frame = json.loads(text)
            if frame["type"] == "error":
                raise RefusedError(f"{frame['message']} ({frame['error_code']})")
            if frame["type"] == type_:
                return


async def converse(url: str, token: str, channel: str | None) -> None:
    async with connect(f"{url}?token={quote(token)}") as socket:
        await next_of(socket, "connection_established")

        await socket.send(json.dumps({"type": "ping"}))
        await next_of(socket, "pong")

        if channel is None:
            channel = next(iter(await asyncio.to_thread(listed_channels, url, token)), None)
        if channel is None:
            print("There is no channel to join.", file=sys.stderr)
            return
        await socket.send(json.dumps({"type": "join_channel", "channel_id": channel}))
        await next_of(socket, "channel_joined")

        await socket.send(json.dumps({"type": "get_online_users", "channel_id": channel}))
        await next_of(socket, "online_users")


def main() -> str | None:
    """What went wrong, if anything."""
    parser = argparse.ArgumentParser(description="Try the channels API with a token.")
    parser.add_argument("token", metavar="YOUR_JWT_TOKEN")
    parser.add_argument("--url", default="ws://localhost:8000/ws", help="default: %(default)s")
    parser.add_argument("--channel", metavar="ID", help="the channel to join")
    args = parser.parse_args()
    try:
        asyncio.run(converse(args.url, args.token, args.channel))
    except KeyboardInterrupt:
        return "Interrupted."
    except ConnectionClosed as closed:
        code = closed.rcvd.code if closed.rcvd else 1006
        if code == 1008:
            return "The server refused the token: it is wrong or has expired."
        return f"The server closed the connection: {closed}"
    except RefusedError as refused:
        return f"The server refused: {refused}"
    except TimeoutError:
        return f"The server did not answer within {ANSWER_WITHIN:g} seconds."
    except (OSError, InvalidHandshake, InvalidURI) as error:
        return f"There is no channels API at {args.url}: {error}"
    return None


if __name__ == "__main__":
    sys.exit(main())
