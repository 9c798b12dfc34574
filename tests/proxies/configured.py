"""The files of config/ for proxies, changed in what a test has to have otherwise: addresses, ports,
paths and times. Whatever is replaced must be there, so that a file that changes is looked at again.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

from attrs import frozen

CONFIG = Path(__file__).parents[2] / "config"
UPSTREAM = "127.0.0.1:8000"

# The notes in the files that a test may put into force, by their first words.
REWRITE = "rewrite"
PREFIX = "prefix"


@frozen
class Wanted:
    """upstream: host:port, or the path of a Unix socket. plain, secure: ports. certificate, key:
    files. timeout: seconds for which a socket may be silent, as the file has it if None. note:
    what stands there in comments and is to be in force.
    """

    upstream: str
    plain: int
    secure: int
    certificate: Path
    key: Path
    folder: Path
    timeout: int | None = None
    note: str | None = None

    @property
    def is_local(self) -> bool:
        return self.upstream.startswith("/")


@frozen
class Proxy:
    """configure: writes its files into the folder; gives the words that start it."""

    name: str
    program: str
    configure: Callable[[Wanted], list[str]]
    package: str


def _replaced(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text, f"{old!r} is not in the file any more"
        text = text.replace(old, new)
    return text


def _in_force(text: str, first: str) -> str:
    """With the commented lines from this one on, up to the next line that is none or is prose."""
    lines = text.split("\n")
    begin = next(n for n, line in enumerate(lines) if line.strip().startswith(f"#{first}"))
    for number in range(begin, len(lines)):
        code = re.fullmatch(r"(\s*)#((?:\S| {4}|\t).*)", lines[number])
        if code is None:
            break
        lines[number] = code[1] + code[2]
    return "\n".join(lines)


def nginx(wanted: Wanted) -> list[str]:
    """With a main file of a test's own, which Debian's package has otherwise."""
    text = _replaced(
        (CONFIG / "nginx.conf").read_text(),
        (
            f"    server {UPSTREAM};",
            f"    server {'unix:' if wanted.is_local else ''}{wanted.upstream};",
        ),
        ("    listen 80;\n    listen [::]:80;\n", f"    listen 127.0.0.1:{wanted.plain};\n"),
        (
            "    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n",
            f"    listen 127.0.0.1:{wanted.secure} ssl http2;\n",
        ),
        ("server_name chat.example.org;", "server_name localhost;"),
        ("https://$host$request_uri", f"https://$host:{wanted.secure}$request_uri"),
        ("/etc/ssl/chat.example.org/fullchain.pem", str(wanted.certificate)),
        ("/etc/ssl/chat.example.org/privkey.pem", str(wanted.key)),
        ("/var/log/nginx/", f"{wanted.folder}/"),
    )
    if wanted.timeout is not None:
        text = _replaced(text, ("timeout 90s;", f"timeout {wanted.timeout}s;"))
    if wanted.note == REWRITE:
        text = _in_force(text, "location ~ ^/ws/chat/")
    if wanted.note == PREFIX:
        text = _in_force(text, "location /chat/ {")
    site, main = wanted.folder / "trichat.conf", wanted.folder / "nginx.conf"
    site.write_text(text)
    temporary = "".join(
        f"    {each}_temp_path {wanted.folder}/{each};\n"
        for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""  # who may reach the test's own folder
    main.write_text(
        f"{user}daemon off;\npid {wanted.folder}/pid;\nworker_processes 1;\n"
        f"events {{ worker_connections 1024; }}\nhttp {{\n{temporary}    include {site};\n}}\n"
    )
    return ["-e", f"{wanted.folder}/error.log", "-p", str(wanted.folder), "-c", str(main)]


def haproxy(wanted: Wanted) -> list[str]:
    pem = wanted.folder / "both.pem"
    pem.write_text(wanted.certificate.read_text() + wanted.key.read_text())
    text = _replaced(
        (CONFIG / "haproxy.cfg").read_text(),
        ("    log /dev/log local0\n", "    log stdout format raw local0\n"),
        ("    user haproxy\n    group haproxy\n    maxconn 40000\n", "    maxconn 400\n"),
        ("    bind :80\n", f"    bind 127.0.0.1:{wanted.plain}\n"),
        (
            "    bind :443 ssl crt /etc/haproxy/certs/chat.example.org.pem",
            f"    bind 127.0.0.1:{wanted.secure} ssl crt {pem}",
        ),
        (
            f"    server trichat {UPSTREAM} ",
            f"    server trichat {'unix@' if wanted.is_local else ''}{wanted.upstream} ",
        ),
        (
            "redirect scheme https code 308",
            f"redirect prefix https://localhost:{wanted.secure} code 308",
        ),
    )
    if wanted.timeout is not None:
        text = _replaced(text, ("timeout tunnel 90s", f"timeout tunnel {wanted.timeout}s"))
    if wanted.note == REWRITE:
        text = _in_force(text, "http-request set-path /ws/chat/")
    if wanted.note == PREFIX:
        text = _in_force(text, "http-request set-header X-Forwarded-Prefix")
    file = wanted.folder / "haproxy.cfg"
    file.write_text(text)
    return ["-db", "-f", str(file)]


def caddy(wanted: Wanted) -> list[str]:
    text = _replaced(
        (CONFIG / "Caddyfile").read_text(),
        (
            "{$TRICHAT_SITE:chat.example.org} {\n",
            "{$TRICHAT_SITE:chat.example.org} {\n"
            f"\ttls {wanted.certificate} {wanted.key}\n\tbind 127.0.0.1\n",
        ),
    )
    if wanted.note == REWRITE:
        text = _in_force(text, "@numbers path_regexp")
    if wanted.note == PREFIX:
        text = _in_force(_in_force(text, "uri strip_prefix"), "header_up X-Forwarded-Prefix")
        text = _replaced(text, ("\t\theader_up -X-Forwarded-Prefix\n", ""))
    file = wanted.folder / "Caddyfile"
    file.write_text(
        f"{{\n\tadmin off\n\thttp_port {wanted.plain}\n\thttps_port {wanted.secure}\n"
        f"\tstorage file_system {wanted.folder}\n}}\n{text}"
    )
    return ["run", "--config", str(file), "--adapter", "caddyfile"]


PROXIES = {
    each.name: each
    for each in (
        Proxy("nginx", "nginx", nginx, "nginx-light"),
        Proxy("haproxy", "haproxy", haproxy, "haproxy"),
        Proxy("caddy", "caddy", caddy, "caddy"),
    )
}
