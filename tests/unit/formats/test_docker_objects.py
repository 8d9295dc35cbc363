"""Docker's networks and images as facts, from recorded answers."""

from __future__ import annotations

import json

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._formats.docker_objects import (
    attached_containers,
    list_attached,
    parse_image,
    parse_network,
    render_network,
    split_reference,
)
from ansible_collections.ably.sandbox.plugins.module_utils._formats.resource_facts import (
    DockerImageFacts,
    DockerNetworkFacts,
)
from ansible_collections.ably.sandbox.tests.unit.case_files import read_case

NETWORK = DockerNetworkFacts(
    driver="bridge",
    internal=True,
    subnet="10.214.0.0/24",
    gateway="10.214.0.1",
    options={"com.docker.network.bridge.enable_icc": "false", "com.docker.network.bridge.name": "ably-sandbox0"},
    labels={},
    ipv6=False,
)


def test_a_network_is_read() -> None:
    assert parse_network(json.loads(read_case("docker/network-26.1.json"))) == NETWORK


def test_a_network_goes_to_docker_and_back() -> None:
    assert parse_network(render_network("n", NETWORK)) == NETWORK


def test_a_network_without_addresses_is_read() -> None:
    none = {"Driver": "null", "Internal": False, "IPAM": {"Config": None}, "Options": None, "Labels": None}
    assert parse_network(none) == DockerNetworkFacts(
        driver="null", internal=False, subnet="", gateway="", options={}, labels={}, ipv6=False
    )


def test_containers_on_a_network_are_told_apart() -> None:
    inspected = {"Containers": {"1": {"Name": "ably-sandbox-x7"}, "2": {"Name": "web"}}}
    assert attached_containers(inspected) == {"1": "ably-sandbox-x7", "2": "web"}
    entry = {"Id": "2", "Names": ["/web"], "Labels": {}}
    assert list_attached(inspected, [entry, {"Id": "3"}]) == [{"Id": "1", "Names": ["ably-sandbox-x7"]}, entry]
    assert attached_containers({"Containers": None}) == {}


def test_an_image_is_read() -> None:
    inspected = json.loads(read_case("docker/image-26.1.json"))
    assert parse_image(inspected) == DockerImageFacts(inspected["Id"])
    pulled = parse_image({**inspected, "RepoDigests": ["registry/x@sha256:1"]})
    assert pulled == DockerImageFacts(inspected["Id"], ("registry/x@sha256:1",))


@pytest.mark.parametrize(
    ("reference", "parts"),
    [("ably-sandbox/session:1.2", ("ably-sandbox/session", "1.2")), ("host:5000/a:b", ("host:5000/a", "b"))],
)
def test_a_reference_is_split(reference: str, parts: tuple[str, str]) -> None:
    assert split_reference(reference) == parts


@pytest.mark.parametrize("reference", ["session", "host:5000/a", "a@sha256:1", "a:", ":b"])
def test_a_reference_without_a_tag_is_refused(reference: str) -> None:
    with pytest.raises(SandboxError, match="expected a repository and a tag"):
        split_reference(reference)
