"""Docker's archive endpoints, which `docker cp` uses, run a program of the container's as root (CVE-2026-41567)."""

from __future__ import annotations

import re

import pytest

from ansible_collections.ably.sandbox.tests.unit.checkout import REPO, list_files

# Of a container: /containers/ID/archive; and the command.
ENDPOINT = re.compile(r"/archive\b[^.]|\bdocker[\"', ]+cp\b|\"cp\"|put_archive|get_archive")
ON_HOSTS = ("plugins/", "roles/", "playbooks/")


@pytest.mark.parametrize(
    "text", ['api.get(f"/containers/{name}/archive?path=/x")', '("docker", "cp", a, b)', "docker cp a b"]
)
def test_a_call_would_be_found(text: str) -> None:
    assert ENDPOINT.search(text)


def test_nothing_that_runs_on_hosts_calls_them() -> None:
    found = [
        f"{path}: {line.strip()}"
        for path in list_files()
        if path.startswith(ON_HOSTS) and path.endswith((".py", ".yml", ".j2"))
        for line in (REPO / path).read_text(encoding="utf-8").splitlines()
        if ENDPOINT.search(line)
    ]
    assert found == []
