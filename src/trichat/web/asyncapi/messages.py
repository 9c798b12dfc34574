"""The messages of one dialect: schemas from its classes, examples from its own encoders.

Requests are named `ask.…`, what the server sends `told.…`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from trichat.core import requests
from trichat.core.answers import History, Outcome
from trichat.core.refusals import Refusal, RoomFull
from trichat.dialects import samples as s
from trichat.dialects.description import Exchange, Speech
from trichat.dialects.disconnects import DisconnectReason
from trichat.dialects.port import Close, Dialect, Reply
from trichat.runtime.listener import placed
from trichat.web.schemas import schemas

Frame = dict[str, Any]
Schema = dict[str, Any]

EXAMPLES = 12  # of one message


@frozen
class Messages:
    """The messages of one dialect.

    payloads: by message. parts: the named schemas that these refer to. examples: by message.
    replies: which messages may answer a request. pushes: which come by themselves, and in answer to
    what is no request.
    """

    payloads: Mapping[str, Schema]
    parts: Mapping[str, Schema]
    examples: Mapping[str, Sequence[Frame]]
    replies: Mapping[str, Sequence[str]]
    pushes: Sequence[str]


def messages(dialect: Dialect, speech: Speech, at: str, *, longest: int) -> Messages:
    """Return all messages of one dialect.

    at: where the parts will stand, with {name} in it. longest: the server's limit of a message in
    code points.
    """
    payloads, parts = _schemas(speech, at, longest)
    shelf = _Shelf({name: payloads[name] for name in payloads if name.startswith("told.")})
    asked = {
        f"ask.{name}": [exchange.request for exchange in exchanges]
        for name, exchanges in speech.exchanges.items()
    }
    replies = {
        name: shelf.put(_answers(dialect, exchanges))
        for name, exchanges in speech.exchanges.items()
    }
    pushes = shelf.put(_pushes(dialect))
    refused = [*map(dialect.decode, speech.broken), dialect.decode_binary(b"")]
    complaints = shelf.put(each.payload for each in refused if isinstance(each, Reply))
    return Messages(
        payloads,
        parts,
        {**asked, **shelf.examples},
        replies,
        list(dict.fromkeys((*pushes, *complaints))),
    )


def _schemas(speech: Speech, at: str, longest: int) -> tuple[dict[str, Schema], dict[str, Schema]]:
    _, asked = schemas(speech.requests.values(), at=at)
    _, parts = schemas(speech.frames, at=at)
    payloads = {
        f"ask.{name}": {
            **speech.payload(name, asked[shape.__name__], longest),
            "description": speech.operations[name].description,
        }
        for name, shape in speech.requests.items()
    }
    for frame in speech.frames:
        payloads[f"told.{frame.__name__}"] = parts.pop(frame.__name__)
    return payloads, parts


@frozen
class _Shelf:
    """Examples, each with the one message that it is an example of."""

    payloads: Mapping[str, Schema]
    examples: dict[str, list[Frame]] = field(factory=dict)

    def put(self, encoded: Iterable[bytes]) -> list[str]:
        """Return which messages these are, each once."""
        names: dict[str, None] = {}
        for payload in encoded:
            frame = json.loads(payload)
            name = self._of(frame)
            names[name] = None
            known = self.examples.setdefault(name, [])
            if frame not in known and len(known) < EXAMPLES:
                known.append(frame)
        return list(names)

    def _of(self, frame: Frame) -> str:
        """Return the message that has these keys and fixed words.

        Raises ValueError where none has, or more than one.
        """
        (name,) = (name for name, schema in self.payloads.items() if _fits(frame, schema))
        return name


def _fits(frame: Frame, schema: Schema) -> bool:
    properties = schema["properties"]
    if not set(schema["required"]) <= set(frame) <= set(properties):
        return False
    words = {key: property_["enum"] for key, property_ in properties.items() if "enum" in property_}
    return all(frame[key] in allowed for key, allowed in words.items() if key in frame)


def _answers(dialect: Dialect, exchanges: Iterable[Exchange]) -> Iterator[bytes]:
    for exchange in exchanges:
        request = dialect.decode(json.dumps(exchange.request))
        if isinstance(request, Reply | Close):
            raise ValueError(f"{dialect.name} does not understand {exchange.request}")
        for answer in exchange.answers:
            yield from _frames(dialect, request, answer)


def _frames(dialect: Dialect, request: requests.Request, answer: Outcome) -> Iterable[bytes]:
    if not isinstance(answer, Refusal):
        return dialect.answer(request, answer, s.ADA, s.NOW)
    refused = dialect.refuse(request, answer, s.NOW)
    return () if refused is None else (refused.payload,)


def _pushes(dialect: Dialect) -> Iterator[bytes]:
    """Give what comes unasked: on connecting, as things happen, and at the end."""
    greeting = dialect.greet(s.ADA, s.NOW)
    if greeting is not None:
        yield greeting
    coming_in = dialect.come_in((s.ADA, s.BEN))
    if coming_in is not None:  # a dialect that begins in a room shows what was said there
        yield coming_in
        yield from dialect.answer(requests.ReadHistory(None), History((s.HELLO,)), s.ADA, s.NOW)
        yield from _frames(dialect, requests.Enter(None), RoomFull())
    for answer in (s.PLACE, s.GAP):  # where it was asked for
        yield from dialect.answer(requests.Resume(s.PLACE.cursor), answer, s.ADA, s.NOW)
    for event in s.events(dialect.name):
        for push in dialect.push(event):
            yield push.payload
    for push in dialect.push(s.SAID)[:1]:
        yield placed(push.payload, s.SAID, 0)
    last = dialect.part(DisconnectReason.BARRED, "Your account has been suspended", s.NOW)
    if last is not None:
        yield last
