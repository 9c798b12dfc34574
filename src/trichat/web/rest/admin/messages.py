"""Anyone's message is deleted at /api/v1/admin/messages/{message_id}."""

from attrs import field, frozen

from trichat.core.authority import Permission
from trichat.core.model import Kind, Reason, User
from trichat.core.refusals import NoSuchMessage, NoSuchRoom, Refusal
from trichat.runtime.administration import new_reason
from trichat.runtime.server import Runtime
from trichat.web.rest import finding
from trichat.web.rest.admin.acts import REASON, act, same
from trichat.web.rest.routes import Route, Said


@frozen
class Deletion:
    """The message that an administrator deletes, and why."""

    message_id: str
    reason: str | None = field(default=None, metadata=REASON)


async def take_away(runtime: Runtime, me: User, message_id: str, why: Reason) -> Refusal | None:
    """Delete a message of a public or private room; return why not.

    What is said in direct rooms is not known here (all-8).
    """
    message = await finding.anyones_message(runtime, message_id)
    if message is None or message.room.kind is Kind.DIRECT:
        return NoSuchMessage()
    outcome = await runtime.administration.delete(me, message, why)
    return outcome if isinstance(outcome, Refusal) else None


class Messages:
    """What callers who may delete anyone's messages do."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def delete(self, me: User, message_id: str, body: Deletion) -> Said | Refusal:
        """Delete anyone's message; everyone in its room is notified by whom and why."""
        same("message_id", body.message_id, message_id)
        no = await take_away(self._runtime, me, message_id, new_reason(body.reason))
        return no or {"message": "Message deleted successfully"}


GONE = (404, "Message not found")


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """/api/v1/admin/messages"""
    messages = Messages(runtime)
    return (
        act(
            "DELETE", "/messages/<message_id>", messages.delete, Permission.DELETE_MESSAGES,
            summary="Delete anyone's message",
            description=(
                "Deletes a message of a public or private channel, whoever wrote it, and notifies"
                " everyone there who did so and why. Fails with 404 if the message does not"
                " exist or is part of a direct conversation, and with 422 if `message_id` is not"
                " the one in the path."
            ),
            body=Deletion, words={NoSuchMessage: GONE, NoSuchRoom: GONE},
        ),
    )  # fmt: skip
