"""The tree names no registry's host and no path of the machine at hand: packages are named, never where they come from.

Which names these are is read from the machine's own configuration, so that this file names none either.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from ansible_collections.ably.sandbox.tests.unit.checkout import REPO, list_files

URL_HOST = re.compile(r"^[^#\n]*?https?://([A-Za-z0-9.-]+)", re.MULTILINE)
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
# Folders that every Debian has: a checkout right below one of them says nothing about the machine.
COMMON_FOLDERS = {"/", "/home", "/mnt", "/opt", "/root", "/srv", "/tmp", "/usr/src", "/var/tmp"}


def read_apt_and_npm_hosts() -> set[str]:
    places = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*"), Path.home() / ".npmrc"]
    return {host for place in places if place.is_file() for host in URL_HOST.findall(place.read_text(encoding="utf-8"))}


def ask_npm_host() -> set[str]:
    try:
        out = subprocess.run(
            ("npm", "config", "get", "registry"), capture_output=True, text=True, timeout=20, check=False
        ).stdout
    except FileNotFoundError:
        return set()
    return set(URL_HOST.findall(out))


def read_pip_hosts() -> set[str]:
    from pip._internal.models.index import PyPI

    return {PyPI.netloc, PyPI.file_storage_domain}


def find_registry_hosts() -> set[str]:
    return {host for host in read_apt_and_npm_hosts() | ask_npm_host() | read_pip_hosts() if HOST.fullmatch(host)}


def find_machine_paths(repo: Path) -> set[str]:
    """The checkout's own path, and its parent's where that is not one that every machine has."""
    return {f"{path}/" for path in (str(repo), str(repo.parent)) if path not in COMMON_FOLDERS}


def find_mentions(text: str, words: set[str]) -> list[str]:
    return [word for word in sorted(words) if re.search(rf"(?<![\w.-]){re.escape(word)}", text)]


def test_the_tree_names_no_registry_and_no_path_of_this_machine() -> None:
    words = find_registry_hosts() | find_machine_paths(REPO)
    texts = {path: (REPO / path).read_text(encoding="utf-8", errors="replace") for path in list_files()}
    found = [f"{path}: {word}" for path, text in texts.items() for word in find_mentions(text, words)]
    assert not found, "\n".join(found)


def test_a_mention_is_found() -> None:
    host = min(read_pip_hosts())
    assert find_mentions(f"see https://{host}/simple", {host, "other.example"}) == [host]
