"""The chats dialect: subscribe to a chat, say something in it, print every frame.

python chats.py http://127.0.0.1:8000 TOKEN CHAT_ID [--say TEXT] [--frames N]
"""

import argparse
import asyncio
import json
import signal
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("address")
parser.add_argument("token")
parser.add_argument("chat_id")
parser.add_argument("--say")
parser.add_argument("--frames", type=int, help="end after so many")


async def chat(args: argparse.Namespace) -> None:
    url = f"{args.address.replace('http', 'ws', 1)}/chats/ws?token={args.token}"
    async with connect(url) as socket:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: loop.create_task(socket.close()))

        async def send(**frame: object) -> None:
            await socket.send(json.dumps(frame))

        await send(action="subscribe", chat_ids=[args.chat_id])
        if args.say:
            await send(action="message", chat_id=args.chat_id, text=args.say)

        left = args.frames
        async for text in socket:
            print(text, flush=True)
            if left is not None and (left := left - 1) <= 0:
                break


try:
    asyncio.run(chat(parser.parse_args()))
except (OSError, WebSocketException) as error:
    sys.exit(str(error))
