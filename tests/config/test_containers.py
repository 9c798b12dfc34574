"""config/Dockerfile and config/compose.yaml, read as what runs them would: no engine is here."""

import json
import re
import shlex
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from trichat.settings import Limits, Server, load
from trichat.settings.durations import parse_duration
from trichat.worker.watchdog import BEYOND

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
BASE = re.compile(r"python:3\.1[123]-slim( AS build)?")


def instructions() -> list[tuple[str, str]]:
    """Those of the Dockerfile, each on one line."""
    text = (CONFIG / "Dockerfile").read_text()
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    made = [line.partition(" ") for line in joined.splitlines() if line.strip()]
    return [(word, rest.strip()) for word, _, rest in made]


def all_of(word: str) -> list[str]:
    return [rest for each, rest in instructions() if each == word]


def environment() -> dict[str, str]:
    """What ENV sets, in the last stage."""
    return dict(pair.split("=", 1) for rest in all_of("ENV") for pair in shlex.split(rest))


def is_ignored(path: str) -> bool:
    """By the rules of the .dockerignore, of which the last that fits counts."""
    ignored = False
    for line in (CONFIG / "Dockerfile.dockerignore").read_text().splitlines():
        rule = line.strip().removeprefix("!")
        if line and not line.startswith("#") and (fnmatch(path, rule) or rule == path):
            ignored = not line.startswith("!")
    return ignored


def test_each_instruction_is_one_that_docker_knows() -> None:
    known = {
        *("FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE"),
        *("HEALTHCHECK", "STOPSIGNAL", "ENTRYPOINT", "CMD"),
    }
    assert {word for word, _ in instructions()} == known
    assert all(BASE.fullmatch(rest) for rest in all_of("FROM"))


def test_what_it_copies_is_there_and_not_ignored() -> None:
    own = [rest for rest in all_of("COPY") if not rest.startswith("--from=build")]
    assert len(own) == 3
    for rest in own:
        for source in rest.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert not is_ignored(source), source
    for other in ("trichat-data", ".git", ".venv", "tests", "docs"):
        assert is_ignored(other)


def test_it_installs_as_the_makefile_does() -> None:
    """What is pinned, hash-checked; then ours, without asking anybody."""
    installs = [rest for rest in all_of("RUN") if "pip install" in rest]
    makefile = (ROOT / "Makefile").read_text()
    for flags, rest in zip(
        ("--require-hashes -r requirements/run.txt", "--no-deps --no-build-isolation --no-index"),
        installs,
        strict=True,
    ):
        assert flags in rest
        assert flags in makefile


def test_it_runs_as_nobody_in_particular_and_serves_what_it_exposes() -> None:
    words = [word for word, _ in instructions()]
    assert words.index("USER") < words.index("ENTRYPOINT")
    (user,) = all_of("USER")
    assert user not in ("root", "0")
    assert f"useradd --system --uid 10001 --gid {user}" in " ".join(all_of("RUN"))
    settings = load(environ=environment())
    assert all_of("EXPOSE") == [str(settings.server.port)]
    assert all_of("VOLUME") == [str(settings.server.data)]
    assert settings.server.host == "0.0.0.0"  # reached from outside of the container
    (check,) = all_of("HEALTHCHECK")
    assert f"http://127.0.0.1:{settings.server.port}/healthz" in check
    program, run, code = json.loads(check.partition("CMD ")[2])
    assert (program, run) == ("python", "-c")
    compile(code, "HEALTHCHECK", "exec")


def test_its_words_are_words_of_the_command() -> None:
    assert [json.loads(rest) for rest in all_of("ENTRYPOINT")] == [["trichat"]]
    (words,) = (json.loads(rest) for rest in all_of("CMD"))
    command = [sys.executable, "-m", "trichat", *words, "--help"]
    subprocess.run(command, check=True, capture_output=True)


def test_the_package_that_it_installs_is_whole(tmp_path: Path) -> None:
    """Every file of the source: migrations and pages, too."""
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    files = [path for path in source.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert {str(path.relative_to(source)) for path in files} <= packed


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((CONFIG / "compose.yaml").read_text())


def test_compose_names_what_is_there(compose: Any) -> None:
    services = compose["services"]
    build = services["trichat"]["build"]
    context = (CONFIG / build["context"]).resolve()
    assert context == ROOT
    assert (context / build["dockerfile"]).is_file()
    for each in services.values():
        for volume in each["volumes"]:
            source = volume.partition(":")[0]
            assert source in compose["volumes"] or (CONFIG / source).is_file()
        assert set(each["networks"]) <= set(compose["networks"])


def test_compose_trusts_the_proxy_alone(compose: Any) -> None:
    trichat, caddy = (compose["services"][name] for name in ("trichat", "caddy"))
    settings = load(environ={**environment(), **trichat["environment"]})
    address = caddy["networks"]["inside"]["ipv4_address"]
    assert settings.server.trusted_proxies == (address,)
    (pool,) = compose["networks"]["inside"]["ipam"]["config"]
    assert ip_address(address) in ip_network(pool["subnet"])
    assert ip_address(address) not in ip_network(pool["ip_range"])
    assert "ports" not in trichat  # nobody comes past the proxy
    assert caddy["environment"]["TRICHAT_UPSTREAM"] == f"trichat:{settings.server.port}"
    asked_for = set(re.findall(r"\{\$(\w+)", (CONFIG / "Caddyfile").read_text()))
    assert set(caddy["environment"]) == asked_for


def test_compose_waits_and_opens_as_much_as_the_defaults_take(compose: Any) -> None:
    trichat, server = compose["services"]["trichat"], Server()
    longest = server.drain_notice + server.graceful_timeout + BEYOND
    grace = parse_duration(trichat["stop_grace_period"])
    assert grace is not None
    assert grace > longest
    assert trichat["ulimits"]["nofile"]["hard"] > Limits().connections
    assert trichat["read_only"]
    assert trichat["cap_drop"] == ["ALL"]
