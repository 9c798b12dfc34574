"""Whether an HTTP answer is one that the API's own document describes: every answer that a test
sees is held against /openapi.json.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any

from attrs import field, frozen
from jsonschema import Draft202012Validator

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


_known: list[Description] = []


async def description(get: Callable[[str], Awaitable[Any]]) -> Description:
    """The document, asked for once: it is the same in every server. get: gives its JSON."""
    if not _known:
        _known.append(Description(await get("/openapi.json")))
    return _known[0]
