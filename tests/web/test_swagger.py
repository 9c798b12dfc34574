"""The pages that show the documents, Swagger UI at /swagger/ (room-12) and ours at /asyncapi/:
everything they need comes from this server, and their Content-Security-Policy lets a browser ask
nobody else.
"""

import posixpath
import re
from gzip import decompress

import pytest

from tests.server import ChatServer
from tests.web.conftest import Service

pages = pytest.mark.parametrize("folder", ["/swagger/", "/asyncapi/"])

KINDS = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}


async def test_room_12_swagger_ui_is_served_at_its_path(service: Service) -> None:
    page = await service.nobody.get("/swagger/")
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
    bare = await service.nobody.get("/swagger")
    assert (bare.status, bare.headers["Location"]) == (307, "swagger/")


@pages
async def test_a_page_refers_to_files_of_this_server_alone(server: ChatServer, folder: str) -> None:
    page = (await server.get(folder)).text
    links = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert f"..{folder[:-1].replace('swagger', 'openapi')}.json" in links
    assert len(links) > 3
    for link in links:
        assert "//" not in link
        answer = await server.get(posixpath.normpath(folder + link))
        assert answer.status_code == 200
        kind = KINDS.get(link[link.rindex(".") :], "application/json")
        assert answer.headers["Content-Type"].startswith(kind)


@pages
async def test_it_works_under_a_strict_policy(server: ChatServer, folder: str) -> None:
    page = await server.get(folder)
    policy = dict(
        part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; ")
    )
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    text = page.text
    assert all(tag.endswith("</script>") and "src=" in tag and "></" in tag
               for tag in re.findall(r"<script.*?</script>", text, re.DOTALL))  # fmt: skip
    assert not re.search(r"<style|\son\w+=|\sstyle=", text)


async def test_it_reads_our_document_and_asks_no_validator(service: Service) -> None:
    start = (await service.nobody.get("/swagger/start.js")).value.decode()
    assert 'url: "../openapi.json"' in start
    assert "validatorUrl: null" in start
    assert "http" not in start


@pytest.mark.parametrize("name", ["swagger-ui-bundle.js", "swagger-ui.css"])
async def test_large_files_come_compressed_to_who_takes_that(service: Service, name: str) -> None:
    path = f"/swagger/{name}"
    plain = await service.nobody.get(path, headers={"Accept-Encoding": "identity"})
    packed = await service.nobody.get(path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert decompress(packed.value) == plain.value
    assert len(packed.value) < len(plain.value) / 3
