"""The channels dialect: join a channel, post a message over REST, print every frame.

python channels.py http://127.0.0.1:8000 TOKEN CHANNEL_ID [--say TEXT] [--frames N]
"""

import argparse
import asyncio
import json
import signal
import sys
from urllib.request import Request, urlopen

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("address")
parser.add_argument("token")
parser.add_argument("channel_id")
parser.add_argument("--say")
parser.add_argument("--frames", type=int, help="end after so many")


def post(args: argparse.Namespace) -> None:
    request = Request(
        f"{args.address}/api/v1/messages/",
        json.dumps({"content": args.say, "channel_id": args.channel_id}).encode(),
        {"Authorization": f"Bearer {args.token}", "Content-Type": "application/json"},
    )
    urlopen(request).close()


async def chat(args: argparse.Namespace) -> None:
    url = f"{args.address.replace('http', 'ws', 1)}/ws?token={args.token}"
    async with connect(url) as socket:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: loop.create_task(socket.close()))

        await socket.send(json.dumps({"type": "join_channel", "channel_id": args.channel_id}))

        left = args.frames
        async for text in socket:
            print(text, flush=True)
            if args.say and json.loads(text)["type"] == "channel_joined":
                await asyncio.to_thread(post, args)
            if left is not None and (left := left - 1) <= 0:
                break


try:
    asyncio.run(chat(parser.parse_args()))
except (OSError, WebSocketException) as error:
    sys.exit(str(error))
