"""Records of refused calls, as Debian's kernels write them, and the list that is proposed from them."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.profile import ProfileCalls
from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.records import (
    CallRecord,
    Findings,
    parse_call_record,
    render_findings,
    sort_records,
)
from ansible_collections.ably.sandbox.tests.unit.case_files import read_case

X86_64, I386 = 0xC000003E, 0x40000003
NAMES = {41: "socket", 165: "mount", 254: "inotify_add_watch", 294: "inotify_init1", 435: "clone3", 1: "write"}

PROFILE = ProfileCalls(frozenset({"write"}), frozenset({"socket"}), frozenset({"mount"}))


def records(*numbers: int, arch: int = X86_64) -> list[CallRecord]:
    return [CallRecord(60600, arch, number) for number in numbers]


def test_recorded_lines() -> None:
    found = [parse_call_record(line) for line in read_case("audit/seccomp-6.12.txt").splitlines()]
    assert found == [
        CallRecord(60600, X86_64, 165),
        CallRecord(60601, X86_64, 41),
        CallRecord(60600, X86_64, 294),
        CallRecord(60600, I386, 20),
        CallRecord(60602, X86_64, 435),
        None,
        None,
    ]


def test_calls_are_sorted_by_what_is_to_be_done() -> None:
    found = sort_records(
        [*records(294, 254, 254, 41, 165, 435, 1, 999), *records(1, arch=I386)], X86_64, NAMES.get, PROFILE
    )
    assert found == Findings(
        missing=("inotify_add_watch", "inotify_init1"),
        with_other_arguments=("socket",),
        tripwires=("mount",),
        done_without=("clone3",),
        nameless=("1 of architecture 40000003", "999 of architecture c000003e"),
    )


def test_the_proposal_is_a_diff() -> None:
    assert render_findings(Findings(missing=("inotify_add_watch", "inotify_init1")), ("eventfd", "inotify_init1")) == (
        "--- present\n+++ proposed\n@@ -1,3 +1,4 @@\n sandbox_seccomp_additional:\n   - eventfd\n   - inotify_init1\n"
        "+  - inotify_add_watch\n"
    )


def test_the_first_proposal_replaces_the_empty_list() -> None:
    assert render_findings(Findings(missing=("eventfd",)), ()) == (
        "--- present\n+++ proposed\n@@ -1 +1,2 @@\n-sandbox_seccomp_additional: []\n"
        "+sandbox_seccomp_additional:\n+  - eventfd\n"
    )


@pytest.mark.parametrize(
    ("findings", "note"),
    [
        (
            Findings(with_other_arguments=("ioctl", "socket")),
            "# allowed with other arguments only, and not proposed: ioctl, socket",
        ),
        (Findings(tripwires=("mount",)), "# killed the program, and not proposed: mount"),
        (Findings(done_without=("clone3",)), "# always refused, programs do without: clone3"),
        (Findings(nameless=("1 of x",)), "# of another architecture, or without a name: 1 of x"),
    ],
)
def test_what_is_never_proposed(findings: Findings, note: str) -> None:
    assert render_findings(findings, ("eventfd",)) == f"# nothing is missing\n{note}\n"
