"""The lobby dialect: join a room, or create one first, say something, print every frame.

python lobby.py http://127.0.0.1:8000 TOKEN [ROOM_ID] [--create NAME] [--say TEXT] [--frames N]
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
parser.add_argument("room_id", nargs="?")
parser.add_argument("--create", default="A room of the example")
parser.add_argument("--say")
parser.add_argument("--frames", type=int, help="end after so many")


async def chat(args: argparse.Namespace) -> None:
    url = f"{args.address.replace('http', 'ws', 1)}/ws/chat"
    async with connect(url, additional_headers={"Authorization": f"Bearer {args.token}"}) as socket:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: loop.create_task(socket.close()))

        async def send(type_: str, **data: object) -> None:
            await socket.send(json.dumps({"type": type_, "data": data}))

        async def enter(room: str) -> None:
            await send("join_room", room_id=room)
            if args.say:
                await send("send_message", type="text", content=args.say, room_id=room)

        await send("list_rooms", type="public")
        if args.room_id:
            await enter(args.room_id)
        else:
            await send("create_room", name=args.create, type="public")

        left = args.frames
        async for text in socket:
            print(text, flush=True)
            frame = json.loads(text)
            if frame["type"] == "room_created":
                await enter(frame["data"]["id"])
            if left is not None and (left := left - 1) <= 0:
                break


try:
    asyncio.run(chat(parser.parse_args()))
except (OSError, WebSocketException) as error:
    sys.exit(str(error))
