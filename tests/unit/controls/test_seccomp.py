"""The sessions' filter: how much it allows, every rule by its value, and what the operator cannot add."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.calls import UNFILTERABLE, SeccompError
from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.profile import (
    LOG_FLAG,
    SeccompPolicy,
    count_allowed,
    parse_additional,
    read_additional,
    render_profile,
    render_record_profile,
)
from ansible_collections.ably.sandbox.tests.role_data import CALLS
from ansible_collections.ably.sandbox.tests.support.system_calls import MOST_ALLOWED

POLICY = SeccompPolicy(CALLS, "x86_64", CALLS.names)
EQUAL, MASKED = "SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ"
UNIX, INET, INET6, NETLINK = 1, 2, 10, 16


def profile_of(policy: SeccompPolicy = POLICY) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render_profile(policy))
    return found


def rules_for(name: str) -> list[list[tuple[int, str, int, int]]]:
    """Each rule's conditions: index, operation, value, second value."""
    entries = [entry for entry in profile_of()["syscalls"] if entry["names"] == [name]]
    assert all(entry["action"] == "SCMP_ACT_ALLOW" for entry in entries)
    return [[(a["index"], a["op"], a["value"], a["valueTwo"]) for a in entry["args"]] for entry in entries]


def names_with(action: str, profile: dict[str, Any]) -> list[str]:
    return [name for entry in profile["syscalls"] if entry["action"] == action for name in entry["names"]]


def test_the_budget_is_kept() -> None:
    allowed = set(names_with("SCMP_ACT_ALLOW", profile_of()))
    assert len(allowed) == count_allowed(POLICY) <= MOST_ALLOWED


def test_no_name_is_there_twice() -> None:
    names = [*CALLS.allowed, *CALLS.ruled, *CALLS.killed, *UNFILTERABLE]
    assert sorted(set(names)) == sorted(names)


def test_what_stands_in_no_list_is_refused_with_eperm() -> None:
    profile = profile_of()
    assert (profile["defaultAction"], profile["defaultErrnoRet"]) == ("SCMP_ACT_ERRNO", 1)
    assert not {name for name in CALLS.names if name.startswith("io_uring")}


@pytest.mark.parametrize(("machine", "name"), [("x86_64", "SCMP_ARCH_X86_64"), ("aarch64", "SCMP_ARCH_AARCH64")])
def test_there_is_one_architecture(machine: str, name: str) -> None:
    profile = profile_of(replace(POLICY, architecture=machine))
    assert profile["architectures"] == [name]
    assert "archMap" not in profile


def test_another_architecture_is_refused() -> None:
    with pytest.raises(SeccompError, match="expected aarch64 or x86_64, found riscv64"):
        render_profile(replace(POLICY, architecture="riscv64"))


def test_clone3_is_not_there() -> None:
    (entry,) = [entry for entry in profile_of()["syscalls"] if "clone3" in entry["names"]]
    assert (entry["action"], entry["errnoRet"]) == ("SCMP_ACT_ERRNO", 38)


def test_tripwires_kill() -> None:
    assert names_with("SCMP_ACT_KILL_PROCESS", profile_of()) == list(CALLS.killed)


def test_refusals_are_logged_only_where_that_works() -> None:
    assert "flags" not in profile_of()
    assert profile_of(replace(POLICY, logs_denials=True))["flags"] == [LOG_FLAG]


def test_the_same_policy_gives_the_same_text() -> None:
    assert render_profile(replace(POLICY, known=frozenset(CALLS.names))) == render_profile(
        replace(POLICY, known=tuple(reversed(CALLS.names)))
    )


def test_calls_that_the_host_does_not_know_are_left_out() -> None:
    known = [name for name in CALLS.names if name not in {"openat", "clone", "open_tree_attr", "clone3"}]
    text = render_profile(replace(POLICY, known=known))
    assert not [name for name in ("openat", "clone", "open_tree_attr", "clone3") if f'"{name}"' in text]
    assert all(entry["names"] for entry in json.loads(text)["syscalls"])


def test_sockets() -> None:
    def typed(family: int, kind: int, protocol: int) -> list[tuple[int, str, int, int]]:
        return [(0, EQUAL, family, 0), (1, MASKED, 0xF, kind), (2, EQUAL, protocol, 0)]

    assert rules_for("socket") == [
        [(0, EQUAL, UNIX, 0)],
        *(typed(family, 1, protocol) for family in (INET, INET6) for protocol in (0, 6)),
        *(typed(family, 2, protocol) for family in (INET, INET6) for protocol in (0, 17)),
        [(0, EQUAL, NETLINK, 0), (2, EQUAL, 0, 0)],
    ]
    assert rules_for("socketpair") == [[(0, EQUAL, UNIX, 0)]]


