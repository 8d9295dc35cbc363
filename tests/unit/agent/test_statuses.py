"""One table of exit statuses: the command reference has what the agent has."""

from __future__ import annotations

import re

from ansible_collections.ably.sandbox.plugins.module_utils._agent import statuses
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO


def test_the_command_reference_has_all_of_them_and_no_other() -> None:
    table = (REPO / "docs" / "commands.md").read_text(encoding="utf-8").partition("| exit status | means |")[2]
    documented = [int(status) for status in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)]
    assert documented == sorted(value for value in vars(statuses).values() if isinstance(value, int))
