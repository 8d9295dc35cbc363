"""The bridge: what the host's `ip` says of one, and the calls that make it what it shall be."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._formats.resource_facts import BridgeFacts
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.bridge import plan_commands
from ansible_collections.ably.sandbox.tests.unit.agent.stand import python_environment

OURS = BridgeFacts(mac="02:ab:1e:00:00:00", addresses=["10.213.0.1/24"], up=True)
IN_A_NAMESPACE = """
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Resource
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.tests.states import present
from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import RefusedError
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.bridge import BridgeProvider
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
import subprocess
kind, name = BridgeProvider(Outside()), Resource("bridge", "ablytest")
ours = present(mac="02:ab:1e:00:00:00", addresses=["10.213.0.1/24"], up=True)
def swap(after):
    kind.swap([Change(name, kind.observe("ablytest"), after)])
assert kind.observe("ablytest") == ABSENT
swap(ours)
assert kind.observe("ablytest").holds(ours), kind.observe("ablytest")
was = kind.observe("ablytest")
swap(present(mac="02:ab:1e:00:00:01", addresses=["10.9.0.1/16", "10.8.0.1/16"], up=False))
there = kind.observe("ablytest")
assert (there.fact("mac"), there.fact("addresses"), there.fact("up")) == (
    "02:ab:1e:00:00:01", ["10.8.0.1/16", "10.9.0.1/16"], False)
swap(was)
assert kind.observe("ablytest") == was
swap(ABSENT)
swap(ABSENT)
assert kind.observe("ablytest") == ABSENT
subprocess.run("ip link add ablytest type veth peer ablypeer", shell=True, check=True)
try:
    kind.rehearse(Change(name, kind.observe("ablytest"), ours))
except RefusedError as error:
    assert "is of type veth" in str(error)
else:
    raise SystemExit("somebody else's interface was not refused")
print("done")
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make interfaces")
def test_it_is_made_changed_brought_back_and_removed() -> None:
    done = subprocess.run(
        ("unshare", "--net", sys.executable, "-c", IN_A_NAMESPACE),
        capture_output=True, text=True, env=python_environment(), check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("done\n", "")


@pytest.mark.parametrize(
    ("before", "after", "calls"),
    [
        (None, None, []),
        (OURS, OURS, []),
        (OURS, None, ["link delete b"]),
        (
            None,
            OURS,
            [
                "link add b address 02:ab:1e:00:00:00 type bridge mcast_snooping 0",
                "link set b addrgenmode none",
                "address add 10.213.0.1/24 dev b",
                "link set b up",
            ],
        ),
        (
            BridgeFacts(mac="02:ab:1e:00:00:00", addresses=["10.9.0.1/24"], up=True),
            OURS,
            ["address delete 10.9.0.1/24 dev b", "address add 10.213.0.1/24 dev b"],
        ),
    ],
)
def test_the_calls(before: BridgeFacts | None, after: BridgeFacts | None, calls: list[str]) -> None:
    assert [" ".join(call) for call in plan_commands("b", before, after)] == calls
