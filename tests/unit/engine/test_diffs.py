"""Plans are told in a line a change, and keep to themselves what not everybody on the host may read."""

from __future__ import annotations

from ansible_collections.ably.sandbox.plugins.module_utils._engine.diffs import render_diffs
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Resource, Reversibility
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change
from ansible_collections.ably.sandbox.tests.states import present

from .memory_host import MemoryHost

FILE = Resource("file", "/etc/x")
TEXT = "".join(f"line {number}\n" for number in range(100))


def told(*changes: Change, host: MemoryHost | None = None) -> list[str]:
    return "".join(diff["prepared"] for diff in render_diffs(changes, host or MemoryHost())).splitlines()


def created(name: str, kind: str = "file", **facts: object) -> Change:
    return Change(Resource(kind, name), ABSENT, present(**facts))


def test_only_what_changes_is_shown() -> None:
    before = present(content="a\nb\n", mode=0o644, uid=0)
    assert told(Change(FILE, before, present(content="a\nc\n", mode=0o644))) == [
        "change file /etc/x: content 2 -> 2 lines",
        "  @@ -2 +2 @@",
        "  -b",
        "  +c",
    ]


def test_a_text_that_comes_or_goes_is_summed_up() -> None:
    begins = "100 lines, sha256:"
    assert [line.partition(begins)[:2] for line in told(created("/etc/x", content=TEXT, mode=1))] == [
        ("create file /etc/x: content ", begins)
    ]
    (line,) = told(Change(FILE, present(content=TEXT), ABSENT))
    assert line.startswith(f"remove file /etc/x: {begins}")


def test_of_many_lines_that_differ_the_first_are_shown() -> None:
    *shown, last = told(Change(FILE, present(content=TEXT), present(content=TEXT.replace("line", "row"))))
    assert len(shown) == 21
    assert last == "  … and 181 more lines"


def test_a_short_value_is_shown_before_and_after() -> None:
    def change(before: State, after: State) -> list[str]:
        return told(Change(Resource("json_key", "/etc/x#a"), before, after))

    assert change(ABSENT, present(value={"b": 1})) == ['create json_key /etc/x#a: {"b": 1}']
    assert change(present(value=False), present(value=True)) == ["change json_key /etc/x#a: value false -> true"]
    assert change(present(), present(value="x")) == ["change json_key /etc/x#a: value none -> x"]


def test_neighbours_of_which_the_same_is_said_are_in_one_line() -> None:
    packages = [
        Change(Resource("package", name), ABSENT, present(installed=True), reversibility=Reversibility.BEST_EFFORT)
        for name in ("crun", "haproxy")
    ]
    assert told(*packages, created("/etc/x", mode=1), created("/etc/y", mode=2)) == [
        "create package crun, haproxy (best effort): installed true",
        "create file /etc/x: 1",
        "create file /etc/y: 2",
    ]


def test_what_not_everybody_may_read_is_not_shown() -> None:
    host = MemoryHost()
    host.secret = (FILE,)
    lines = told(Change(FILE, present(content="hash"), present(content="another hash")), host=host)
    assert lines == ["change file /etc/x: (hidden)"]


def test_bytes_that_are_no_text_are_told_by_their_digest() -> None:
    (line,) = told(created("/etc/x", content="\0\udcff"))
    assert line.startswith("create file /etc/x: 2 bytes, sha256:")
    (line,) = told(Change(FILE, present(content="\0\n"), present(content="\0\n\n")))
    assert line.startswith("change file /etc/x: content 2 bytes, sha256:")


def test_a_terminal_is_told_nothing() -> None:
    assert told(created("/etc/x", line="a\x1b[2J")) == ["create file /etc/x: a\\x1b[2J"]
    lines = told(Change(FILE, present(content="a\n"), present(content="\tb\x07\n")))
    assert lines[2:] == ["  -a", "  +\tb\\x07"]


def test_notes_are_not_told() -> None:
    assert told(created("/etc/x", _archive="/tmp/a")) == ["create file /etc/x"]


def test_nothing_is_told_of_nothing() -> None:
    assert render_diffs([], MemoryHost()) == []
