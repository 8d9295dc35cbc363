"""The way back keeps a kernel parameter that an operator has set since, though the value is the one that we left."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import Kept
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Resource
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import State
from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change
from ansible_collections.ably.sandbox.plugins.module_utils._formats.resource_facts import DockerTraceFacts
from ansible_collections.ably.sandbox.plugins.module_utils._system.forwarding import why_it_stays
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers import docker_trace
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.docker_trace import DockerTraceProvider
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.sysctl import SysctlProvider
from ansible_collections.ably.sandbox.plugins.module_utils._system.reading import Reader
from ansible_collections.ably.sandbox.tests.states import present
from ansible_collections.ably.sandbox.tests.unit.system.conftest import CountingOutside

DMESG = "proc/sys/kernel/dmesg_restrict"


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("etc/sysctl.d/50-router.conf", "net.ipv4.ip_forward=1"),
        ("etc/sysctl.d/50-router.conf", "# ours\r\n-net/ipv4/ip_forward = 1\r\n"),
        ("run/sysctl.d/vpn.conf", "net.ipv4.conf.*.forwarding=1\n"),
        ("etc/sysctl.conf", "net.ipv4.ip_forward = 0\nnet.ipv4.ip_forward = 1\n"),
        ("etc/ufw/sysctl.conf", "net/ipv4/ip_forward=1\n"),
        ("etc/systemd/network/10-lan.network", "[Network]\nIPMasquerade=ipv4\n"),
        ("etc/systemd/networkd.conf.d/f.conf", "[Network]\nIPv4Forwarding = yes"),
        ("etc/systemd/network/10-netplan-eth0.network.d/f.conf", "[Network]\nIPv4Forwarding=yes\n"),
        ("run/systemd/network/10-lan.network.d/f.conf", "[Network]\nIPMasquerade=both\n"),
    ],
)
def test_forwarding_that_a_file_asks_for_stays(outside: CountingOutside, root: Path, path: str, text: str) -> None:
    write(root, path, text)
    assert why_it_stays(Reader(outside), "1", "0") == f"/{path} sets it"


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        (
            "etc/wireguard/wg0.conf",
            "PostUp = sysctl -w net.ipv4.ip_forward=1\n",
            "/etc/wireguard/wg0.conf speaks of it",
        ),
        (
            "etc/network/interfaces",
            "iface br0 inet static\n  up echo 1 > /proc/sys/net/ipv4/ip_forward\n",
            "/etc/network/interfaces speaks of it",
        ),
        (
            "etc/network/interfaces.d/wg0",
            "post-up sysctl net.ipv4.ip_forward=1\n",
            "/etc/network/interfaces.d/wg0 speaks of it",
        ),
        (
            "proc/cmdline",
            "quiet sysctl.net.ipv4.ip_forward=1\n",
            "the kernel's command line (/proc/cmdline) sets it",
        ),
        (
            "proc/cmdline",
            "sysctl.net/ipv4/ip_forward=1 quiet\n",
            "the kernel's command line (/proc/cmdline) sets it",
        ),
        ("sys/class/net/virbr0/mtu", "1500\n", "libvirt's network virbr0 needs it"),
    ],
)
def test_forwarding_that_something_else_asks_for_stays(
    outside: CountingOutside, root: Path, path: str, text: str, why: str
) -> None:
    write(root, path, text)
    assert why_it_stays(Reader(outside), "1", "0") == why


@pytest.mark.parametrize("is_linked", [True, False])
def test_forwarding_stays_by_either_order_of_files(outside: CountingOutside, root: Path, is_linked: bool) -> None:
    """`sysctl --system` reads /etc/sysctl.conf last; systemd by the name of Debian's link, where there still is one."""
    write(root, "etc/sysctl.conf", "net.ipv4.ip_forward=0\n")
    write(root, "etc/sysctl.d/zz-router.conf", "net.ipv4.ip_forward=1\n")
    if is_linked:
        (root / "etc/sysctl.d/99-sysctl.conf").symlink_to("../sysctl.conf")
    assert why_it_stays(Reader(outside), "1", "0") == "/etc/sysctl.d/zz-router.conf sets it"


