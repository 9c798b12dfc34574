"""Rooms on aiohttp, on uvloop; a text is encoded once and sent as the frame's bytes."""

import sys
from collections import defaultdict

import uvloop
from aiohttp import ClientConnectionResetError, WSMsgType, web

rooms: defaultdict[str, set[web.WebSocketResponse]] = defaultdict(set)


async def broadcast(room: str, payload: bytes) -> None:
    for member in list(rooms[room]):
        try:
            await member.send_frame(payload, WSMsgType.TEXT)
        except ClientConnectionResetError:
            pass  # their own handler takes them out


async def chat(request: web.Request) -> web.WebSocketResponse:
    room = request.match_info["room"]
    websocket = web.WebSocketResponse(compress=False)
    await websocket.prepare(request)
    rooms[room].add(websocket)
    try:
        async for message in websocket:
            if message.type is WSMsgType.TEXT:
                await broadcast(room, message.data.encode())
    finally:
        rooms[room].discard(websocket)
        if not rooms[room]:
            del rooms[room]
    return websocket


app = web.Application()
app.add_routes([web.get("/ws/{room}", chat)])
web.run_app(
    app,
    host="127.0.0.1",
    port=int(sys.argv[1]),
    access_log=None,
    print=None,
    backlog=2048,
    shutdown_timeout=0,
    loop=uvloop.new_event_loop(),
)
