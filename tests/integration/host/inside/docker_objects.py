"""Networks and images of a real Docker Engine, and what Docker leaves behind when it goes."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

from ansible_collections.ably.sandbox.plugins.module_utils._core.resources import Resource, Wish
from ansible_collections.ably.sandbox.plugins.module_utils._core.states import ABSENT, State, present
from ansible_collections.ably.sandbox.plugins.module_utils._domain.wishes import footprint, package, unit
from ansible_collections.ably.sandbox.tests.integration.host.inside.steps import (
    apply,
    apply_twice,
    control,
    observe,
    refused,
    roll_back,
    say,
)

PACKAGES = control("packages", footprint("package_set", "host"), *map(package, ("docker.io", "docker-cli", "nftables")))
DOCKER = control(
    "docker", footprint("docker_trace", "host"), *map(unit, ("containerd.service", "docker.socket", "docker.service"))
)
IMAGE = "ably-sandbox/test:1"
ARCHIVE = Path("/root/image.tar")
FACTS = {
    "driver": "bridge",
    "internal": True,
    "subnet": "10.213.0.0/24",
    "gateway": "10.213.0.1",
    "options": {"com.docker.network.bridge.name": "ably-test0", "com.docker.network.bridge.enable_icc": "false"},
    "labels": {"io.ably.test": "1"},
    "ipv6": False,
}


def network(**changes: Any) -> Wish:
    return Wish(Resource("docker_network", "ably-test"), State({**FACTS, **changes}))


def image(identity: str, **notes: str) -> Wish:
    return Wish(Resource("docker_image", IMAGE), State({"id": identity, **notes}))


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def make_archive() -> str:
    """An image with one file, as `docker save` would write it. Returns its id."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        add(archive, "hello", b"hello\n")
    digest = hashlib.sha256(layer.getvalue()).hexdigest()
    described: dict[str, Any] = {"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/hello"]}}
    config = json.dumps({**described, "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]}}).encode()
    identity = hashlib.sha256(config).hexdigest()
    manifest = [{"Config": f"{identity}.json", "RepoTags": [IMAGE], "Layers": ["layer.tar"]}]
    with tarfile.open(ARCHIVE, "w") as archive:
        add(archive, "layer.tar", layer.getvalue())
        add(archive, f"{identity}.json", config)
        add(archive, "manifest.json", json.dumps(manifest).encode())
    return f"sha256:{identity}"


def absent_where_docker_never_ran() -> None:
    assert observe("docker_network", "bridge") == ABSENT
    assert observe("docker_image", IMAGE) == ABSENT


def start_docker() -> None:
    apply_twice(PACKAGES)
    absent_where_docker_never_ran()
    apply_twice(DOCKER)
    assert say("docker", "version", "--format", "{{.Server.Version}}").strip()


def load_an_image(identity: str) -> None:
    apply_twice(control("image", image(identity, _archive=str(ARCHIVE))))
    assert say("docker", "images", "--no-trunc", "--quiet", IMAGE).strip() == identity
    say("docker", "rmi", IMAGE)
    assert apply(control("image", image(identity, _archive=str(ARCHIVE)))) == [f"docker_image {IMAGE}"]


def refuse_an_image_that_is_not_there() -> None:
    unknown = Wish(Resource("docker_image", "ably-sandbox/test:2"), present(id=f"sha256:{'0' * 64}"))
    with refused("is not on the host"):
        apply(control("other", unknown))
    missing = Wish(Resource("docker_image", "ably-sandbox/test:2"), present(id=f"sha256:{'0' * 64}", _archive="/no"))
    with refused("the archive /no is not there"):
        apply(control("other", missing))


def make_a_network() -> None:
    apply_twice(control("egress", network()))
    assert Path("/sys/class/net/ably-test0").exists()
    changed = network(subnet="10.214.0.0/24", gateway="10.214.0.1")
    assert apply(control("egress", changed)) == ["docker_network ably-test"]
    assert observe("docker_network", "ably-test").fact("subnet") == "10.214.0.0/24"
    say("docker", "network", "rm", "ably-test")
    assert apply(control("egress", changed)) == ["docker_network ably-test"]


def leave_what_a_container_uses(identity: str) -> None:
    say("docker", "create", "--name", "others", IMAGE)
    (outcome,) = roll_back("image")
    assert "a container uses it" in outcome.kept[0]
    say("docker", "rm", "others")
    say("docker", "rmi", IMAGE)
    apply(control("image", image(identity, _archive=str(ARCHIVE))))


def go_without_a_trace() -> None:
    say("iptables", "-A", "INPUT", "-s", "192.0.2.77", "-j", "DROP")
    kept = [text for outcome in roll_back("docker") for text in outcome.kept]
    assert len(kept) == 1
    assert "192.0.2.77" in kept[0]
    say("iptables", "-D", "INPUT", "-s", "192.0.2.77", "-j", "DROP")
    say("nft", "flush", "ruleset")
    apply(DOCKER)
    assert [text for outcome in roll_back("docker") for text in outcome.kept] == []
    assert say("nft", "list", "tables") == ""


if __name__ == "__main__":
    absent_where_docker_never_ran()
    wanted = make_archive()
    start_docker()
    load_an_image(wanted)
    refuse_an_image_that_is_not_there()
    make_a_network()
    leave_what_a_container_uses(wanted)
    roll_back("egress")
    roll_back("image")
    assert say("docker", "images", "--quiet").strip() == ""
    assert "ably-test" not in say("docker", "network", "ls")
    go_without_a_trace()
    roll_back()
