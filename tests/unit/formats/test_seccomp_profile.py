"""What becomes of how many system calls, in one line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._formats.seccomp_profile import count_calls


def profile(*entries: dict[str, Any], **more: Any) -> str:
    return json.dumps({"defaultAction": "SCMP_ACT_ERRNO", **more, "syscalls": entries})


def test_calls_are_counted_once_by_what_becomes_of_them() -> None:
    allowed = {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"}
    ruled = [{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": index}]} for index in range(3)]
    missing = {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}
    deadly = {"names": ["bpf", "mount"], "action": "SCMP_ACT_KILL_PROCESS"}
    assert count_calls(profile(allowed, *ruled, missing, deadly, defaultErrnoRet=1)) == (
        "3 allowed (1 of them with some arguments only), 1 refused with errno 38, 2 killed over, "
        "all other system calls refused with errno 1"
    )


def test_what_has_no_word_of_its_own_is_told_as_it_is() -> None:
    traced = {"names": ["read"], "action": "SCMP_ACT_TRACE"}
    assert count_calls(profile(traced)) == "1 SCMP_ACT_TRACE, all other system calls refused"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "text",
        '{"a": "\\"defaultAction\\""}',
        '{"defaultAction": 1}',
        '{"defaultAction": "x", "syscalls": [1]}',
    ],
)
def test_everything_else_is_none(text: str) -> None:
    assert count_calls(text) == ""
