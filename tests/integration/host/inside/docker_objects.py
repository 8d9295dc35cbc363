"""Networks and images of a real Docker Engine, and what Docker leaves behind when it goes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ansible_collections.ably.sandbox.plugins.module_utils._controls.docker.control import HEALTH
from ansible_collections.ably.sandbox.plugins.module_utils._controls.wishes import footprint, package, unit
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control, Resource, Wish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.plugins.module_utils._system.local_host import LocalHost
from ansible_collections.ably.sandbox.tests.integration.host.inside.archives import make_archive
from ansible_collections.ably.sandbox.tests.integration.host.inside.damage import (
    die_before_the_end,
    docker_stopped,
    find_in_docker,
    lose_what_was_not_written_yet,
)
from ansible_collections.ably.sandbox.tests.integration.host.inside.docker_newer import replace_and_go_back
from ansible_collections.ably.sandbox.tests.integration.host.inside.docker_pulls import pull_and_go_back
from ansible_collections.ably.sandbox.tests.integration.host.inside.steps import (
    apply,
    apply_twice,
    control,
    observe,
    refused,
    roll_back,
    say,
)
from ansible_collections.ably.sandbox.tests.states import present

PACKAGES = control("packages", footprint("package_set", "host"), *map(package, ("docker.io", "docker-cli", "nftables")))
DOCKER = control(
    "docker", footprint("docker_trace", "host"), *map(unit, ("containerd.service", "docker.socket", "docker.service"))
)
IMAGE = "ably-sandbox/test:1"
ARCHIVE = Path("/root/image.tar")
OTHERS_ARCHIVE = Path("/root/others.tar")
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


def loaded(identity: str) -> Control:
    state = State({"id": identity, "_archive": str(ARCHIVE)})
    return control("image", Wish(Resource("docker_image", IMAGE), state))


def absent_where_docker_never_ran() -> None:
    assert observe("docker_network", "bridge") == ABSENT
    assert observe("docker_image", IMAGE) == ABSENT


def start_docker() -> None:
    apply_twice(PACKAGES)
    absent_where_docker_never_ran()
    apply_twice(DOCKER)
    assert say("docker", "version", "--format", "{{.Server.Version}}").strip()


def load_an_image(identity: str) -> None:
    apply_twice(loaded(identity))
    assert say("docker", "images", "--no-trunc", "--quiet", IMAGE).strip() == identity
    say("docker", "rmi", IMAGE)
    assert apply(loaded(identity)) == [f"docker_image {IMAGE}"]


def refuse_an_image_that_is_not_there() -> None:
    unknown = Wish(Resource("docker_image", "ably-sandbox/test:2"), present(id=f"sha256:{'0' * 64}"))
    with refused("is not on the host"):
        apply(control("other", unknown))
    missing = Wish(Resource("docker_image", "ably-sandbox/test:2"), present(id=f"sha256:{'0' * 64}", _archive="/no"))
    with refused("the archive /no is not there"):
        apply(control("other", missing))


def forget_the_image(identity: str) -> None:
    """What a power cut in the middle of loading leaves: the layer alone."""
    find_in_docker(f"image/*/imagedb/content/sha256/{identity[len('sha256:') :]}").unlink()
    find_in_docker("image/*/repositories.json").write_text('{"Repositories": {}}', encoding="utf-8")


def load_what_a_power_cut_broke(identity: str) -> None:
    wanted = loaded(identity)
    lose_what_was_not_written_yet()
    assert apply(wanted) == [f"docker_image {IMAGE}"]
    assert find_in_docker("*/*/diff/hello").read_bytes() == b"hello\n"
    lose_what_was_not_written_yet()
    with docker_stopped():
        forget_the_image(identity)
    assert apply(wanted) == [f"docker_image {IMAGE}"]
    assert find_in_docker("*/*/diff/hello").read_bytes() == b"hello\n"
    assert apply(wanted) == []


def take_a_full_disk_for_no_damage(identity: str) -> None:
    die_before_the_end()
    say("mount", "-t", "tmpfs", "-o", "size=4k", "none", "/var/lib/docker/tmp")
    with refused("no space left on device"):
        apply(loaded(identity))
    say("umount", "/var/lib/docker/tmp")
    assert observe("docker_image", IMAGE).fact("id") == identity
    assert apply(loaded(identity)) == []


def leave_what_others_call_by_a_name_of_their_own(identity: str) -> None:
    wanted = loaded(identity)
    say("docker", "tag", IMAGE, "others:1")
    lose_what_was_not_written_yet()
    with refused("others call others:1", "file integrity checksum failed"):
        apply(wanted)
    assert observe("docker_image", "others:1").fact("id") == identity
    say("docker", "rmi", "others:1")
    assert apply(wanted) == [f"docker_image {IMAGE}"]


def leave_a_broken_one_that_others_brought(identity: str) -> None:
    """Under our name, and not as we wrote it: whoever tagged it so gets to know."""
    say("docker", "rmi", IMAGE)
    changed = make_archive(OTHERS_ARCHIVE, IMAGE, "/others")
    say("docker", "load", "--input", str(OTHERS_ARCHIVE))
    assert observe("docker_image", IMAGE).fact("id") == changed
    lose_what_was_not_written_yet()
    with refused("it did not come from here"):
        apply(loaded(identity))
    assert observe("docker_image", IMAGE).fact("id") == changed
    say("docker", "rmi", IMAGE)
    assert apply(loaded(identity)) == [f"docker_image {IMAGE}"]


def go_back_over_a_broken_image(identity: str) -> None:
    lose_what_was_not_written_yet()
    (outcome,) = roll_back("image")
    assert outcome.kept == ()
    assert say("docker", "images", "--quiet").strip() == ""
    assert apply(loaded(identity)) == [f"docker_image {IMAGE}"]


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
    assert "because it is in use" in outcome.kept[0]
    say("docker", "rm", "others")
    say("docker", "rmi", IMAGE)
    apply(loaded(identity))


def ask_the_docker_of_this_host() -> None:
    """Whatever root's own configuration and the connection's environment say of others."""
    theirs = {"DOCKER_HOST": "tcp://127.0.0.1:1", "DOCKER_CONTEXT": "elsewhere", "DOCKER_TLS_VERIFY": "1"}
    config = Path("/root/.docker/config.json")
    config.parent.mkdir()
    config.write_text('{"currentContext": "elsewhere"}', encoding="utf-8")
    os.environ.update(theirs)
    try:
        for command in (HEALTH, ("sh", "-c", "docker info --format '{{.DockerRootDir}}' | grep -q docker")):
            LocalHost(health_patience=0).check_health(command)
    finally:
        for name in theirs:
            del os.environ[name]
        config.unlink()
        config.parent.rmdir()


def go_without_a_trace() -> None:
    say("iptables", "-A", "INPUT", "-s", "192.0.2.77", "-j", "DROP")
    kept = [text for outcome in roll_back("docker") for text in outcome.kept]
    assert len(kept) == 1, kept
    assert "192.0.2.77" in kept[0]
    say("iptables", "-D", "INPUT", "-s", "192.0.2.77", "-j", "DROP")
    say("nft", "flush", "ruleset")
    apply(DOCKER)
    assert [text for outcome in roll_back("docker") for text in outcome.kept] == []
    assert say("nft", "list", "tables") == ""


if __name__ == "__main__":
    absent_where_docker_never_ran()
    wanted = make_archive(ARCHIVE, IMAGE, "/hello")
    start_docker()
    ask_the_docker_of_this_host()
    load_an_image(wanted)
    load_what_a_power_cut_broke(wanted)
    take_a_full_disk_for_no_damage(wanted)
    leave_what_others_call_by_a_name_of_their_own(wanted)
    leave_a_broken_one_that_others_brought(wanted)
    go_back_over_a_broken_image(wanted)
    refuse_an_image_that_is_not_there()
    roll_back("image")
    pull_and_go_back()
    replace_and_go_back()
    apply(loaded(wanted))
    make_a_network()
    leave_what_a_container_uses(wanted)
    roll_back("egress")
    roll_back("image")
    assert say("docker", "images", "--quiet").strip() == ""
    assert "ably-test" not in say("docker", "network", "ls")
    go_without_a_trace()
    roll_back()
