"""The room dialect: come into a room by its name, say something, print every frame.

python room.py http://127.0.0.1:8000 TOKEN ROOM_NAME [--say TEXT] [--frames N]
"""

import argparse
import asyncio
import json
import signal
import sys
from urllib.parse import quote

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("address")
parser.add_argument("token")
parser.add_argument("room_name")
parser.add_argument("--say")
parser.add_argument("--frames", type=int, help="end after so many")


async def chat(args: argparse.Namespace) -> None:
    room = quote(args.room_name, safe="")
    url = f"{args.address.replace('http', 'ws', 1)}/ws/chat/{room}/"
    async with connect(url, additional_headers={"Authorization": f"Bearer {args.token}"}) as socket:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: loop.create_task(socket.close()))

        if args.say:
            await socket.send(json.dumps({"message": args.say}))

        left = args.frames
        async for text in socket:
            print(text, flush=True)
            if left is not None and (left := left - 1) <= 0:
                break


try:
    asyncio.run(chat(parser.parse_args()))
except (OSError, WebSocketException) as error:
    sys.exit(str(error))