def test_clone_makes_no_namespace() -> None:
    assert rules_for("clone") == [[(0, MASKED, 0x7E020000, 0)]]


def test_ioctl() -> None:
    """By value: terminals (0x54..), two questions about interfaces (0x89..), FICLONE, TCGETS2 and its like."""
    rules = rules_for("ioctl")
    assert all(len(rule) == 1 and rule[0][:2] == (1, EQUAL) for rule in rules)
    assert [rule[0][2] for rule in rules] == [
        0x5401, 0x5402, 0x5403, 0x5404, 0x5409, 0x540A, 0x540B, 0x540E, 0x540F, 0x5410, 0x5411, 0x5413, 0x5414,
        0x541B, 0x5421, 0x5422, 0x5429, 0x5441, 0x5450, 0x5451, 0x8910, 0x8933,
        0x40045431, 0x40049409, 0x402C542B, 0x402C542C, 0x402C542D, 0x80045430, 0x802C542A,
    ]  # fmt: skip
    assert not {0x5412, 0x541C} & {rule[0][2] for rule in rules}


def test_prctl() -> None:
    rules = rules_for("prctl")
    assert all(len(rule) == 1 and rule[0][:2] == (0, EQUAL) for rule in rules)
    assert [rule[0][2] for rule in rules] == [1, 2, 3, 15, 16, 21, 23, 36, 38, 39, 0x53564D41]


def test_no_rule_is_moot_and_none_has_two_conditions_on_an_argument() -> None:
    assert not set(CALLS.ruled) & set(CALLS.allowed)
    for entry in profile_of()["syscalls"]:
        indices = [argument["index"] for argument in entry.get("args", ())]
        assert len(set(indices)) == len(indices)


def test_the_operators_calls_are_allowed() -> None:
    policy = replace(
        POLICY, known=(*CALLS.names, "inotify_init1"), additional=parse_additional(["inotify_init1"], CALLS)
    )
    assert "inotify_init1" in names_with("SCMP_ACT_ALLOW", profile_of(policy))
    assert read_additional(render_profile(policy)) == ("inotify_init1",)
    assert read_additional(render_profile(POLICY)) == ()


def test_an_operators_call_that_the_host_does_not_know_is_named() -> None:
    with pytest.raises(SeccompError, match=r"sandbox_seccomp_additional: .* does not know inotify_init9"):
        render_profile(replace(POLICY, additional=("inotify_init9",)))


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["Mount"], "expected the name of a system call, such as inotify_init1, found 'Mount'"),
        (["a b"], "expected the name"),
        ([""], "expected the name"),
        (["inotify_init1\n"], "expected the name"),
        (["ptrace"], "ptrace is a call that kills whoever makes it"),
        (["socket"], "socket is allowed with some arguments, and must not be with all"),
        (["ioctl"], "ioctl is allowed with some arguments"),
        (["clone3"], "clone3 hides from the filter"),
        (["io_uring_setup"], "io_uring_setup hides from the filter"),
        (["openat"], "openat is allowed as it is"),
        (["eventfd", "eventfd"], "eventfd is there twice"),
        (["mount", "X"], "mount is a call that kills.*; expected the name"),
    ],
)
def test_what_cannot_be_added(names: list[str], words: str) -> None:
    with pytest.raises(SeccompError, match=f"sandbox_seccomp_additional: .*{words}"):
        parse_additional(names, CALLS)


def test_recording_does_what_would_be_refused_and_still_kills() -> None:
    profile = json.loads(render_record_profile(render_profile(replace(POLICY, logs_denials=True))))
    assert profile["defaultAction"] == "SCMP_ACT_LOG"
    assert "defaultErrnoRet" not in profile
    assert profile["flags"] == [LOG_FLAG]
    assert profile["syscalls"][:-1] == profile_of()["syscalls"]
    assert profile["syscalls"][-1]["names"] == ["io_uring_setup", "io_uring_enter", "io_uring_register"]
    assert (profile["syscalls"][-1]["action"], profile["syscalls"][-1]["errnoRet"]) == ("SCMP_ACT_ERRNO", 1)
