"""What the controls of user namespaces wish, and the order that keeps every moment closed."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.userns.control import (
    archive_wish,
    docker_objects_control,
    images_in_archive,
    refuse_another_range,
    subids_control,
    userns_control,
)
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import RefusedError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.ledger import Ledger, fold
from ansible_collections.ably.sandbox.plugins.module_utils._engine.records import Record, Remembered, Wrote
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Owner, Resource
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.plugins.module_utils._formats.resource_facts import DockerImageFacts
from ansible_collections.ably.sandbox.tests.states import present

FIRST = 1879048192
IMAGE = f"sha256:{'4c' * 32}"
NETWORK = Resource("docker_network", "ably-sandbox")


def ledger_with(resource: Resource, state: State, control: str) -> Ledger:
    records: list[Record] = [Remembered(Owner(2, control), resource, ABSENT), Wrote(resource, state.abridged(), ())]
    return fold(records)


def test_the_range_is_in_both_tables_and_the_folder_goes_last() -> None:
    control = subids_control(60598, FIRST, "/var/lib/docker", archive_wish(IMAGE, ["ably-sandbox/session:1"]))
    first = [str(wish.resource) for wish in control.wishes if wish.state is None]
    assert first[-1] == f"docker_root /var/lib/docker/{FIRST}.{FIRST}"
    assert "shared_time /etc/docker/daemon.json" in first
    lines = {wish.resource.name: wish.state.fact("line") for wish in control.wishes if wish.state}
    for table in ("/etc/subuid", "/etc/subgid"):
        assert lines[f"{table}#ably-sandbox-remap"] == f"ably-sandbox-remap:{FIRST}:65536"


def test_another_range_is_refused_while_one_is_in_use() -> None:
    folder = Resource("docker_root", f"/srv/docker/{FIRST}.{FIRST}")
    ledger = fold([Remembered(Owner(2, "subids"), folder, ABSENT, footprint=True)])
    refuse_another_range(FIRST, ledger)
    refuse_another_range(FIRST + 65536, fold([]))
    with pytest.raises(RefusedError, match="roll back to level 1 first"):
        refuse_another_range(FIRST + 65536, ledger)


def test_the_key_comes_last_so_that_on_the_way_back_a_refusal_has_changed_nothing() -> None:
    control = userns_control(FIRST, others_may_run=False)
    assert [wish.resource.kind for wish in control.wishes] == ["file", "docker_remap"]
    assert [str(activation) for activation in control.wishes[-1].activates] == [
        "restart ably-sandbox.slice",
        "restart docker.service",
    ]
    assert control.is_risky


def test_what_is_carried_is_known_by_the_ledger_once_docker_has_turned_away() -> None:
    archive = archive_wish(IMAGE, ["ably-sandbox/session:1"])
    assert archive.state
    ledger = ledger_with(archive.resource, archive.state, "subids")
    unseen = archive_wish(IMAGE, [])
    image = images_in_archive(unseen, ledger)["ably-sandbox/session:1"]
    assert (image.id, image.archive) == (IMAGE, archive.resource.name)
    assert images_in_archive(unseen, fold([])) == {}
    # A memory without the names, as a run that was taken back leaves it.
    bare = present(image=IMAGE)
    assert list(images_in_archive(archive, ledger_with(archive.resource, bare, "subids"))) == ["ably-sandbox/session:1"]


def test_the_images_are_carried_and_nothing_else() -> None:
    control = docker_objects_control({"x:1": DockerImageFacts(IMAGE)})
    assert [str(wish.resource) for wish in control.wishes] == ["remapped_image x:1"]
