"""The control `seccomp`: what is written, in which order, and what proves that it is live."""

from __future__ import annotations

import hashlib
import json

from ansible_collections.ably.sandbox.plugins.module_utils._controls.container.spec import read_fragment
from ansible_collections.ably.sandbox.plugins.module_utils._controls.registry import KEYS
from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.control import seccomp_control
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Activation, Owner

PROFILE = '{"defaultAction": "SCMP_ACT_ERRNO"}\n'
FRAGMENT = "/etc/ably-sandbox/container.d/21-seccomp.json"


def test_the_fragment_comes_last() -> None:
    control = seccomp_control(PROFILE)
    assert control.owner == Owner(2, "seccomp")
    assert [str(wish.resource) for wish in control.wishes] == [
        "json_key /etc/docker/daemon.json#runtimes/ably-sandbox",
        "file /etc/ably-sandbox/seccomp.json",
        f"file {FRAGMENT}",
    ]


def test_docker_is_reloaded_and_not_restarted() -> None:
    key = seccomp_control(PROFILE).wishes[0]
    assert key.state is not None
    assert key.state.fact("value") == {"path": "/usr/bin/crun"}
    assert key.activates == (Activation("reload", "docker.service"),)
    assert key.check[:2] == ("dockerd", "--validate")


def test_sessions_get_the_filter_and_the_runtime() -> None:
    state = seccomp_control(PROFILE).wishes[-1].state
    assert state is not None
    text = state.fact("content")
    assert json.loads(text)["seccomp"]["sha256"] == hashlib.sha256(PROFILE.encode()).hexdigest()
    given = {said.key: said.value for said in read_fragment("21-seccomp.json", text, KEYS)}
    assert given["runtime"] == "ably-sandbox"
    assert given["seccomp"].profile == "/etc/ably-sandbox/seccomp.json"


def test_docker_has_to_know_the_runtime() -> None:
    (command,) = seccomp_control(PROFILE).health
    assert command[-1] == "docker info --format '{{json .Runtimes}}' | grep -q '\"ably-sandbox\"'"
