"""Users find each other, and change their own profile, at /api/v1/users (channels-rest 4)."""

from typing import Final

from attrs import field, frozen

from trichat.auth.mailaddress import normalized
from trichat.auth.wording import NAME_WORDS
from trichat.core.model import User
from trichat.core.refusals import Invalid, NoSuchUser, RateLimited, Refusal, Taken
from trichat.dialects.objects import OwnUserObject, UserObject, own_user_object, user_object
from trichat.runtime.identity import Identity
from trichat.runtime.server import Runtime
from trichat.web.rest import finding
from trichat.web.rest.auth import NO_NAME, TAKEN, address
from trichat.web.rest.bodies import avatar, name, ruled, text
from trichat.web.rest.checking import SLOW_DOWN, UNPROVEN, PasswordChecks
from trichat.web.rest.errors import RequestError
from trichat.web.rest.pages import NAMED, Page, by_name, named_place, page
from trichat.web.rest.refused import Words, refused
from trichat.web.rest.routes import Route

FOUND_AT_MOST = 10
_RENAMED: Final[Words] = {RateLimited: (429, "Too many renames, try again later")}
_NOT_YOU: Final = (403, "Can only update your own profile")


@frozen
class Profile:
    """Changes of a profile. What is absent or null stays; an empty avatar removes it. Another
    address needs the password, since whoever has the address can have a new password sent there.
    """

    email: str | None = field(default=None, metadata=ruled(address))
    username: str | None = field(default=None, metadata=ruled(name))
    avatar: str | None = field(default=None, metadata=ruled(avatar))
    current_password: str | None = field(
        default=None, repr=False, metadata=ruled(text(), secret=True)
    )


class Users:
    """What every user may know of others, and change of themselves."""

    def __init__(self, runtime: Runtime, checks: PasswordChecks) -> None:
        self._runtime = runtime
        self._checks = checks
        self._store = runtime.store

    async def all(self, me: User, limit: int, after: str | None) -> Page[UserObject]:
        """List users by name."""

        async def read(behind: tuple[str, int], count: int) -> list[User]:
            return await self._store.all_users(after=behind, limit=count)

        now = self._runtime.clock()
        users = by_name(read, named_place(after))
        return await page(users, lambda user: user_object(user.as_of(now)), limit)

    async def one(self, me: User, user_id: str) -> UserObject | Refusal:
        """Look a user up by their UUID, as they stand now."""
        user = await finding.user(self._runtime, user_id)
        return user if isinstance(user, Refusal) else self._shown([user])[0]

    async def search(self, me: User, query: str) -> list[UserObject]:
        """Find users whose name or e-mail address contains the text: the first ten by name."""
        async with self._runtime.shares.turn(me.id):  # it may take a look at all users
            found = await self._store.search_users(query, limit=FOUND_AT_MOST)
        return self._shown(found)

    async def update(self, me: Identity, user_id: str, body: Profile) -> OwnUserObject | Refusal:
        """Change one's own profile; open connections show it from now on.

        Another e-mail address takes the current password; of who has none, a token issued in the
        last 5 minutes.
        """
        if user_id.lower() != me.user.uuid:
            raise RequestError(*_NOT_YOU)
        email = body.email and normalized(body.email)
        if email is not None and email != me.user.email:
            proof = await self._checks.prove(me, body.current_password)
            if isinstance(proof, RateLimited):
                return proof
        changed = await self._runtime.administration.update(
            me.user, username=body.username, email=email, avatar=body.avatar
        )
        if isinstance(changed, Invalid):
            raise RequestError(400, NAME_WORDS[changed.why])
        if isinstance(changed, Taken):
            raise RequestError(*TAKEN[changed.field])
        if isinstance(changed, RateLimited):
            raise refused(changed, _RENAMED)
        return changed if isinstance(changed, Refusal) else own_user_object(changed)

    def _shown(self, users: list[User]) -> list[UserObject]:
        """Return users as they stand now."""
        now = self._runtime.clock()
        return [user_object(user.as_of(now)) for user in users]


def routes(runtime: Runtime, checks: PasswordChecks) -> tuple[Route, ...]:
    """/api/v1/users"""
    users = Users(runtime, checks)
    at = "/api/v1/users"
    return (
        Route(
            "GET", f"{at}/", users.all,
            summary="List users",
            description=(
                "Returns the accounts of this server in the order of their names, page by page:"
                " the `Link` header has the address of the next page. Every user may see them."
                " If the operator hides e-mail addresses, the user name stands in their place."
            ),
            query=NAMED, large=True,
        ),
        Route(
            "GET", f"{at}/search/<path:query>", users.search,
            summary="Search users",
            description=(
                "Returns the first ten users, in the order of their names, whose name contains"
                " the text, or whose e-mail address does unless the operator hides addresses."
                " Case is ignored. If nobody matches, the list is empty."
            ),
        ),
        Route(
            "GET", f"{at}/<user_id>", users.one,
            summary="Show a user",
            description=(
                "Returns the account with this id, a UUID. Every user may see it. Fails with 404"
                " if nobody has this id."
            ),
            refuses=(NoSuchUser,),
        ),
        Route(
            "PUT", f"{at}/<user_id>", users.update,
            summary="Update your profile",
            description=(
                "Changes the name, the e-mail address or the avatar of the caller; what is"
                " absent or null stays, and an empty `avatar` removes it. WebSocket connections"
                " that are open show the change from then on. Fails with 403 for another user's"
                " profile. A new e-mail address needs `current_password`, and fails with 400 if"
                " that is missing or wrong; a caller who has no password needs an access token"
                " issued in the last 5 minutes instead (403). Fails with 400 if somebody else"
                " has the name or the address, and with 429 after too many renames."
            ),
            body=Profile, words=SLOW_DOWN,
            refuses=(
                *TAKEN.values(), *NO_NAME, *_RENAMED.values(), _NOT_YOU, NoSuchUser, *UNPROVEN
            ),
            by_credential=True,
        ),
    )  # fmt: skip
