"""A Python on a host that is too old for us, or even for what Ansible puts around a module, ends in a sentence."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ansible_collections.ably.sandbox.plugins.action import preflight_info, rollback, status_info
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.problems import OLDEST_PYTHON
from ansible_collections.ably.sandbox.plugins.plugin_utils.first_contact import FirstContactAction
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO, list_python, parse
from ansible_collections.ably.sandbox.tests.unit.controller.stand import Controller

GATE = "plugins/module_utils/_ansible/__init__.py"
ROOM = "ansible_collections.ably.sandbox.plugins.module_utils._ansible."
TOLD = "python: found {} ({}), expected 3.9 or newer; set ansible_python_interpreter to one. Nothing was changed."
# Of ansible-core that is tested: what is older does not get as far as a module of ours.
OLDEST_OF_ANSIBLE = (3, 8)
# Answers as a Python of its version: its grammar does not know what Ansible sends.
OLD = """#!/bin/sh
[ "$1" = -c ] && echo {} && exit
echo 'SyntaxError: future feature annotations is not defined' >&2
exit 1
"""


def run_gate() -> None:
    exec(compile((REPO / GATE).read_text(encoding="utf-8"), GATE, "exec"), {})


def test_the_gate_refuses(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 8, 18, "final", 0))
    with pytest.raises(SystemExit) as ended:
        run_gate()
    answer = json.loads(capsys.readouterr().out)
    assert (ended.value.code, answer["failed"], answer["msg"]) == (1, True, TOLD.format("3.8.18", sys.executable))


def test_the_gate_lets_in(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (*OLDEST_PYTHON, 0, "final", 0))
    run_gate()
    assert capsys.readouterr().out == ""


def test_every_module_comes_through_the_gate() -> None:
    """It imports nothing of ours before, and an old Python can read it."""
    ast.parse((REPO / GATE).read_text(encoding="utf-8"), feature_version=(3, 7))
    for path in list_python("plugins/modules/"):
        ast.parse((REPO / path).read_text(encoding="utf-8"), feature_version=OLDEST_OF_ANSIBLE)
        imported = [node.module or "" for node in parse(path).body if isinstance(node, ast.ImportFrom)]
        ours = [module for module in imported if module.startswith("ansible_collections.")]
        assert not ours or ours[0].startswith(ROOM), path


def test_a_python_that_is_too_old_for_ansible(tmp_path: Path) -> None:
    hosts, told = [], []
    for version in ("2.7.18", "3.6.15"):
        python = tmp_path / version
        python.write_text(OLD.format(version))
        python.chmod(0o755)
        hosts.append(f"old-{version} ansible_become=false ansible_python_interpreter={python}")
        told.append(TOLD.format(version, python))
    controller = Controller(tmp_path, stand_ins={})
    status, output = controller.play(hosts)
    assert status == 2
    for sentence in told:
        assert sentence in output


@pytest.mark.parametrize("action", [preflight_info, rollback, status_info])
def test_what_each_playbook_runs_first_explains_it(action: ModuleType) -> None:
    assert issubclass(action.ActionModule, FirstContactAction)
