"""Rooms on FastAPI as in fastapi_rooms.py, and each message is committed before it is sent.

One connection in one thread of its own, in autocommit: an INSERT is a transaction, on disk when it
returns (WAL, synchronous=FULL), for a single hop to the thread and back.
"""

import asyncio
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI, WebSocket
from fastapi_rooms import broadcast, leave, rooms

INSERT = "INSERT INTO messages (room, text, at) VALUES (?, ?, ?)"

app = FastAPI()
thread = ThreadPoolExecutor(max_workers=1)
database = sqlite3.connect("messages.db", isolation_level=None, check_same_thread=False)
database.executescript(
    """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS messages (
        id INTEGER PRIMARY KEY, room TEXT NOT NULL, text TEXT NOT NULL, at REAL NOT NULL
    );
    """
)


async def store(room: str, text: str) -> None:
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(thread, database.execute, INSERT, (room, text, time.time()))


@app.websocket("/ws/{room}")
async def chat(websocket: WebSocket, room: str) -> None:
    await websocket.accept()
    rooms[room].add(websocket)
    try:
        async for text in websocket.iter_text():
            await store(room, text)
            await broadcast(room, text)
    finally:
        leave(room, websocket)
