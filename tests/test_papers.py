"""What the papers name is there: settings, commands, files and the headings in them."""

import re
from pathlib import Path

import attrs
import click
import pytest

from trichat.cli import main
from trichat.settings import Settings

ROOT = Path(__file__).parents[1]
PAPERS = [
    ROOT / "README.md",
    ROOT / "SECURITY.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "examples" / "README.md",
    ROOT / "tests" / "README.md",
]
SECTIONS = {section.name: section for section in attrs.fields(Settings)}
SETTING = re.compile(rf"`(?:TRICHAT_)?({'|'.join(SECTIONS)})\.([a-z_0-9]+)(?: = [^`]+)?`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:\.venv/bin/|`)trichat((?: [a-z-]+)+)")
NAME = re.compile(r"`([A-Za-z_][\w.]*)(?:\([^`]*\))?`")
DOCS = ROOT / "docs"
ABOUT_CODE = [DOCS / "tour.md", DOCS / "architecture.md", *sorted(DOCS.glob("adr/*.md"))]
every_paper = pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.name)


def anchors(paper: Path) -> set[str]:
    """As GitHub names the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", paper.read_text(), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@every_paper
def test_every_setting_that_is_named_is_one(paper: Path) -> None:
    settings = Settings()
    for section, name in SETTING.findall(paper.read_text()):
        is_file = name in ("py", "js")
        assert is_file or hasattr(getattr(settings, section), name), f"{section}.{name}"


@every_paper
def test_every_link_leads_to_a_place_of_the_repository(paper: Path) -> None:
    for link in LINK.findall(paper.read_text()):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        there = paper.parent / name if name else paper
        assert there.exists(), link
        assert not anchor or anchor in anchors(there), link


@every_paper
def test_every_file_of_code_that_is_named_is_there(paper: Path) -> None:
    for name in re.findall(r"`((?:[\w-]+/)*\w+\.(?:py|js))`", paper.read_text()):
        places = (ROOT / name, ROOT / "src" / name, ROOT / "src" / "trichat" / name)
        inside = [*(ROOT / "src").rglob(name), *(ROOT / "bench").rglob(name)]
        inside = [path for path in inside if ".cache" not in path.parts]  # of earlier commits
        assert any(place.exists() for place in (*places, paper.parent / name)) or inside, name


@pytest.mark.parametrize("paper", ABOUT_CODE, ids=lambda path: path.name)
def test_every_name_of_code_is_in_the_code(paper: Path) -> None:
    """Of a method the last part is looked for: `Feed.publish` may come from another class."""
    code = "\n".join(path.read_text() for path in (ROOT / "src" / "trichat").rglob("*.py"))
    names = {name.rpartition(".")[2] for name in NAME.findall(paper.read_text())}
    words = set(re.findall(r"\w+", code))
    assert names - words - {"py", "md", "toml"} == set()


@every_paper
def test_every_command_that_is_named_is_one(paper: Path) -> None:
    for words in COMMAND.findall(paper.read_text()):
        command: click.Command = main
        for word in words.split():
            if not isinstance(command, click.Group):
                break
            found = command.get_command(click.Context(command), word)
            assert found is not None, f"trichat{words}"
            command = found


def test_the_readme_names_what_somebody_asks_first() -> None:
    readme = (ROOT / "README.md").read_text()
    for repository in (
        "aibert-enni/fastapi-chat",
        "AibaAmine/realtime-chat",
        "hasansino/go42",
        "Rayyan-Shk/chatapp-pythia",
        "AkibHossainOmi/TutorMove",
    ):
        assert repository in readme
    _, _, strangers = readme.partition("## Before strangers can reach it")
    assert len(re.findall(r"^\d\. ", strangers.partition("## ")[0], re.MULTILINE)) == 5
    for page in ("docs/scope.md", "docs/upgrading.md", "SECURITY.md"):
        assert f"({page})" in readme
