"""The API's own document: valid, complete, and true (every other test of REST holds the answers
it sees against it, tests/described.py).
"""

import re
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from trio.testing import MockClock

from tests.server import ChatServer, open_chat_server, settings_for
from tests.web.conftest import Service
from trichat.composition.server import open_server

_VARIABLE = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")


async def read(service: Service) -> dict[str, Any]:
    answer = await service.nobody.get("/openapi.json")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    document: dict[str, Any] = answer.value
    return document


def operations(document: dict[str, Any]) -> dict[tuple[str, str], Any]:
    return {
        (method.upper(), path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


async def test_it_is_valid_under_an_independent_validator(service: Service) -> None:
    document = await read(service)
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


async def test_every_path_and_method_that_is_served_is_described(tmp_path: Path) -> None:
    async with open_server(settings_for(tmp_path)) as (_, app):
        document = await (await app.test_client().get("/openapi.json")).get_json()
    served = {
        (method, _VARIABLE.sub(r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if not rule.websocket
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == set(operations(document))
    OpenAPIV31SpecValidator(document).validate()


async def test_every_operation_says_how_it_fails(service: Service) -> None:
    for (_, path), operation in operations(await read(service)).items():
        statuses = set(operation["responses"])
        assert {"200", "500"} <= statuses
        assert operation["summary"]
        if operation.get("security") != []:
            assert {"401", "503"} <= statuses
        if "requestBody" in operation:
            assert {"413", "422", "503"} <= statuses
        if "{" in path:
            assert "404" in statuses
        if any(parameter["in"] == "query" for parameter in operation["parameters"]):
            assert "422" in statuses


async def test_every_operation_that_asks_for_a_role_says_403(tmp_path: Path) -> None:
    async with open_chat_server(settings_for(tmp_path)) as server:
        described = operations(await server.document("/openapi.json"))
        ann = await server.person("ann")
        asking = [where for where in described if where[1].startswith("/api/v1/admin/")]
        assert len(asking) > 10
        for method, path in asking:
            # The role is asked for before the rest of the request is looked at.
            there = path.removeprefix("/api/v1").replace("{", "").replace("}", "")
            status, body = await server.rest(ann, method, there)
            assert status == 403, (method, path)
            words = described[method, path]["responses"]["403"]["description"]
            assert body["detail"] in words.split("; ")


async def test_what_no_operation_answers_is_described_too(server: ChatServer) -> None:
    document = await server.document("/openapi.json")
    for name, method, path, status, header in (
        ("NotFound", "GET", "/nowhere", 404, None),
        ("MethodNotAllowed", "DELETE", "/health", 405, "Allow"),
        ("OtherSpelling", "GET", "/api/v1/channels", 307, "Location"),
    ):
        described = document["components"]["responses"][name]
        async with httpx.AsyncClient(base_url=f"http://{server.address}", verify=False) as client:
            answer = await client.request(method, path)
        assert answer.status_code == status, path
        assert set(described.get("headers", ())) == ({header} if header else set())
        assert header is None or header in answer.headers
        if status != 307:
            assert answer.json() == {"detail": described["description"]}
            assert answer.headers["content-type"] in described["content"]


async def test_the_address_of_a_socket_is_described_too(server: ChatServer) -> None:
    described = (await server.document("/openapi.json"))["components"]["responses"]
    for path in ("/ws", "/ws/chat", "/ws/chat/x/"):
        answer = await server.get(path)
        assert answer.status_code == 426
        for header in described["UpgradeRequired"]["headers"]:
            assert header in answer.headers
        words, _, _ = described["UpgradeRequired"]["description"].partition(",")
        assert answer.json()["detail"].startswith(words)
        assert answer.headers["content-type"] in described["UpgradeRequired"]["content"]


async def test_a_body_that_does_not_come_is_not_waited_for_without_end(
    autojump_clock: MockClock, service: Service
) -> None:
    path = "/api/v1/auth/login"
    async with service.client.request(path, method="POST") as connection:
        await connection.send(b'{"username": ')
        response = await connection.as_response()
    assert response.status_code == 408
    assert await response.get_json() == {"detail": "Request Timeout"}
    assert "408" in operations(await read(service))["POST", path]["responses"]


async def test_every_answer_has_a_shape(service: Service) -> None:
    """No operation answers 'some object'."""
    document = await read(service)
    for where, operation in operations(document).items():
        content = operation["responses"]["200"]["content"]
        schema = content.get("application/json", {"schema": {"$ref": "text"}})["schema"]
        schema = schema.get("items", schema)
        assert "$ref" in schema or "anyOf" in schema or where[1].endswith(".json"), where


async def test_what_it_says_of_credentials_and_bounds(service: Service) -> None:
    document = await read(service)
    described = operations(document)
    assert document["security"] == [{"bearer": []}]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert described["POST", "/api/v1/auth/login"]["security"] == []
    history = described["GET", "/api/v1/messages/channel/{channel_id}"]["parameters"]
    assert {"name": "limit", "in": "query", "schema": {
        "type": "integer", "default": 50, "minimum": 0, "maximum": 100,
    }} in history  # fmt: skip
    assert described["POST", "/api/v1/auth/login"]["responses"]["429"]["headers"]["Retry-After"]
    body = described["POST", "/api/v1/messages/"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"$ref": "#/components/schemas/NewMessage"}
    components = document["components"]
    message = Draft202012Validator({**body["schema"], "components": components})
    assert message.is_valid({"content": "x" * 2000, "channel_id": "c"})
    for wrong in ("", " \n", "x" * 2001, "\0", None):
        assert not message.is_valid({"content": wrong, "channel_id": "c"})


async def test_both_casings_of_an_answer_are_described(service: Service) -> None:
    shapes = (await read(service))["components"]["schemas"]
    for name in ("UserObject", "ChannelObject", "MessageObject", "ReactionObject"):
        required = shapes[name]["required"]
        assert {"created_at", "createdAt"} <= set(required)


async def test_the_pages_files_stand_last(service: Service) -> None:
    document = await read(service)
    tags = [tag["name"] for tag in document["tags"]]
    assert (tags[0], tags[-1]) == ("server", "pages")
    for (_, path), operation in operations(document).items():
        pages = ("/swagger/", "/asyncapi/", "/front/")
        assert (operation["tags"] == ["pages"]) == path.startswith(pages)


async def test_its_examples_of_registering_and_logging_in_are_taken(service: Service) -> None:
    shapes = (await read(service))["components"]["schemas"]
    for action, shape in (("register", "NewUser"), ("login", "Credentials")):
        properties = shapes[shape]["properties"]
        body = {name: properties[name]["examples"][0] for name in shapes[shape]["required"]}
        answer = await service.nobody.post(f"/api/v1/auth/{action}", body)
        assert answer.status == 200
        assert answer.value["user"]["username"] == "alice"
