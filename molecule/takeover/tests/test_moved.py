"""From the last commit before every module, role and text of this collection was moved. `make long-moved` runs it."""

from __future__ import annotations

from pathlib import Path

from support.host import LEVEL_2, Host
from support.planned import reach
from support.rolled_back import assert_goes_back_to

BYTE_CODE = "file /usr/local/lib/ably-sandbox/"
# The agent, whose modules have other names; and what was changed on purpose since: a name that is allowed, four calls.
SINCE = {
    "file /usr/local/bin/ably-sandbox",
    "file /etc/ably-sandbox/container.d/21-seccomp.json",
    "file /etc/ably-sandbox/egress/dnsmasq.conf",
    "file /etc/ably-sandbox/egress/haproxy.cfg",
    "file /etc/ably-sandbox/seccomp.json",
}


def test_what_was_moved_makes_the_same_host(unmoved: Host) -> None:
    assert unmoved
    assert {resource for resource in reach(LEVEL_2) if not resource.startswith(BYTE_CODE)} == SINCE


def test_and_goes_back_to_what_it_was(unmoved: Host, before: dict[str, object], tmp_path: Path) -> None:
    assert_goes_back_to(before, unmoved, tmp_path)
