"""What dpkg and apt say, from their recorded output."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._formats.dpkg import (
    LockHolder,
    find_half_done,
    find_leftovers,
    find_not_installed,
    find_package,
    installed_of,
    is_archive_gone,
    is_locked_out,
    is_package_name,
    parse_auto_marks,
    parse_candidates,
    parse_query,
    parse_simulation,
)
from ansible_collections.ably.sandbox.plugins.module_utils._formats.resource_facts import PackageFacts
from ansible_collections.ably.sandbox.tests.unit.case_files import read_case


@pytest.mark.parametrize("version", ["1.21", "1.22"])
def test_installed_packages_are_read(version: str) -> None:
    states = parse_query(read_case(f"dpkg/query-{version}.txt"))
    assert find_package("libc6", states) == PackageFacts(installed=True)
    assert find_package("haproxy", states) is None


def test_a_removed_package_with_its_configuration_is_not_absent() -> None:
    states = parse_query("haproxy\tconfig-files\t3.0\nlibc6\tinstalled\t2\nold\tnot-installed\t\n")
    assert find_package("haproxy", states) == PackageFacts(installed=False)
    assert find_package("old", states) is None
    assert installed_of(states) == {"haproxy", "libc6"}


def test_one_architecture_is_enough() -> None:
    assert parse_query("libc6\tinstalled\t2\nlibc6\tconfig-files\t2\n") == {"libc6": "installed"}


def test_another_answer_is_an_error() -> None:
    with pytest.raises(SandboxError, match="three fields"):
        parse_query("dpkg-query: error\n")


@pytest.mark.parametrize("case", ["install-apt-2.6", "install-apt-3.0"])
def test_what_an_installation_brings_is_read(case: str) -> None:
    simulated = parse_simulation(read_case(f"dpkg/{case}.txt"))
    assert {"haproxy", "dnsmasq-base", "libopentracing1"} <= simulated.installed
    assert simulated.upgraded == simulated.removed == frozenset()


def test_what_a_purge_takes_is_read() -> None:
    assert parse_simulation(read_case("dpkg/purge-apt-3.0.txt")).removed == {"docker.io", "containerd"}


def test_upgrades_and_foreign_architectures_are_told_apart() -> None:
    text = "Inst libc6 [2.36] (2.37 Debian:12 [amd64])\nInst wine:i386 (8 Debian:12 [i386]) []\nRemv gone [1]\n"
    simulated = parse_simulation(text)
    assert (simulated.installed, simulated.upgraded, simulated.removed) == ({"wine"}, {"libc6"}, {"gone"})


def test_candidates_are_read() -> None:
    candidates = parse_candidates(read_case("dpkg/policy-apt-3.0.txt"))
    assert candidates["haproxy"] == "3.0.11-1+deb13u4"
    assert "nosuchpackage" not in candidates
    assert parse_candidates(read_case("dpkg/policy-apt-2.6.txt"))["haproxy"] == "2.6.12-1+deb12u3"


def test_what_a_pin_keeps_out_is_told_from_what_no_source_has() -> None:
    """hello is kept out; mail-transport-agent others only name; of docker-ce its configuration is left."""
    candidates = parse_candidates(read_case("dpkg/pinned-apt-2.6.txt"))
    assert candidates == {"hello": None, "docker.io": "20.10.24+dfsg1-1+deb12u1+b6"}


def test_what_dpkg_does_not_have_is_not_installed() -> None:
    states = {"there": "installed", "left": "config-files", "half": "half-configured"}
    assert find_not_installed(("there", "left", "half", "new"), states) == ("left", "half", "new")


def test_apts_complaints_are_told_apart() -> None:
    locked, unknown = read_case("dpkg/locked-apt-3.0.txt"), read_case("dpkg/unknown-apt-3.0.txt")
    assert (is_locked_out(locked), is_archive_gone(locked)) == (True, False)
    assert (is_locked_out(unknown), is_archive_gone(unknown)) == (False, True)


def test_a_lock_of_dpkg_s_own_is_a_lock_as_well() -> None:
    """Source: dpkg 1.22, whose words for both locks are these."""
    said = "dpkg: error: dpkg {} lock was locked by another process with pid 4127\n"
    assert is_locked_out(said.format("frontend"))
    assert is_locked_out(said.format("database"))


@pytest.mark.parametrize("said", ["Could not get lock {}. It is held by process 7 (apt)", "x ({}), is another process"])
def test_a_lock_that_somebody_holds(said: str) -> None:
    assert is_locked_out(f"E: {said.format('/var/lib/dpkg/lock')} using it?\n")


@pytest.mark.parametrize(
    "said",
    [
        "Could not open lock file /var/cache/apt/archives/lock - open (28: No space left on device)",
        "Unable to lock directory /var/cache/apt/archives/",
        "Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?",
        "Unable to lock the administration directory (/var/lib/dpkg/), are you root?",
    ],
)
def test_a_lock_that_cannot_be_taken_is_held_by_nobody(said: str) -> None:
    """Source: apt 2.6, where the first two come together."""
    assert not is_locked_out(f"E: {said}\n")


def test_half_done_is_what_dpkg_has_not_come_to_an_end_with() -> None:
    states = {"a": "installed", "b": "config-files", "c": "not-installed", "e": "half-configured", "d": "unpacked"}
    assert find_half_done(states) == ("d", "e")


@pytest.mark.parametrize(
    ("holder", "said"),
    [
        (LockHolder("/x", 4127, "unattended-upgrade"), "process 4127 (unattended-upgrade)"),
        (LockHolder("/x", 4127), "process 4127"),
        (LockHolder("/x", 0), "another process"),
    ],
)
def test_a_holder_is_named_as_far_as_it_is_known(holder: LockHolder, said: str) -> None:
    assert str(holder) == said


def test_only_what_came_along_is_left_over() -> None:
    auto = parse_auto_marks("liba\nlibb:amd64\nlibold\n")
    assert find_leftovers({"libold"}, {"liba", "libb", "libold", "asked-for"}, auto) == {"liba", "libb"}


@pytest.mark.parametrize("name", ["docker.io", "libstdc++6", "python3"])
def test_names_of_packages(name: str) -> None:
    assert is_package_name(name)


@pytest.mark.parametrize("name", ["", "-y", "Docker", "a b", "a;b", "haproxy=3"])
def test_what_is_no_name_of_a_package(name: str) -> None:
    assert not is_package_name(name)
