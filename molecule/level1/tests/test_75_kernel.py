"""What no session needs of the kernel: closed to it, and open again with its item left out.

After a reboot: before it, what Docker had asked for is loaded.
"""

from __future__ import annotations

import json

import pytest
from support.host import KERNEL, LEVEL_1, Host, play
from support.reached import reached, reached_past_the_filter

# Attempt to item, and what an attempt is told that only the item is left to stop. rxrpc: see the scenario `bare`, whose
# kernel has it.
ITEMS = {
    "af_alg": ("af_alg", "EAFNOSUPPORT"),
    "xfrm netlink": ("ipsec", "EPROTONOSUPPORT"),
    "esp": ("ipsec", "EPROTONOSUPPORT"),
    "user namespace": ("kernel.unprivileged_userns_clone", "EPERM"),
    "io_uring": ("kernel.io_uring_disabled", "EPERM"),
}
LOADED = ("algif_hash", "af_alg", "esp4", "xfrm_user")


def reached_by_all_attempts(host: Host) -> dict[str, str]:
    """Past the filter; esp needs a capability besides."""
    esp = reached(host, ("seccomp", "apparmor", "capabilities"), "NET_ADMIN")["esp"]
    return {**reached_past_the_filter(host), "esp": esp}


@pytest.fixture(scope="module")
def in_a_session(level1: Host) -> dict[str, str]:
    """With every layer of level 1 on."""
    return reached(level1)


@pytest.fixture(scope="module")
def closed(level1: Host, in_a_session: dict[str, str]) -> dict[str, str]:
    assert in_a_session
    return reached_by_all_attempts(level1)


@pytest.fixture(scope="module")
def left_out(level1: Host, closed: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    assert closed
    variables = tmp_path_factory.mktemp("left-out") / "level1.yml"
    names = sorted({item for item, _unused in ITEMS.values()})
    variables.write_text(LEVEL_1.read_text() + f"sandbox_kernel_left_out: {json.dumps(names)}\n")
    status, output = play("site", variables, *KERNEL)
    assert status == 0, output
    return reached_by_all_attempts(level1)


@pytest.mark.parametrize("attempt", ITEMS)
def test_refused_in_a_session(in_a_session: dict[str, str], attempt: str) -> None:
    assert in_a_session[attempt] != "done"


@pytest.mark.parametrize("attempt", ITEMS)
def test_refused_by_the_item_alone(closed: dict[str, str], attempt: str) -> None:
    assert closed[attempt] == ITEMS[attempt][1]


@pytest.mark.parametrize("attempt", ITEMS)
def test_done_with_the_item_left_out(left_out: dict[str, str], attempt: str) -> None:
    assert left_out[attempt] == "done"


def test_what_is_loaded_by_then_is_told_and_not_unloaded(level1: Host, left_out: dict[str, str]) -> None:
    assert left_out
    loaded = level1.out("cut -d ' ' -f 1 /proc/modules").split()
    assert set(LOADED) <= set(loaded)
    status, output = play("site", LEVEL_1)
    assert status == 0, output
    told = " ".join(output.split())
    assert "kernel item af_alg: in effect after a reboot, af_alg, algif_hash is loaded already" in told
    assert set(LOADED) <= set(level1.out("cut -d ' ' -f 1 /proc/modules").split())
    assert reached_past_the_filter(level1)["user namespace"] == "EPERM"
