"""Which hosts a playbook works on: those of `sandbox_hosts` within `--limit`, or none, and then it is no success."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.tests.unit.test_typos import HOST, UNTOUCHED, play

_ASIDE = HOST.removeprefix("here ")
INVENTORY = f"""
[sandbox]
h1 {_ASIDE}
h2 {_ASIDE}
[others]
x1 {_ASIDE}
x2 {_ASIDE}
"""
NONE = "hosts: expected at least one that matches sandbox, found none in this inventory within --limit {}; put"
IGNORED = "variable sandbox_hosts: found {0} in the inventory, which chooses no hosts, expected no value there; give"


def reached(output: str) -> list[str]:
    return [name for name in ("h1", "h2", "x1", "x2") if f"[{name}]: FAILED!" in output]


@pytest.mark.parametrize(
    ("playbook", "given", "pattern"),
    [
        ("site", "[all:vars]\nsandbox_hosts=h1\n", "h1"),
        ("rollback", "[all:vars]\nsandbox_hosts=sandbox:others\n", "sandbox:others"),
        ("status", "[sandbox:vars]\nsandbox_hosts=others\n", "others"),
    ],
)
def test_a_pattern_in_the_inventory_is_refused(tmp_path: Path, playbook: str, given: str, pattern: str) -> None:
    status, output = play(tmp_path, playbook, ["sandbox_level=1"], INVENTORY + given)
    assert status == 2
    assert IGNORED.format(pattern) in output
    assert f"-e sandbox_hosts={pattern}. Nothing was changed." in output
    assert UNTOUCHED not in output


def test_a_pattern_that_one_host_alone_has_is_refused(tmp_path: Path) -> None:
    status, output = play(tmp_path, "status", [], INVENTORY.replace("h2 ", "h2 sandbox_hosts=h2 "))
    assert status == 2
    assert IGNORED.format("h2") in output
    assert UNTOUCHED not in output


def test_an_inventory_may_say_what_is_so_anyway(tmp_path: Path) -> None:
    _unused, output = play(tmp_path, "status", ["sandbox_hosts=h1"], f"{INVENTORY}[all:vars]\nsandbox_hosts=sandbox\n")
    assert reached(output) == ["h1"]


def test_a_pattern_from_another_playbook_counts(tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text("- import_playbook: ably.sandbox.status\n  vars: {sandbox_hosts: h2}\n")
    _unused, output = play(tmp_path, str(tmp_path / "mine.yml"), [], INVENTORY)
    assert reached(output) == ["h2"]


@pytest.mark.parametrize(
    ("pattern", "hosts"),
    [("[h1, x2]", ["h1", "x2"]), ("'h1,x2'", ["h1", "x2"]), ("['h*', '!h1']", ["h2"])],
)
def test_a_list_of_patterns_is_taken_as_ansible_takes_it(tmp_path: Path, pattern: str, hosts: list[str]) -> None:
    _unused, output = play(tmp_path, "status", [f"sandbox_hosts={pattern}"], INVENTORY)
    assert reached(output) == hosts


@pytest.mark.parametrize("limit", ["x1,x2", "x1:x2", "x*,!x1"])
def test_a_limit_beside_the_pattern_is_an_error(tmp_path: Path, limit: str) -> None:
    status, output = play(tmp_path, "rollback", ["sandbox_level=0"], INVENTORY, "--limit", limit)
    assert status == 2
    assert NONE.format(limit) in output


@pytest.mark.parametrize(
    ("limit", "hosts"),
    [("!h1", ["h2"]), ("h*,!h2", ["h1"]), ("h1,x1", ["h1"]), ("@{}", ["h2"])],
)
def test_a_limit_within_the_pattern_is_kept(tmp_path: Path, limit: str, hosts: list[str]) -> None:
    (tmp_path / "retry").write_text("h2\nx2\n")
    _unused, output = play(tmp_path, "status", [], INVENTORY, "--limit", limit.format(tmp_path / "retry"))
    assert reached(output) == hosts


def test_a_file_of_hosts_beside_the_pattern_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "retry").write_text("!h1\n!h2\n")
    limit = f"h1,@{tmp_path / 'retry'},x1"
    status, output = play(tmp_path, "status", [], INVENTORY, "--limit", limit)
    assert status == 2
    assert NONE.format(limit) in output
