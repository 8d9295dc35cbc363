"""What the pages for operators say in figures and lines is what the code says."""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.ably.sandbox.plugins.plugin_utils.variables import load_options
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO

DOCS = REPO / "docs"
README = (REPO / "README.md").read_text(encoding="utf-8")
QUICK_START = (DOCS / "quick-start.md").read_text(encoding="utf-8")
WITH_LINES = ("README.md", "docs/quick-start.md")
PAGES = ["README.md", *(str(path.relative_to(REPO)) for path in [*DOCS.rglob("*.md"), *REPO.glob("roles/*/README.md")])]
ON_A_HOST = ("$ ably-sandbox ", "$ systemctl ", "$ journalctl ")
OPTIONS = load_options()
# MiB, as the page tells what each of them is.
AT_WORK, BESIDE, HOST = 66, 35, 1024
LIMIT = int(OPTIONS["sandbox_container_memory"]["default"].removesuffix("m"))
PART = int(OPTIONS["sandbox_container_total_memory"]["default"].removesuffix("%")) / 100


@pytest.mark.parametrize("sessions", [4, 16, 40])
def test_the_memory_for_so_many_sessions(sessions: int) -> None:
    found = re.search(
        rf"^\| {sessions} \| (\S+) GiB \| (\d+) GiB \| (\S+) GiB \| (\d+) GiB \|$", QUICK_START, re.MULTILINE
    )
    assert found is not None
    usual = HOST + sessions * (AT_WORK + BESIDE)
    at_the_limit = max(HOST + sessions * (LIMIT + BESIDE), sessions * LIMIT / PART)
    assert (found[1], found[3]) == (f"{usual / 1024:.1f}", f"{at_the_limit / 1024:.1f}")
    assert usual < int(found[2]) * 1024
    assert at_the_limit < int(found[4]) * 1024
    # All sessions together get what they use.
    assert sessions * AT_WORK < int(found[2]) * 1024 * PART


def test_the_parts_of_these_figures() -> None:
    assert f"1 GiB and {AT_WORK + BESIDE} MiB for each session" in QUICK_START
    assert f"1 GiB and {LIMIT + BESIDE} MiB for each, or so much that {PART:.0%} of it are {LIMIT} MiB" in QUICK_START


@pytest.mark.parametrize("page", WITH_LINES)
def test_the_archive_has_the_name_of_this_version(page: str) -> None:
    version = yaml.safe_load((REPO / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    named = set(re.findall(r"ably-sandbox-(\S+?)\.tar\.gz", (REPO / page).read_text(encoding="utf-8")))
    assert named == {version}


@pytest.mark.parametrize("page", WITH_LINES)
def test_the_version_of_node_is_the_default(page: str) -> None:
    named = re.findall(r"\bNode (\d+\.\d+\.\d+)", (REPO / page).read_text(encoding="utf-8"))
    assert named == [OPTIONS["sandbox_image_node"]["default"]]


@pytest.mark.parametrize("page", PAGES)
def test_only_the_controller_has_a_prompt(page: str) -> None:
    """A line of the host's is copied as it is, by root."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", (REPO / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for kind, block in blocks:
        for line in block.splitlines():
            assert line.startswith("$ ") == (kind == "console"), line
            assert kind != "console" or not line.startswith(ON_A_HOST), line


@pytest.mark.parametrize("page", WITH_LINES)
def test_every_line_of_a_console_is_a_command(page: str) -> None:
    blocks = re.findall(r"```console\n(.*?)```", (REPO / page).read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) > 10
    assert [line for line in lines if not line.startswith("$ ")] == []


@pytest.mark.parametrize(
    "page", ["docs/index.md", "docs/command-line.md", "docs/own-command-line.md", "docs/performance.md"]
)
def test_the_readme_leads_to(page: str) -> None:
    assert f"]({page})" in README


def test_the_index_has_every_page() -> None:
    linked = re.findall(r"\]\(([\w/-]+\.md)\)", (DOCS / "index.md").read_text(encoding="utf-8"))
    pages = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")} - {"index.md"}
    assert pages <= set(linked)
    assert len(linked) == len(set(linked))


def _anchors(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    for place, anchor in re.findall(r"\]\((?!https:)([^)#]*)#?([^)]*)\)", (REPO / page).read_text(encoding="utf-8")):
        target = (REPO / page).parent / place if place else REPO / page
        assert target.exists(), place
        assert not anchor or anchor in _anchors(target.read_text(encoding="utf-8")), anchor


@pytest.mark.parametrize("page", ["docs/own-command-line.md", "docs/variables.md", "roles/apparmor/README.md"])
def test_the_places_of_libraries_are_those_of_the_profile(page: str) -> None:
    profile = (REPO / "roles" / "apparmor" / "templates" / "profile.j2").read_text(encoding="utf-8")
    found = re.search(r"^  /\{(.*?)\}lib\{(.*?)\}/\*\*\.\{(.*?)\} mr,$", profile, re.MULTILINE)
    assert found is not None
    tops, folders, names = (part.split(",") for part in found.groups())
    said = (
        _enumerate([f"lib{folder}" for folder in folders])
        + " of "
        + _enumerate([f"/{top}".rstrip("/") or "/" for top in tops])
    )
    text = (REPO / page).read_text(encoding="utf-8")
    assert said in text
    assert all(f"`*.{name}`" in text for name in names)


def _enumerate(names: list[str]) -> str:
    *first, last = (f"`{name}`" for name in names)
    return f"{', '.join(first)} and {last}"
