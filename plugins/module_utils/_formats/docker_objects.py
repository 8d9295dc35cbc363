"""Docker's version, and its networks and images as facts. Source: Docker Engine API 1.41 to 1.50."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .._engine.errors import SandboxError
from .resource_facts import DockerImageFacts, DockerNetworkFacts

_DOCKER_VERSION = re.compile(r"version (\d+)\.(\d+)")


def parse_network(inspected: Mapping[str, Any]) -> DockerNetworkFacts:
    """From `GET /networks/<name>`."""
    pools = (inspected.get("IPAM") or {}).get("Config") or [{}]
    return DockerNetworkFacts(
        driver=inspected["Driver"],
        internal=inspected["Internal"],
        subnet=pools[0].get("Subnet", ""),
        gateway=pools[0].get("Gateway", ""),
        options=dict(inspected.get("Options") or {}),
        labels=dict(inspected.get("Labels") or {}),
        ipv6=bool(inspected.get("EnableIPv6")),
    )


def network_subnets(inspected: Mapping[str, Any]) -> tuple[str, ...]:
    """Of all its pools, as Docker writes them: host bits may be in them."""
    pools = (inspected.get("IPAM") or {}).get("Config") or ()
    return tuple(pool["Subnet"] for pool in pools if pool.get("Subnet"))


def render_network(name: str, facts: DockerNetworkFacts) -> dict[str, Any]:
    """The body of `POST /networks/create`."""
    pool = {key: value for key, value in (("Subnet", facts.subnet), ("Gateway", facts.gateway)) if value}
    return {
        "Name": name,
        "CheckDuplicate": True,
        "Driver": facts.driver or "bridge",
        "Internal": bool(facts.internal),
        "EnableIPv6": bool(facts.ipv6),
        "IPAM": {"Driver": "default", "Config": [pool] if pool else []},
        "Options": dict(facts.options or {}),
        "Labels": dict(facts.labels or {}),
    }


def attached_containers(inspected: Mapping[str, Any]) -> dict[str, str]:
    """The running containers on a network: id to name."""
    endpoints = inspected.get("Containers") or {}
    return {identity: str(endpoint.get("Name", identity)) for identity, endpoint in endpoints.items()}


def list_attached(inspected: Mapping[str, Any], listed: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The same as entries of `GET /containers/json`, of which `listed` are all; by its name what is no container."""
    by_id = {entry["Id"]: entry for entry in listed}
    return [by_id.get(one, {"Id": one, "Names": [name]}) for one, name in attached_containers(inspected).items()]


def container_name(listed: Mapping[str, Any]) -> str:
    """From an entry of `GET /containers/json`; its id where it has lost its name."""
    return str((listed.get("Names") or [listed["Id"]])[0]).lstrip("/")


def parse_image(inspected: Mapping[str, Any]) -> DockerImageFacts:
    """From `GET /images/<reference>/json`."""
    return DockerImageFacts(inspected["Id"], tuple(inspected.get("RepoDigests") or ()))


def split_reference(reference: str) -> tuple[str, str]:
    """`ably-sandbox/session:1.2` to repository and tag. The tag has to be there: `latest` is nobody's version."""
    repository, _unused, tag = reference.rpartition(":")
    if not repository or not tag or "/" in tag or "@" in reference:
        raise SandboxError(
            f"docker image {reference!r}: expected a repository and a tag", "for instance 'ably-sandbox/session:1'"
        )
    return repository, tag


def parse_docker_version(text: str) -> tuple[int, int]:
    """From `dockerd --version`."""
    found = _DOCKER_VERSION.search(text)
    if found is None:
        raise SandboxError(f"dockerd --version: expected a version, found {text.strip()!r}")
    return int(found[1]), int(found[2])
