"""Whose the ids of a range are, and lines that Docker would stumble over."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._formats.subids import (
    IdRange,
    check_free,
    find_free,
    find_malformed_lines,
    parse_subid_list,
)

FIRST = 1_000_000
OWNER = "ably-sandbox-remap"


def check(subuid: str = "", subgid: str = "", accounts: tuple[IdRange, ...] = ()) -> None:
    check_free({"/etc/subuid": subuid, "/etc/subgid": subgid}, accounts, OWNER, FIRST)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# a comment\n\nadmin:100000:65536\n1000:165536:65536\n",
        f"#eve:{FIRST}:65536\n",
        "admin:934464:65536\nlast:1065536:65536\n",
        f"{OWNER}:{FIRST}:65536\n",
        # Docker reads the numbers of its own account alone, and a directory's names as they are.
        "CORP\\john doe:200000:65536\n",
        "admin:x:65536\n:1:2\n",
    ],
)
def test_a_free_range(text: str) -> None:
    check(text, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"admin:100000:65536\n{OWNER}:x:65536\n", f"/etc/subuid line 2: '{OWNER}:x:65536'"),
        (f"{OWNER}:{FIRST}: 65536", "/etc/subuid line 1"),
        ("admin:100000\n", "/etc/subuid line 1: 'admin:100000'"),
        ("\n\nadmin 100000 65536", "/etc/subuid line 3"),
        ("eve:1:2:3", "/etc/subuid line 1: 'eve:1:2:3'"),
    ],
)
def test_a_malformed_line_is_named(text: str, said: str) -> None:
    assert said in next(find_malformed_lines(text, "/etc/subuid", OWNER))
    with pytest.raises(SandboxError, match="Docker cannot remap ids with a line that it cannot read"):
        check(text)


@pytest.mark.parametrize("first", [FIRST, FIRST + 65535, FIRST - 65535])
def test_an_overlap_is_named_in_either_table(first: int) -> None:
    for tables in ((f"eve:{first}:65536\n", ""), ("", f"eve:{first}:65536\n")):
        with pytest.raises(SandboxError, match=f"eve has {first} to {first + 65535} in /etc/sub.id, expected ids of"):
            check(*tables)


def test_blanks_around_a_line_hide_nothing() -> None:
    with pytest.raises(SandboxError, match="eve has 1000000"):
        check(f"  eve:{FIRST}:65536 \n")


def test_an_account_in_the_range_is_named() -> None:
    with pytest.raises(SandboxError, match="far has 1000001 in /etc/passwd"):
        check(accounts=(IdRange("/etc/passwd", "far", FIRST + 1), IdRange("/etc/passwd", "near", FIRST - 1)))


def test_ranges_of_the_plug_in_are_read() -> None:
    found = parse_subid_list("0: DOM\\john doe 100000 65536\n1: eve 9 1\nError fetching ranges\n", "getsubids")
    assert found == (IdRange("getsubids", "DOM\\john doe", 100000, 65536), IdRange("getsubids", "eve", 9, 1))


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        (((0, 1 << 20),), 1 << 20),
        (((FIRST, 1),), 16 * 65536),
        (((16 * 65536 + 5, 1), (FIRST, 1)), 17 * 65536),
        (((FIRST, 2**32),), None),
        ((), None),
    ],
)
def test_a_free_range_is_proposed(taken: tuple[tuple[int, int], ...], free: int | None) -> None:
    """Docker wants as many ids as a container has; None where the first one is free, or nothing is."""
    ranges = [IdRange("/etc/subuid", "eve", *ends) for ends in taken]
    found = find_free([*ranges, IdRange("/etc/subuid", OWNER, 1 << 20, 65536)], OWNER, FIRST)
    assert found == free
    assert free is None or not any(other.overlaps(free, 65536) for other in ranges)