def test_forwarding_goes_where_both_orders_end_without_it(outside: CountingOutside, root: Path) -> None:
    write(root, "etc/sysctl.conf", "net.ipv4.ip_forward=0\n")
    write(root, "etc/sysctl.d/50-router.conf", "net.ipv4.ip_forward=1\n")
    (root / "etc/sysctl.d/99-sysctl.conf").symlink_to("../sysctl.conf")
    assert why_it_stays(Reader(outside), "1", "0") == ""


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("usr/lib/systemd/network/80-container-ve.network", "[Network]\nIPMasquerade=both\n"),
        ("etc/sysctl.d/50-router.conf", "#net.ipv4.ip_forward=1\n"),
        ("etc/sysctl.d/50-router.conf", "net.ipv4.ip_forward=1\nnet.ipv4.ip_forward=0\n"),
        ("etc/sysctl.d/50-router.conf.disabled", "net.ipv4.ip_forward=1\n"),
        ("etc/sysctl.d/50-ipv6.conf", "net.ipv6.conf.all.forwarding=1\n"),
        ("etc/systemd/network/10-lan.network", "[Network]\n#IPForward=yes\nIPForward=ipv6\n"),
        ("etc/systemd/network/10-lan.network.d/f.conf", "[Network]\nIPForward=no\n"),
        ("etc/wireguard/wg0.conf", "[Interface]\n# PostUp = sysctl -w net.ipv4.ip_forward=1\n"),
        ("etc/network/interfaces", "auto lo\niface lo inet loopback\n"),
        ("proc/cmdline", "quiet sysctl.net.ipv4.ip_forward=0 sysctl.kernel.panic=1\n"),
        ("sys/class/net/eth0/mtu", "1500\n"),
    ],
)
def test_forwarding_that_docker_alone_wanted_goes(outside: CountingOutside, root: Path, path: str, text: str) -> None:
    write(root, path, text)
    assert why_it_stays(Reader(outside), "1", "0") == ""
    assert why_it_stays(Reader(outside), "1", "1") == ""


def test_forwarding_that_somebody_has_switched_off_is_not_switched_on(outside: CountingOutside) -> None:
    assert why_it_stays(Reader(outside), "0", "1") == "it is 0, which somebody else has set"


class Recording(CountingOutside):
    """Runs nothing."""

    def run(self, command: tuple[str, ...], **options: object) -> None:  # type: ignore[override]
        del options
        self.steps.append(" ".join(command))


def trace(**facts: object) -> State:
    usual = {"tables": (), "bridge": False, "forwarding": "0", "profile": False, "filter_module": False}
    return DockerTraceFacts(**{**usual, **facts}).state  # type: ignore[arg-type]


def test_the_rest_of_what_docker_left_goes_all_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, "etc/sysctl.d/50-router.conf", "net.ipv4.ip_forward=1")
    monkeypatch.setattr(docker_trace.Systemd, "show", lambda *_unused: {"ActiveState": "inactive"})
    outside = Recording(str(root))
    change = Change(Resource("docker_trace", "host"), trace(bridge=True, forwarding="1"), trace())
    with pytest.raises(Kept, match=r"net.ipv4.ip_forward: stays 1, because /etc/sysctl.d/50-router.conf sets it"):
        DockerTraceProvider(outside).swap([change])
    assert outside.steps == ["ip link delete docker0"]
    (root / "etc/sysctl.d/50-router.conf").unlink()
    DockerTraceProvider(outside).swap([change])
    assert outside.steps[-1] == "sysctl --quiet --write net.ipv4.ip_forward=0"


def test_a_parameter_that_an_operator_has_closed_as_well_stays_closed(outside: CountingOutside, root: Path) -> None:
    write(root, DMESG, "1\n")
    write(root, "etc/sysctl.d/zz-ably-sandbox.conf", "-kernel.dmesg_restrict = 1\n")
    write(root, "etc/sysctl.d/10-cis.conf", "kernel.dmesg_restrict = 1\n")
    kind = SysctlProvider(outside)
    back = Change(Resource("sysctl", "kernel.dmesg_restrict"), present(value="1"), present(value="0"))
    with pytest.raises(Kept, match=r"stays 1, because /etc/sysctl.d/10-cis.conf sets it"):
        kind.swap([back])
    (root / "etc/sysctl.d/10-cis.conf").unlink()
    kind.swap([back])
    assert (root / DMESG).read_text() == "0\n"


def test_a_parameter_is_closed_whatever_a_file_says(outside: CountingOutside, root: Path) -> None:
    """That was confirmed, or preflight would have refused it."""
    write(root, DMESG, "0\n")
    write(root, "etc/sysctl.d/10-open.conf", "kernel.dmesg_restrict = 0\n")
    SysctlProvider(outside).swap(
        [Change(Resource("sysctl", "kernel.dmesg_restrict"), present(value="0"), present(value="1"))]
    )
    assert (root / DMESG).read_text() == "1\n"
