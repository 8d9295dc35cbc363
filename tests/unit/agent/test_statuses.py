"""One table of exit statuses: the command reference has what the agent has."""

from __future__ import annotations

import os
import re

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._agent import cli, statuses
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO


def test_the_command_reference_has_all_of_them_and_no_other() -> None:
    table = (REPO / "docs" / "commands.md").read_text(encoding="utf-8").partition("| exit status | means |")[2]
    documented = [int(status) for status in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)]
    assert documented == sorted(value for value in vars(statuses).values() if isinstance(value, int))


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("seccomp-record", "--", "df", "-h"),
        ("seccomp-record", "--seconds", "1", "--", "sh", "--", "--help"),
    ],
)
def test_what_is_for_root_is_refused_to_others(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    name = arguments[0]
    assert cli.main(arguments) == statuses.REFUSED
    assert capsys.readouterr().err == f"ably-sandbox: {name}: has to be run by root; sudo ably-sandbox {name}\n"


@pytest.mark.parametrize("subcommand", ["session", "status"])
def test_everybody_may_ask_what_there_is(
    subcommand: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    try:
        status = cli.main([subcommand, "--help"])
    except SystemExit as ended:  # argparse's way
        status = int(ended.code or 0)
    assert status == statuses.OK
    assert f"usage: ably-sandbox {subcommand}" in capsys.readouterr().out
