"""Docker's client is a package of its own since Debian 13 alone."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.docker.packages import packages_for
from ansible_collections.ably.sandbox.plugins.module_utils._formats.os_release import Distribution

DEBIANS, DOCKERS = ("docker.io", "docker-cli", "crun"), ("docker-ce", "docker-cli", "crun")


@pytest.mark.parametrize(
    ("names", "id_", "version", "asked"),
    [
        (DEBIANS, "debian", "13", DEBIANS),
        (DEBIANS, "debian", "12", ("docker.io", "crun")),
        (DEBIANS, "ubuntu", "24.04", ("docker.io", "crun")),
        (DOCKERS, "debian", "12", DOCKERS),
    ],
)
def test_asked_of_a_host(names: tuple[str, ...], id_: str, version: str, asked: tuple[str, ...]) -> None:
    assert packages_for(names, Distribution(id_, version, "")) == asked
