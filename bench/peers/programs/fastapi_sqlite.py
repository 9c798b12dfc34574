"""Rooms on FastAPI as in fastapi_rooms.py, and each message is committed before it is sent.

In autocommit an INSERT is a transaction, on disk when it returns (WAL, synchronous=FULL), for a
single hop to aiosqlite's thread and back.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiosqlite
from fastapi import FastAPI, WebSocket
from fastapi_rooms import broadcast, leave, rooms

SCHEMA = """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS messages (
        id INTEGER PRIMARY KEY, room TEXT NOT NULL, text TEXT NOT NULL, at REAL NOT NULL
    );
"""
INSERT = "INSERT INTO messages (room, text, at) VALUES (?, ?, ?)"


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with aiosqlite.connect("messages.db", isolation_level=None) as database:
        await database.executescript(SCHEMA)
        app.state.database = database
        yield


app = FastAPI(lifespan=lifespan)


@app.websocket("/ws/{room}")
async def chat(websocket: WebSocket, room: str) -> None:
    database: aiosqlite.Connection = websocket.app.state.database
    await websocket.accept()
    rooms[room].add(websocket)
    try:
        async for text in websocket.iter_text():
            await database.execute_insert(INSERT, (room, text, time.time()))
            await broadcast(room, text)
    finally:
        leave(room, websocket)
