"""The conversations dialect: read a conversation, say something in it, print every frame.

python conversations.py http://127.0.0.1:8000 TOKEN CONVERSATION_ID [--say TEXT] [--frames N]
python conversations.py http://127.0.0.1:8000 TOKEN --with USER_ID [--say TEXT] [--frames N]
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
parser.add_argument("conversation_id", type=int, nargs="?")
parser.add_argument("--with", type=int, dest="receiver_id", metavar="USER_ID")
parser.add_argument("--say")
parser.add_argument("--frames", type=int, help="end after so many")


async def chat(args: argparse.Namespace) -> None:
    url = f"{args.address.replace('http', 'ws', 1)}/ws/chat/?token={args.token}"
    async with connect(url) as socket:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: loop.create_task(socket.close()))

        async def send(**frame: object) -> None:
            await socket.send(json.dumps(frame))

        async def enter(conversation: int) -> None:
            await send(type="chat.get_messages", conversation_id=conversation)
            await send(type="chat.read", conversation_id=conversation)
            if args.say:
                await send(type="chat.message", conversation_id=conversation, content=args.say)

        if args.receiver_id is not None:
            await send(type="chat.start_conversation", receiver_id=args.receiver_id)
        else:
            await enter(args.conversation_id)

        left = args.frames
        async for text in socket:
            print(text, flush=True)
            frame = json.loads(text)
            if frame["type"] == "chat.conversation_started":
                await enter(frame["conversation"]["id"])
            if left is not None and (left := left - 1) <= 0:
                break


try:
    asyncio.run(chat(parser.parse_args()))
except (OSError, WebSocketException) as error:
    sys.exit(str(error))
