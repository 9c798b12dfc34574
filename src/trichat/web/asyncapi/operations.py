"""What a client does with each request, in words for those who write clients.

The dialects' classes say what a request looks like; their docstrings are for readers of the code.
"""

from collections.abc import Mapping
from typing import Final

from attrs import frozen


@frozen
class Operation:
    """The words of one request. summary: a few, without a full stop. description: sentences."""

    summary: str
    description: str


PUSH: Final = Operation(
    "Receive what happens",
    "The server sends these messages by itself: on connecting, as things happen, and before it"
    " closes the connection. Some also answer a frame that is not a request.",
)

OPERATIONS: Final[Mapping[str, Mapping[str, Operation]]] = {
    "chats": {
        "subscribe": Operation(
            "Subscribe to chats",
            "From now on this connection receives the messages of these chats, until it closes. The"
            " response has a result for each id, in the order of the request: a chat that does not"
            " exist, or that the user may not read, is refused by itself.",
        ),
        "message": Operation(
            "Send a message",
            "Stores a message in a chat that the user may write to, and sends it to every"
            " connection that is subscribed to the chat. The sender need not be. The response tells"
            " whether it is stored.",
        ),
    },
    "room": {
        "message": Operation(
            "Send a message",
            "Stores a message in the room of this connection, and sends it to everyone there, the"
            " sender included. A frame of this kind needs no type.",
        ),
    },
    "lobby": {
        "create_room": Operation(
            "Create a room",
            "Makes a public or private room, for as many users as `max_users` allows if that is"
            " given. The users of `invite`, who are named by UUID, become members of it. Whoever"
            " makes a room is not in it until they enter it, and may make only so many.",
        ),
        "list_rooms": Operation(
            "List rooms",
            "Returns the rooms that the user may know of, oldest first: public ones, and private"
            " ones that they are a member of. `type` picks those of one kind.",
        ),
        "join_room": Operation(
            "Enter a room",
            "Makes a room the current one of this connection, which leaves the room that it was in."
            " It is refused if there is no such room, if the room is private and the user is no"
            " member, if it is full, and if the connection is in it already.",
        ),
        "leave_room": Operation(
            "Leave the current room",
            "Afterwards this connection is in no room.",
        ),
        "send_message": Operation(
            "Send a message",
            "Stores a message in the current room, and sends it to everyone there. The type"
            " `system` is for the owner of the room and for administrators. It is refused if the"
            " connection is in no room or in another one, and if the user has sent too many"
            " messages.",
        ),
    },
    "channels": {
        "join_channel": Operation(
            "Enter a channel",
            "From now on this connection receives what happens in the channel. Nobody becomes a"
            " member by this: for that there is the HTTP API. It is refused for a channel that the"
            " user may not see.",
        ),
        "leave_channel": Operation(
            "Leave a channel",
            "From now on this connection receives nothing of the channel. Membership stays as it"
            " is.",
        ),
        "typing_indicator": Operation(
            "Tell whether the user is typing",
            "The others in the channel receive that the user has begun or stopped typing. Nothing"
            " is stored.",
        ),
        "get_online_users": Operation(
            "List who is online",
            "Returns the ids of members of the channel who are online, and of others who have"
            " entered it, each once.",
        ),
        "ping": Operation(
            "Check the connection",
            "The server responds with a pong, after the responses to earlier requests.",
        ),
    },
    "conversations": {
        "chat.message": Operation(
            "Send a message",
            "Stores a message in a conversation of the user, and sends it to every connection of"
            " every participant, the sender's included.",
        ),
        "chat.typing": Operation(
            "Tell whether the user is typing",
            "Another user receives that this one has begun or stopped typing. Nothing is stored.",
        ),
        "chat.read": Operation(
            "Mark messages as read",
            "Marks the messages of a conversation as read: all up to now, or those up to `up_to`."
            " The other participants are told.",
        ),
        "chat.delivered": Operation(
            "Confirm a delivery",
            "Tells that this client has received a message. Its sender is told.",
        ),
        "chat.search_user": Operation(
            "Search users",
            "Returns users whose name contains the keyword.",
        ),
        "chat.start_conversation": Operation(
            "Start a conversation",
            "Returns the conversation with another user, which is made if there is none yet."
            " `user_id` is another name of `receiver_id`.",
        ),
        "chat.get_conversations": Operation(
            "List conversations",
            "Returns the conversations of the user, those with the newest activity first.",
        ),
        "chat.get_messages": Operation(
            "List messages",
            "Returns messages of a conversation, oldest first: the newest ones, or those before"
            " `before_id`.",
        ),
    },
}
