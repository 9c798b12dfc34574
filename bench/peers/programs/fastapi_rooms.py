"""Rooms on FastAPI: each text goes to everyone in the room, the sender included."""

from collections import defaultdict

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
rooms: defaultdict[str, set[WebSocket]] = defaultdict(set)


def leave(room: str, member: WebSocket) -> None:
    rooms[room].discard(member)
    if not rooms[room]:
        del rooms[room]


async def broadcast(room: str, text: str) -> None:
    for member in list(rooms[room]):
        try:
            await member.send_text(text)
        except WebSocketDisconnect:
            pass  # their own handler takes them out


@app.websocket("/ws/{room}")
async def chat(websocket: WebSocket, room: str) -> None:
    await websocket.accept()
    rooms[room].add(websocket)
    try:
        async for text in websocket.iter_text():
            await broadcast(room, text)
    finally:
        leave(room, websocket)
