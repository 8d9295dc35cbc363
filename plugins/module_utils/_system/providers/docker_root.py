"""The data folder that Docker makes for itself when ids are remapped. It goes once only things of ours are in it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from ..._controls.container.create import container_name_of
from ..._controls.container.whose import session_of
from ..._controls.egress.policy import DOCKER_NETWORK
from ..._engine.errors import Kept
from ..._engine.states import ABSENT, State
from ..._engine.steps import Change
from ..._formats.resource_facts import FileFacts
from ..docker_remap import find_data_root
from ..docker_start import NO_VOLUMES
from ..outside import explained
from .provider import PlainProvider

# There while dockerd runs. Its socket is there always, and whoever asks at it starts it.
_PID_FILE = "/run/docker.pid"
_OURS = "ably-sandbox"
_DOCKERS_NETWORKS = ("bridge", "host", "none")
# Sessions' endpoints are in the same book, by their containers' names.
_NETWORK_NAME = re.compile(rb'"name":"([^"]+)"')
_SESSION = re.compile(rf"{re.escape(container_name_of(''))}[0-9a-f]{{12}}")
# The label of the network that release 0.1.0 made.
_OUR_NETWORK = b'"io.ably.sandbox":"network"'
_ID = r"[0-9a-f]{64}"


class DockerRootProvider(PlainProvider):
    """name: the folder. There or not; only ever a footprint."""

    def observe(self, name: str) -> State:
        return FileFacts(type="folder").state if os.path.isdir(self._outside.path(name)) else ABSENT

    def swap_one(self, change: Change) -> None:
        folder = change.resource.name
        if not change.after.is_absent or self.observe(folder).is_absent:
            return
        if os.path.exists(self._outside.path(_PID_FILE)) and self._is_used(folder):
            raise Kept(f"{folder}: stays, because Docker works on it")
        others = sorted(find_others_things(Path(self._outside.path(folder))))
        if others:
            raise Kept(f"{folder}: stays, because others' things are in it: {', '.join(others)}")
        self._outside.run(("rm", "--recursive", "--force", "--one-file-system", "--", self._outside.path(folder)))

    def _is_used(self, folder: str) -> bool:
        """Docker names its folder without symbolic links."""
        return os.path.realpath(find_data_root(self._outside)) == os.path.realpath(folder)


def find_others_things(folder: Path) -> Iterator[str]:
    """Containers, volumes, images, plugins and networks that are not ours. What cannot be read counts as somebody's."""
    yield from (f"container {name}" for name in _others_containers(folder))
    yield from (f"volume {name}" for name in _names_in(folder / "volumes") if name not in NO_VOLUMES)
    yield from (f"plugin {name[:12]}" for name in _names_in(folder / "plugins") if re.fullmatch(_ID, name))
    yield from (f"swarm state {name}" for name in _names_in(folder / "swarm"))
    for store in folder.glob("image/*"):
        yield from (f"image {name}" for name in _others_images(store))
    # A database of Docker's; in its pages the networks stand as JSON, also some that are gone already.
    books = folder / "network" / "files" / "local-kv.db"
    content = books.read_bytes() if books.exists() else b""
    ours = (*_DOCKERS_NETWORKS, *((DOCKER_NETWORK,) if _OUR_NETWORK in content else ()))
    for name in sorted({found.decode("utf-8", "replace") for found in _NETWORK_NAME.findall(content)}):
        if name not in ours and not _SESSION.fullmatch(name):
            yield f"network {name}"


def _names_in(folder: Path) -> list[str]:
    with explained("list", str(folder)):
        return os.listdir(folder) if folder.is_dir() else []


def _others_containers(folder: Path) -> Iterator[str]:
    """By their names where these can be read."""
    for identity in _names_in(folder / "containers"):
        try:
            config = json.loads((folder / "containers" / identity / "config.v2.json").read_text(encoding="utf-8"))
            name = str(config["Name"]).lstrip("/")
            if not session_of(name, config["Config"]["Labels"]):
                yield name
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            yield identity[:12]


def _others_images(store: Path) -> Iterator[str]:
    """Names that are not ours, and images that have no name of ours."""
    try:
        named = json.loads((store / "repositories.json").read_text(encoding="utf-8"))["Repositories"]
        ours = {identity for name, tags in named.items() if name.startswith(f"{_OURS}/") for identity in tags.values()}
        yield from (name for name in named if not name.startswith(f"{_OURS}/"))
    except FileNotFoundError:
        ours = set()
    except (ValueError, KeyError, TypeError, AttributeError):
        yield "that cannot be read"
        return
    content = store / "imagedb" / "content" / "sha256"
    yield from (identity[:12] for identity in _names_in(content) if f"sha256:{identity}" not in ours)
