"""Lines of the account tables: built, found, set and removed, others' lines untouched."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ably.sandbox.plugins.module_utils._formats.accounts import (
    TableError,
    build_group_line,
    build_gshadow_line,
    build_passwd_line,
    build_range_line,
    build_shadow_line,
    check_line,
    entries_of,
    find_entry,
    find_other_with_id,
    is_table,
    parse_entry,
    remove_entry,
    set_entry,
)

GROUP = b"root:x:0:\nalice:x:1000:\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (build_group_line("box", 990), "box:x:990:"),
        (build_group_line("box", 990, ["a", "b"]), "box:x:990:a,b"),
        (build_group_line("box", 990, ["john.doe", "DOM\\user"]), "box:x:990:john.doe,DOM\\user"),
        (build_group_line("box", 990, ["John Doe@corp.example", "jörg$"]), "box:x:990:John Doe@corp.example,jörg$"),
        (build_gshadow_line("box", ["a"]), "box:!::a"),
        (build_passwd_line("box", 1, 2, "Box", "/nonexistent"), "box:x:1:2:Box:/nonexistent:/usr/sbin/nologin"),
        (build_shadow_line("box", 20000), "box:!:20000::::::"),
        (build_range_line("box", 100000, 65536), "box:100000:65536"),
    ],
)
def test_lines(line: str, expected: str) -> None:
    assert line == expected


@pytest.mark.parametrize(
    "build",
    [
        lambda: build_group_line("Box", 1),
        lambda: build_group_line("b:x", 1),
        lambda: build_group_line("box\n", 1),
        lambda: build_group_line("box", -1),
        lambda: build_group_line("box", 2**32 - 1),
        lambda: build_group_line("box", 1, ["a:b"]),
        lambda: build_group_line("box", 1, ["a,b"]),
        lambda: build_group_line("box", 1, [""]),
        lambda: build_group_line("box", 1, [" a"]),
        lambda: build_group_line("box", 1, ["a "]),
        lambda: build_group_line("box", 1, ["a\tb"]),
        lambda: build_group_line("box", 1, ["+a"]),
        lambda: build_group_line("box", 1, ["-a"]),
        lambda: build_group_line("box", 1, ["\udc80"]),
        lambda: build_gshadow_line("box", ["a\nroot::"]),
        lambda: build_passwd_line("box", 1, 1, "a:b", "/"),
        lambda: build_passwd_line("box", 1, 1, "a\nroot2:x:0:0", "/"),
        lambda: build_range_line("box", 1, 0),
        lambda: build_range_line("box", 2**32 - 2, 2),
    ],
)
def test_what_would_break_a_table_is_refused(build: Callable[[], str]) -> None:
    with pytest.raises(TableError):
        build()


def test_an_entry_is_added_changed_and_removed() -> None:
    added = set_entry(GROUP, "box", b"box:x:990:", "/etc/group")
    assert added == GROUP + b"box:x:990:\n"
    assert remove_entry(added, "box", "/etc/group") == GROUP
    assert set_entry(GROUP, "root", b"root:x:0:me", "/etc/group") == b"root:x:0:me\nalice:x:1000:\n"
    assert remove_entry(GROUP, "box", "/etc/group") == GROUP
    assert set_entry(b"", "box", b"box:x:990:", "/etc/group") == b"box:x:990:\n"
    assert set_entry(b"root:x:0:", "box", b"box:x:990:", "/etc/group") == b"root:x:0:\nbox:x:990:\n"


def test_a_name_is_not_found_by_its_beginning() -> None:
    assert find_entry(b"boxes:x:1:\nmy-box:x:2:\n", "box", "/etc/group") is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"box:x:1:\nroot:x:0:\nbox:x:2:\n", "/etc/group: box is there 2 times, in lines 1, 3"),
        (b"root:x:0:\nbox:x:1\n", r"/etc/group: line 2 \(box\) has 3 fields, expected 4"),
    ],
)
def test_odd_entries_of_ours_are_named(content: bytes, words: str) -> None:
    with pytest.raises(TableError, match=words):
        find_entry(content, "box", "/etc/group")


@given(st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b" ")), max_size=6))
def test_others_lines_stay_to_the_byte(lines: list[bytes]) -> None:
    others = b"".join(line + b"\n" for line in lines if not line.startswith(b"box:"))
    changed = set_entry(others, "box", b"box:x:1:", "/etc/group")
    assert remove_entry(changed, "box", "/etc/group") == others


def test_an_id_of_another() -> None:
    assert find_other_with_id(GROUP, b"box:x:1000:", "/etc/group") == "alice"
    assert find_other_with_id(GROUP, b"alice:x:1000:me", "/etc/group") is None
    assert find_other_with_id(b"alice:!:1:\n", b"box:!:1:", "/etc/gshadow") is None


def test_a_line_must_fit_its_table() -> None:
    check_line("box:x:1:", "box", "/etc/group")
    for line in ("other:x:1:", "box:x:1", "box:x:1:\nroot2:x:0:"):
        with pytest.raises(TableError):
            check_line(line, "box", "/etc/group")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"box:x:990:DOM\\user,b", (990, ("DOM\\user", "b"))),
        (b"box:x:990:", (990, ())),
        (b"box:x:1:2:Box:/:/bin/sh", (1, ())),
        (b"box:x:no:", (None, ())),
        (b"box", (None, ())),
    ],
)
def test_an_entry_is_read(line: bytes, expected: tuple[int | None, tuple[str, ...]]) -> None:
    assert parse_entry(line) == expected


def test_what_a_table_means() -> None:
    assert entries_of(b"\na:1\n\n b:2\n") == (b"a:1", b" b:2")
    assert is_table("/etc/group")
    assert is_table("/etc/subuid-")
    assert not is_table("/etc/docker/daemon.json")
