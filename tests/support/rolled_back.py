"""Down to level 0: the host is what it was, by the word of a tool that shares no code with the engine."""

from __future__ import annotations

from pathlib import Path

from support.host import LEVEL_1, Host, compare, play
from support.session import OPEN

_TO_LEVEL_0 = ("--extra-vars", "sandbox_level=0")


def assert_goes_back_to(before: dict[str, object], host: Host, folder: Path, *options: str) -> None:
    """`options`: to ansible-playbook."""
    status, output = play("rollback", LEVEL_1, *_TO_LEVEL_0, *options)
    assert status == 0, output
    assert host.call(OPEN)[0] != 0
    differences = compare(before, host.fingerprint(), folder)
    assert differences == "", differences
