"""Whether what a server says is what its own documents describe: every answer and every frame
that a test sees is held against /openapi.json and /asyncapi.json.
"""

import os
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import cache, partial
from typing import Any

from attrs import field, frozen
from jsonschema import Draft202012Validator

# Set where tests are to judge by themselves, not by the documents.
UNDESCRIBED = bool(os.environ.get("TEST_UNDESCRIBED"))

# What no operation answers: paths and methods that are not there.
ELSEWHERE = {404, 405}


@frozen(eq=False)
class Description:
    """One document."""

    document: Mapping[str, Any]
    _paths: list[tuple[re.Pattern[str], str]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        ordered = sorted(self.document["paths"], key=lambda path: (path.count("{"), -len(path)))
        patterns = [(re.compile(re.sub(r"{\w+}", "[^/]+", path)), path) for path in ordered]
        object.__setattr__(self, "_paths", patterns)

    def check(self, method: str, path: str, status: int, media: str | None, value: Any) -> None:
        """Fails with what the document does not say."""
        if method == "OPTIONS" or status == 307:
            return
        described = self._operation(method, path.partition("?")[0])
        if described is None:
            assert status in ELSEWHERE, f"{method} {path} answers {status} and is not described"
            return
        where, operation = described
        answer = operation["responses"].get(str(status))
        assert answer is not None, (
            f"{where} answers {status}, which its Route does not declare (words or refuses)"
        )
        assert media in answer["content"], f"{where} answers {status} with {media}"
        if media == "application/json" and method != "HEAD":
            self._validate(where, status, value)

    def _operation(self, method: str, path: str) -> tuple[str, Mapping[str, Any]] | None:
        method = "GET" if method == "HEAD" else method
        for pattern, template in self._paths:
            operation = self.document["paths"][template].get(method.lower())
            if operation is not None and pattern.fullmatch(path):
                return f"{method} {template}", operation
        return None

    def _validate(self, where: str, status: int, value: Any) -> None:
        method, _, path = where.partition(" ")
        error = next(_validator(self, path, method.lower(), status).iter_errors(value), None)
        assert error is None, f"{where} answers {status} in another shape: {error}"


@cache
def _validator(
    description: Description, path: str, method: str, status: int
) -> Draft202012Validator:
    answer = description.document["paths"][path][method]["responses"][str(status)]
    schema = answer["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": description.document["components"]})


@frozen(eq=False)
class Frames:
    """What the server may send in each dialect."""

    document: Mapping[str, Any]

    def check(self, dialect: str, frame: Any) -> None:
        """Fails with a frame that the document does not know, or not so."""
        fitting = [name for name in self._told(dialect) if _alike(self._schema(name), frame)]
        assert len(fitting) == 1, f"{dialect} sends {frame}, which is described as {fitting}"
        error = next(_payload(self, fitting[0]).iter_errors(frame), None)
        assert error is None, f"{dialect} sends another {fitting[0]}: {error}"

    def _told(self, dialect: str) -> list[str]:
        names = self.document["channels"][dialect]["messages"]
        return [f"{dialect}.{name}" for name in names if name.startswith("told.")]

    def _schema(self, name: str) -> Mapping[str, Any]:
        schema: Mapping[str, Any] = self.document["components"]["schemas"][name]
        return schema


def _alike(schema: Mapping[str, Any], frame: Mapping[str, Any]) -> bool:
    """Whether it has these keys, none else, and the words that tell it from others."""
    properties = schema["properties"]
    if not set(schema["required"]) <= set(frame) <= set(properties):
        return False
    words = {key: value["enum"] for key, value in properties.items() if "enum" in value}
    return all(frame[key] in allowed for key, allowed in words.items() if key in frame)


@cache
def _payload(frames: Frames, name: str) -> Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{name}", "components": frames.document["components"]}
    return Draft202012Validator(schema)


# Asked for once: the documents are the same in every server.
_answers: list[Description] = []
_frames: list[Frames] = []

Get = Callable[[str], Awaitable[Any]]


async def hold_answer(
    get: Get, method: str, path: str, status: int, media: str | None, value: Any
) -> None:
    """Fails with an answer that is not described. get: gives the JSON at a path."""
    if not UNDESCRIBED:
        if not _answers:
            _answers.append(Description(await get("/openapi.json")))
        _answers[0].check(method, path, status, media, value)


async def frames_of(get: Get, dialect: str) -> Callable[[Any], None]:
    """What fails with a frame of this dialect that is not described."""
    if UNDESCRIBED:
        return lambda frame: None
    if not _frames:
        _frames.append(Frames(await get("/asyncapi.json")))
    return partial(_frames[0].check, dialect)
