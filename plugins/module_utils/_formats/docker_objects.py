"""Docker's version, and its networks and images as states. Source: Docker Engine API 1.41 to 1.50."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .._engine.errors import SandboxError
from .._engine.states import State, present

_DOCKER_VERSION = re.compile(r"version (\d+)\.(\d+)")
_SESSION_MARK = "ably-sandbox-"
# What the facts of a network are where a wish does not say.
_DEFAULTS: Mapping[str, Any] = {"driver": "bridge", "internal": False, "options": {}, "labels": {}, "ipv6": False}


def network_state(inspected: Mapping[str, Any]) -> State:
    """From `GET /networks/<name>`: driver, internal, subnet, gateway, options, labels, ipv6."""
    pools = (inspected.get("IPAM") or {}).get("Config") or [{}]
    return present(
        driver=inspected["Driver"],
        internal=inspected["Internal"],
        subnet=pools[0].get("Subnet", ""),
        gateway=pools[0].get("Gateway", ""),
        options=dict(inspected.get("Options") or {}),
        labels=dict(inspected.get("Labels") or {}),
        ipv6=bool(inspected.get("EnableIPv6")),
    )


def render_network(name: str, state: State) -> dict[str, Any]:
    """The body of `POST /networks/create`."""
    facts = {**_DEFAULTS, **(state.facts or {})}
    pool = {key: facts[fact] for key, fact in (("Subnet", "subnet"), ("Gateway", "gateway")) if facts.get(fact)}
    return {
        "Name": name,
        "CheckDuplicate": True,
        "Driver": facts["driver"],
        "Internal": facts["internal"],
        "EnableIPv6": facts["ipv6"],
        "IPAM": {"Driver": "default", "Config": [pool] if pool else []},
        "Options": dict(facts["options"]),
        "Labels": dict(facts["labels"]),
    }


def attached_containers(inspected: Mapping[str, Any]) -> dict[str, str]:
    """The running containers on a network: id to name."""
    endpoints = inspected.get("Containers") or {}
    return {identity: str(endpoint.get("Name", identity)) for identity, endpoint in endpoints.items()}


def container_name(listed: Mapping[str, Any]) -> str:
    """From an entry of `GET /containers/json`; its id where it has lost its name."""
    return str((listed.get("Names") or [listed["Id"]])[0]).lstrip("/")


def open_sessions(names: Iterable[str]) -> tuple[str, ...]:
    """The ids of the sessions that these containers are."""
    return tuple(sorted(name[len(_SESSION_MARK) :] for name in names if name.startswith(_SESSION_MARK)))


def others_containers(names: Iterable[str]) -> tuple[str, ...]:
    """Those that are no session's."""
    return tuple(sorted(name for name in names if not name.startswith(_SESSION_MARK)))


def pulled_fact(digest: str) -> str:
    """The fact that says that an image was pulled by this digest (`name@sha256:…`). One fact for each digest it has."""
    return f"digest {digest}"


def image_state(inspected: Mapping[str, Any]) -> State:
    """From `GET /images/<reference>/json`: id, and for each digest that it was pulled by a fact of its own."""
    digests = {pulled_fact(digest): True for digest in inspected.get("RepoDigests") or ()}
    return State({"id": inspected["Id"], **digests})


def split_reference(reference: str) -> tuple[str, str]:
    """`ably-sandbox/session:1.2` to repository and tag. The tag has to be there: `latest` is nobody's version."""
    repository, _, tag = reference.rpartition(":")
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
