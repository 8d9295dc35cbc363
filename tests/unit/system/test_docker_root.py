"""The data folder of remapped ids goes only when nothing of others is in it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import Kept
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Resource
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT
from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers import docker_root
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.docker_root import (
    DockerRootProvider,
    find_others_things,
)
from ansible_collections.ably.sandbox.tests.unit.system.conftest import CountingOutside

NAME = "/var/lib/docker/7.7"
IMAGE = "4c" * 32
SESSION: dict[str, Any] = {
    "Name": "/ably-sandbox-0123456789ab",
    "Config": {"Labels": {"io.ably.sandbox.session": "0123456789ab", "io.ably.sandbox.uid": "60600"}},
}
COMPOSE = {"Name": "/ably-sandbox-web-1", "Config": {"Labels": {"com.docker.compose.project": "ably-sandbox"}}}
OURS = {"ably-sandbox/session": {"ably-sandbox/session:1": f"sha256:{IMAGE}"}}


@pytest.fixture
def folder(root: Path) -> Path:
    """As Docker 26 leaves it, with an image, a network and a session's endpoint of ours."""
    made = root / NAME.lstrip("/")
    folders = (
        "containers/5e55",
        "volumes",
        "network/files",
        "image/overlay2/imagedb/content/sha256",
        "plugins/storage",
    )
    for path in (*folders, "overlay2/abc/diff", "swarm"):
        (made / path).mkdir(parents=True)
    (made / "volumes/metadata.db").write_bytes(b"\0")
    (made / "containers/5e55/config.v2.json").write_text(json.dumps(SESSION))
    (made / "image/overlay2/repositories.json").write_text(json.dumps({"Repositories": OURS}))
    (made / "image/overlay2/imagedb/content/sha256" / IMAGE).write_text("{}")
    books = b'\0{"name":"bridge"}\1{"labels":{"io.ably.sandbox":"network"},"name":"ably-sandbox"}'
    books += b'\2{"name":"ably-sandbox-0123456789ab"}'
    (made / "network/files/local-kv.db").write_bytes(books)
    return made


def test_the_folder_that_docker_works_on_stays_by_whatever_name(
    outside: CountingOutside, folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "run/docker.pid").write_text("1")
    monkeypatch.setattr(docker_root, "find_data_root", lambda _unused: os.path.realpath(folder))
    (root / "var/lib/elsewhere").symlink_to(folder.parent)
    kind = DockerRootProvider(outside)
    monkeypatch.setattr(outside, "path", lambda path: path if path.startswith(str(root)) else str(root) + path)
    with pytest.raises(Kept, match="Docker works on it"):
        kind.swap([Change(Resource("docker_root", f"{root}/var/lib/elsewhere/7.7"), kind.observe(NAME), ABSENT)])
    assert folder.exists()


def remove(outside: CountingOutside) -> None:
    kind = DockerRootProvider(outside)
    kind.swap([Change(Resource("docker_root", NAME), kind.observe(NAME), ABSENT)])


def test_a_folder_with_things_of_ours_goes(outside: CountingOutside, folder: Path) -> None:
    remove(outside)
    assert not folder.exists()
    assert folder.parent.exists()


def add(folder: Path, what: str) -> None:
    if what == "container":
        (folder / "containers/0123456789abcdef").mkdir()
    elif what == "volume":
        (folder / "volumes/data").mkdir()
    elif what == "network":
        with (folder / "network/files/local-kv.db").open("ab") as file:
            file.write(b'{"name":"theirs"}')
    elif what == "swarm":
        (folder / "swarm/state.json").write_text("{}")
    elif what == "plugin":
        (folder / "plugins" / ("ab" * 32)).mkdir()
    elif what == "unnamed image":
        (folder / "image/overlay2/imagedb/content/sha256" / ("cd" * 32)).write_text("{}")
    else:
        images = {**OURS, "debian": {}} if what == "image" else []
        (folder / "image/overlay2/repositories.json").write_text(
            json.dumps({"Repositories": images}) if images else "x"
        )


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("container", "container 0123456789ab"),
        ("volume", "volume data"),
        ("network", "network theirs"),
        ("image", "image debian"),
        ("unnamed image", "image cdcdcdcdcdcd"),
        ("plugin", "plugin abababababab"),
        ("swarm", "swarm state state.json"),
        ("unreadable", "image that cannot be read"),
    ],
)
def test_others_things_stay_and_are_named(outside: CountingOutside, folder: Path, what: str, said: str) -> None:
    add(folder, what)
    assert list(find_others_things(folder)) == [said]
    with pytest.raises(Kept, match=said):
        remove(outside)
    assert folder.exists()


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("containers/5e55/config.v2.json", json.dumps(COMPOSE), "container ably-sandbox-web-1"),
        ("containers/5e55/config.v2.json", json.dumps({**SESSION, "Config": {"Labels": None}}), SESSION["Name"]),
        ("network/files/local-kv.db", '{"name":"ably-sandbox_default"}', "network ably-sandbox_default"),
        ("network/files/local-kv.db", '{"labels":{},"name":"ably-sandbox"}', "network ably-sandbox"),
    ],
)
def test_what_a_compose_project_of_our_name_has_is_others(folder: Path, path: str, content: str, said: str) -> None:
    (folder / path).write_text(content)
    assert list(find_others_things(folder)) == [said.replace("/", "container ")]
