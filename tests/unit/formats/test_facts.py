"""The texts of the kernel and of Debian, recorded on real hosts."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._formats.docker_objects import parse_docker_version
from ansible_collections.ably.sandbox.plugins.module_utils._formats.kmod import parse_module_names
from ansible_collections.ably.sandbox.plugins.module_utils._formats.os_release import Distribution, parse_os_release
from ansible_collections.ably.sandbox.plugins.module_utils._formats.proc_net import Route, parse_listeners, parse_routes
from ansible_collections.ably.sandbox.plugins.module_utils._formats.subids import IdRange, parse_accounts, parse_ranges
from ansible_collections.ably.sandbox.tests.unit.case_files import read_case


def test_the_distribution_is_read() -> None:
    debian_13 = parse_os_release(read_case("host/os-release-debian-13.txt"))
    assert debian_13 == Distribution("debian", "13", "Debian GNU/Linux 13 (trixie)")
    assert parse_os_release(read_case("host/os-release-debian-12.txt")).version == "12"


def test_a_distribution_without_a_version_is_read() -> None:
    text = "PRETTY_NAME='Debian GNU/Linux forky/sid'\n# a comment\nID=debian\n"
    assert parse_os_release(text) == Distribution("debian", "", "Debian GNU/Linux forky/sid")
    assert parse_os_release("") == Distribution("linux", "", "unknown")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("PRETTY_NAME=Bob's Debian 13\nID=debian\nVERSION_ID=13\n", Distribution("debian", "13", "Bob's Debian 13")),
        ('ID=debian\r\nVERSION_ID="13"\r\nPRETTY_NAME="A B"\r\n', Distribution("debian", "13", "A B")),
        ("PRETTY_NAME='Bob'\\''s'\nID='debian' # ours\nVERSION_ID=13", Distribution("debian", "13", "Bob's")),
        ('NAME="a\nID=debian\nVERSION_ID="13\nPRETTY_NAME=\\"x', Distribution("debian", "13", '"x')),
        ("\ufeffID=debian\nnothing\nVERSION_ID=13\nPRETTY_NAME=Debian GNU/Linux 13\\", None),
    ],
)
def test_what_no_shell_could_read_is_read_all_the_same(text: str, read: Distribution | None) -> None:
    assert parse_os_release(text) == (read or Distribution("debian", "13", "Debian GNU/Linux 13\\"))


def test_routes_are_read() -> None:
    assert parse_routes(read_case("host/route-docker.txt")) == (
        Route(IPv4Network("10.214.0.0/24"), "ably-sandbox0"),
        Route(IPv4Network("172.17.0.0/16"), "docker0"),
    )
    assert parse_routes(read_case("host/route-default.txt")) == (
        Route(IPv4Network("0.0.0.0/0"), "eth0"),
        Route(IPv4Network("192.0.2.0/24"), "eth0"),
    )
    assert parse_routes("") == ()


@pytest.mark.parametrize(
    ("protocol", "sockets"),
    [
        ("tcp", {("0.0.0.0", 443), ("127.0.0.1", 53)}),
        ("tcp6", {("::", 53)}),
        ("udp", {("0.0.0.0", 53)}),
        ("udp6", {("::1", 53)}),
    ],
)
def test_listeners_are_read_and_connections_are_not(protocol: str, sockets: set[tuple[str, int]]) -> None:
    found = parse_listeners(read_case(f"host/{protocol}.txt"), protocol)
    assert {(listener.address, listener.port) for listener in found} == sockets
    assert all(listener.inode for listener in found)
    wildcards = {listener.address for listener in found if listener.is_wildcard}
    assert wildcards <= {"0.0.0.0", "::"}


def test_ids_are_read() -> None:
    assert parse_accounts("root:x:0:0::/root:/bin/sh\n+::::::\n\n", "/etc/passwd") == (
        IdRange("/etc/passwd", "root", 0),
    )
    assert parse_accounts("eve:x:\u00b2:\nbob:x:7:7", "/etc/passwd") == (IdRange("/etc/passwd", "bob", 7),)
    assert parse_ranges("a:100000:65536\nbroken\n", "/etc/subuid") == (IdRange("/etc/subuid", "a", 100000, 65536),)


@pytest.mark.parametrize(
    ("first", "count", "overlaps"), [(0, 100, False), (0, 101, True), (109, 1, True), (110, 5, False), (104, 2, True)]
)
def test_ranges_overlap(first: int, count: int, overlaps: bool) -> None:
    assert IdRange("", "", 100, 10).overlaps(first, count) is overlaps


def test_names_of_modules_are_read() -> None:
    text = "kernel/net/netfilter/nft_ct.ko.xz: kernel/net/netfilter/nf_tables.ko.xz\nkernel/drivers/net/veth.ko\n"
    assert parse_module_names(text) == {"nft_ct", "veth"}
    assert parse_module_names("kernel/x/a-b.ko\n") == {"a_b"}


def test_docker_s_version_is_read() -> None:
    assert parse_docker_version(read_case("host/dockerd-26.1.txt")) == (26, 1)
    assert parse_docker_version("Docker version 20.10.24+dfsg1, build 297e128") == (20, 10)
    with pytest.raises(SandboxError, match="expected a version"):
        parse_docker_version("not docker")
