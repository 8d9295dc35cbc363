"""A misspelt variable, level or control is refused by every playbook and by the host's command, first of all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._agent import cli
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO

# Whoever asks this host for anything is told that it has no such Python.
HOST = "here ansible_connection=local ansible_become=false ansible_python_interpreter=/nonexistent/python3"
UNTOUCHED = "/nonexistent/python3"
LEVELS = "variable sandbox_level: found {}, expected 0 to 2"
NOBODY = (
    "hosts: expected at least one that matches sandbocks, found none in this inventory; put the hosts into that group"
)
# Playbook, variables of the command line, and all that is told.
REFUSED = [
    (
        "rollback",
        (
            "sandbox_levl=1",
            "sandbox_rollback_forced=true",
            "sandbox_container_pids=many",
            "sandbox_vpc_id=x",
            "sanbox_egress_subnet=x",
        ),
        (
            "6 problems on this host. Nothing was changed.",
            "variable sandbox_level: found no value, expected a value",
            "variable sandbox_levl: found a name that no role knows, expected a variable of the roles",
            "did you mean sandbox_level?",
            "did you mean sandbox_rollback_force?",
            "did you mean sandbox_egress_subnet?",
            "variable sandbox_vpc_id: found a name that no role knows",
            "variable sandbox_container_pids: found 'many', expected a whole number",
        ),
    ),
    ("rollback", ("sandbox_level=9",), (LEVELS.format(9),)),
    ("rollback", ("sandbox_level=-1",), (LEVELS.format(-1),)),
    ("status", ("sandbox_egress_alowed_names=[]", "sandbox_level=x"), ("sandbox_egress_allowed_names?", "'x'")),
    *((playbook, ("sandbox_hosts=sandbocks", "sandbox_level=1"), (NOBODY,)) for playbook in ("rollback", "site")),
]


def play(
    folder: Path, playbook: str, given: Sequence[str], inventory: str = f"[sandbox]\n{HOST}\n", *more: str
) -> tuple[int, str]:
    hosts = folder / "hosts"
    hosts.write_text(inventory)
    command = [
        str(Path(sys.executable).parent / "ansible-playbook"),
        "-i",
        str(hosts),
        playbook if "/" in playbook else f"ably.sandbox.{playbook}",
        *more,
    ]
    for one in given:
        name, _unused, value = one.partition("=")
        # As a number where it is one: `-e a=1` is a text.
        command += ["-e", f"{{{name}: {value}}}"]
    environment = {**os.environ, "ANSIBLE_CONFIG": str(REPO / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(command, env=environment, cwd=REPO, capture_output=True, text=True, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize(("playbook", "given", "told"), REFUSED)
def test_refused_by_a_playbook(tmp_path: Path, playbook: str, given: Sequence[str], told: Sequence[str]) -> None:
    status, output = play(tmp_path, playbook, given)
    assert status == 2
    assert [text for text in told if text not in output] == [], output
    assert UNTOUCHED not in output


def test_refused_by_site_in_one_report_with_the_host(tmp_path: Path) -> None:
    """The host is this machine: looked at, in check mode."""
    here = "[sandbox]\nhere ansible_connection=local ansible_become=false ansible_python_interpreter=/usr/bin/python3\n"
    given = ("sandbox_levl=1", "sandbox_egress_alowed_names=[]", "sandbox_container_pids=0")
    status, output = play(tmp_path, "site", given, here, "--check", "--tags", "egres")
    assert status == 2
    for text in (
        "variable sandbox_level: found no value",
        "did you mean sandbox_level?",
        "did you mean sandbox_egress_allowed_names?",
        "variable sandbox_container_pids: found 0, expected a whole number from 1",
        "--tags egres: found a tag that no task has",
    ):
        assert text in output
    assert "changed=0" in output


@pytest.mark.parametrize("playbook", ["site", "rollback"])
def test_tags_pass_nothing_over(tmp_path: Path, playbook: str) -> None:
    status, output = play(
        tmp_path, playbook, ["sandbox_hosts=sandbocks", "sandbox_level=1"], f"[sandbox]\n{HOST}\n", "--tags", "egress"
    )
    assert status == 2
    assert NOBODY in output


def test_work_past_preflight_is_refused(tmp_path: Path) -> None:
    started = ("--check", "--start-at-task", "Put the agent on the host")
    status, output = play(tmp_path, "site", ["sandbox_level=1"], f"[sandbox]\n{HOST}\n", *started)
    assert status == 2
    assert "preflight was passed over: found no report of this run" in output
    assert UNTOUCHED not in output


def test_what_is_right_gets_as_far_as_the_host(tmp_path: Path) -> None:
    """Else the others would be refused for another reason."""
    inventory = f"[sandbox]\n{HOST}\n"
    for playbook, more in (("rollback", ("--tags", "egress")), ("status", ("--tags", "egress")), ("site", ())):
        status, output = play(tmp_path, playbook, ["sandbox_level=1"], inventory, *more)
        assert status == 2
        assert UNTOUCHED in output


@pytest.mark.parametrize("playbook", ["site", "rollback", "status"])
def test_an_ansible_core_below_the_oldest_is_refused_first(tmp_path: Path, playbook: str) -> None:
    """As 2.16.19 was, by the same first task; here the bound is above what runs."""
    status, output = play(tmp_path, playbook, ("sandbox_levl=1", "__oldest_core='9.0'"))
    assert status == 2
    assert "expected 9.0 or newer; install a newer one. Nothing was changed." in output, output
    assert "sandbox_levl" not in output


@pytest.mark.parametrize("inventory", ["", f"[others]\n{HOST}\n"])
def test_no_host_is_an_error(tmp_path: Path, inventory: str) -> None:
    status, output = play(tmp_path, "status", [], inventory)
    assert status == 2
    assert "hosts: expected at least one that matches sandbox, found none in this inventory" in output


def test_names_of_others_in_an_inventory_are_a_warning(tmp_path: Path) -> None:
    _unused, output = play(tmp_path, "status", [], f"[sandbox]\n{HOST} sandbox_vpc_id=x\n")
    assert "no role knows sandbox_vpc_id; if it is yours, all is well" in output
    assert UNTOUCHED in output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("rollback",), "the following arguments are required: --to-level"),
        (("rollback", "--to-level", "9"), "invalid choice: 9"),
        (("rollback", "--to-level", "-1"), "--to-level"),
        (("rollback", "--to-levl", "1"), "--to-level"),
        (("rollback", "--to-level", "1", "--control", "egres"), "did you mean egress?"),
        (("rollback", "--to-level", "1", "--control", "x"), "it is one of agent, kernel, packages"),
        (("status", "--jsno"), "unrecognized arguments: --jsno"),
        (("statsu",), "unknown subcommand 'statsu'"),
    ],
)
def test_refused_by_the_command(arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = cli.main(arguments)
    except SystemExit as ended:
        status = int(ended.code or 0)
    assert status == 64
    assert told in capsys.readouterr().err
