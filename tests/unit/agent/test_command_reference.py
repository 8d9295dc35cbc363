"""The command reference has every subcommand, each argument that its parser takes, and every key of the status."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import re
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._agent import cli
from ansible_collections.ably.sandbox.plugins.module_utils._agent.verify import Report
from ansible_collections.ably.sandbox.plugins.module_utils._system.status import Status
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO

PAGE = (REPO / "docs" / "commands.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `([\w-]+)`\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL))
# They read what little they take themselves, and have it in their usage.
WITHOUT_PARSER = {"session", "serve", "watch"}


class Caught(Exception):
    """A parser that was about to read its arguments."""


def read_arguments(subcommand: str, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """As the page writes them: an option with what it takes, or what stands for a value."""

    def catch(parser: argparse.ArgumentParser, *_: Any) -> None:
        raise Caught(parser)

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", catch)
    module = importlib.import_module(f"{cli.__package__}.{cli._SUBCOMMANDS[subcommand][0]}")
    with pytest.raises(Caught) as caught:
        module.main([])
    actions = caught.value.args[0]._actions
    return {render(action) for action in actions if not isinstance(action, argparse._HelpAction)}


def render(action: argparse.Action) -> str:
    value = action.metavar or action.dest.upper()
    # Where there are few values, argparse would name them all.
    value = "N" if action.choices else str(value)
    takes = "" if action.nargs == 0 else value
    return " ".join(part for part in (*action.option_strings, takes) if part)


def documented(subcommand: str) -> set[str]:
    return set(re.findall(r"^\| `([^`]+)` \|", SECTIONS[subcommand], re.MULTILINE))


def test_it_has_every_subcommand_and_no_other() -> None:
    assert set(SECTIONS) == set(cli._SUBCOMMANDS)


@pytest.mark.parametrize("subcommand", sorted(set(cli._SUBCOMMANDS) - set(WITHOUT_PARSER)))
def test_it_has_the_arguments_that_the_parser_takes(subcommand: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert documented(subcommand) == read_arguments(subcommand, monkeypatch)


@pytest.mark.parametrize("subcommand", ["session", "serve"])
def test_it_has_what_the_usage_says(subcommand: str, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main([subcommand, "--help"])
    said = "".join(capsys.readouterr())
    assert documented(subcommand) == set(re.findall(r"\[(--[\w-]*(?: COMMAND)?)", said))


def test_watch_takes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert documented("watch") == set()
    assert cli.main(["watch", "--help"]) != 0
    assert "expected no arguments" in capsys.readouterr().err


def test_it_has_the_keys_of_the_status() -> None:
    table = PAGE.partition("## Status as JSON")[2].partition("\n## ")[0]
    keys = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert keys == [field.name for field in dataclasses.fields(Status)]


def test_it_has_the_keys_of_the_report() -> None:
    (row,) = re.findall(r"^\| `--json` \|(.*)", SECTIONS["verify"], re.MULTILINE)
    assert re.findall(r"`(\w+)`", row) == [field.name for field in dataclasses.fields(Report)]
