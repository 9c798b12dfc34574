"""Rooms on picows, on uvloop.

The message lies once in a buffer with room before it for the frame's head, and each member's send
takes it from there: the library's way without a copy.
"""

import sys
from collections import defaultdict

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

rooms: defaultdict[str, set[WSTransport]] = defaultdict(set)
TEXT = WSMsgType.TEXT
HEAD = 14


class Member(WSListener):
    def __init__(self, room: str) -> None:
        self.room = room

    def on_ws_connected(self, transport: WSTransport) -> None:
        rooms[self.room].add(transport)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        rooms[self.room].discard(transport)
        if not rooms[self.room]:
            del rooms[self.room]

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == TEXT:
            message = bytearray(HEAD) + frame.get_payload_as_memoryview()
            for member in rooms[self.room]:
                member.send_reuse_external_bytearray(TEXT, message, HEAD)
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()


def admit(request: WSUpgradeRequest) -> Member:
    return Member(request.path.decode())


async def main(port: int) -> None:
    server = await ws_create_server(admit, "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


uvloop.run(main(int(sys.argv[1])))
