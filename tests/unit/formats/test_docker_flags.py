"""dockerd's command line, and which keys of daemon.json it rules out."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._formats.docker_flags import (
    find_flag_conflicts,
    parse_flags,
    values_of,
    without_flag,
)


@pytest.mark.parametrize(
    ("flags", "keys", "conflicts"),
    [
        (("--log-opt=max-size=1m",), ("log-opts",), ("log-opts",)),
        (("-H", "tcp://0.0.0.0"), ("hosts",), ("hosts",)),
        (("-Hfd://",), ("hosts",), ("hosts",)),
        (("--log-opt", "a=b"), ("log-level",), ()),
        (("--userland-proxy=false",), ("userland-proxy", "icc"), ("userland-proxy",)),
        (("--graph=/x",), ("data-root",), ("data-root",)),
        # Tried with 26.1: Docker takes the runtimes of both, also where a name is in both.
        (("--add-runtime=x=/usr/bin/runc",), ("runtimes",), ()),
        ((), ("icc",), ()),
    ],
)
def test_flags_that_say_the_same_as_a_key_are_found(
    flags: tuple[str, ...], keys: tuple[str, ...], conflicts: tuple[str, ...]
) -> None:
    assert find_flag_conflicts(flags, keys) == conflicts


def test_flags_and_their_values() -> None:
    flags = ("-H", "fd://", "-H=unix:///x", "-D", "--data-root", "/a", "--icc=false", "--init", "--mtu=5")
    assert parse_flags(flags) == (
        ("host", "fd://"), ("host", "unix:///x"), ("debug", "true"), ("data-root", "/a"), ("icc", "false"),
        ("init", "true"), ("mtu", "5"),
    )  # fmt: skip
    assert values_of(flags, "host") == ("fd://", "unix:///x")


def test_a_flag_is_left_out() -> None:
    assert without_flag(("-D", "--config-file", "/x", "-H", "fd://"), "config-file") == ("-D", "-H", "fd://")
    assert without_flag(("--config-file=/x", "--icc"), "config-file") == ("--icc",)
