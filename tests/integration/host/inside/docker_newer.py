"""An image gets the name of another one: the former one goes, but not before the last that uses it has left."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.ably.sandbox.plugins.module_utils._agent import tidy
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control, Resource, Wish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import State
from ansible_collections.ably.sandbox.plugins.module_utils._formats.resource_facts import DockerArchiveFacts
from ansible_collections.ably.sandbox.tests.integration.host.inside.archives import make_archive
from ansible_collections.ably.sandbox.tests.integration.host.inside.steps import (
    apply,
    control,
    refused,
    roll_back,
    say,
)

_IMAGE = "ably-sandbox/newer:1"
_ARCHIVE = Path("/root/newer.tar")


def _loaded(command: str) -> tuple[str, Control]:
    """Another image of the same name for each command."""
    identity = make_archive(_ARCHIVE, _IMAGE, command)
    state = State({"id": identity, "_archive": str(_ARCHIVE)})
    return identity, control("image", Wish(Resource("docker_image", _IMAGE), state))


def _there() -> set[str]:
    return set(say("docker", "images", "--all", "--no-trunc", "--quiet").split())


def replace_and_go_back() -> None:
    before = _there()
    former = _bring("/first")
    newer = _bring("/second")
    assert _there() - before == {newer}
    say("docker", "create", "--name", "session", _IMAGE)
    former, newer = newer, _bring("/third")
    tidy.main([])
    assert _there() - before == {former, newer}
    say("docker", "rm", "session")
    tidy.main([])
    assert _there() - before == {newer}
    say("docker", "tag", _IMAGE, "others:1")
    former, newer = newer, _bring("/fourth")
    assert _there() - before == {former, newer}
    say("docker", "rmi", "others:1")
    say("docker", "create", "--name", "session", _IMAGE)
    _bring("/fifth")
    say("docker", "rm", "session")
    roll_back("image")
    assert _there() == before
    refuse_what_has_no_room()
    take_the_kept_one_along()
    assert _there() == before


def take_the_kept_one_along() -> None:
    """The archive that level 2 keeps goes only once Docker has its image."""
    identity, wanted = _loaded("/kept")
    apply(wanted)
    path = Path(f"/var/lib/ably-sandbox/{identity.rpartition(':')[2]}.tar")
    facts = DockerArchiveFacts(identity, names=[_IMAGE])
    apply(control("subids", Wish(Resource("docker_archive", str(path)), facts.state)))
    say("docker", "rmi", _IMAGE)
    say("mount", "-t", "tmpfs", "-o", "size=4k", "none", "/var/lib/docker/tmp")
    with refused("no space left on device"):
        roll_back("subids")
    say("umount", "/var/lib/docker/tmp")
    assert path.exists()
    roll_back("subids")
    assert (identity in _there(), path.exists()) == (True, False)
    roll_back("image")
    _ARCHIVE.unlink()


def refuse_what_has_no_room() -> None:
    """An archive of four terabytes, of which the disk has nothing."""
    _unused, wanted = _loaded("/sixth")
    os.truncate(_ARCHIVE, 1 << 42)
    with refused("MiB are free in /var/lib/docker", "needed to load it"):
        apply(wanted)
    _ARCHIVE.unlink()


def _bring(command: str) -> str:
    identity, wanted = _loaded(command)
    assert apply(wanted) == [f"docker_image {_IMAGE}"]
    return identity
