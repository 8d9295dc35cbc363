"""The runner of all tests: nothing that fails is lost, and nothing is left running."""

from __future__ import annotations

import importlib.util
import sys
import time
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from ansible_collections.ably.sandbox.tests.unit.checkout import REPO


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    loader = SourceFileLoader("run_all", str(REPO / "tests" / "run-all"))
    spec = importlib.util.spec_from_loader("run_all", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "run_all", module)
    loader.exec_module(module)
    monkeypatch.setattr(module, "REPO", tmp_path)
    return module


def stage(runner: ModuleType, name: str, script: str, *words: str, needs_lab: bool = True) -> object:
    return runner.Stage(name, ("sh", "-c", script, *words), needs_lab)


def test_every_scenario_is_planned(runner: ModuleType) -> None:
    there = {path.parent.name for path in (REPO / "molecule").glob("*/molecule.yml")}
    planned = {one.name for one in runner.plan_queue(REPO)}
    assert planned == {"integration tests", *(f"scenario {name}" for name in there)}
    assert set(runner.ORDER) <= there
    assert {one.name for one in runner.plan_first()} == {"lint", "unit tests", "sanity tests"}


def test_two_stages_run_side_by_side_each_in_its_place(runner: ModuleType, tmp_path: Path) -> None:
    wait = f"for i in $(seq 100); do [ -e {tmp_path}/$1 ] && exit; sleep 0.1; done; exit 1"
    meet = f"echo $ABLY_SANDBOX_LAB_PLACE > {tmp_path}/$0; {wait}"
    run = runner.Run([stage(runner, name, meet, name, other) for name, other in ("ab", "ba")])
    runner.work_side_by_side(run)
    assert (run.passed, run.failed) == (2, [])
    assert {(tmp_path / name).read_text().strip() for name in "ab"} == set(runner.PLACES)


def test_what_needs_no_lab_waits_for_none(runner: ModuleType, tmp_path: Path) -> None:
    wait = f"for i in $(seq 100); do [ -e {tmp_path}/there ] && exit; sleep 0.1; done; exit 1"
    free = stage(runner, "there", f"touch {tmp_path}/there", needs_lab=False)
    run = runner.Run([*(stage(runner, name, wait) for name in "ab"), free])
    runner.work_side_by_side(run)
    assert (run.passed, run.failed) == (3, [])


def test_a_failure_ends_what_runs_beside_it_and_all_that_waits(
    runner: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    slow = stage(runner, "slow", f"trap 'echo put away > {tmp_path}/trace; exit 130' INT; sleep 60 & wait")
    bad = stage(runner, "bad", "sleep 0.5; echo what went wrong; exit 3")
    before = time.monotonic()
    run = runner.Run([slow, bad, stage(runner, "never", f"touch {tmp_path}/never")])
    runner.work_side_by_side(run)
    assert time.monotonic() - before < 30
    assert (run.passed, run.failed) == (0, ["bad"])
    assert (tmp_path / "trace").read_text() == "put away\n"
    assert not (tmp_path / "never").exists()
    said = capfd.readouterr().out
    assert "what went wrong" in said
    assert "bad: FAILED (3)" in said
    assert "slow: stopped" in said


def test_what_failed_is_told_in_short(runner: ModuleType) -> None:
    frame = "  \x1b[2m│\x1b[0m "
    said = (
        f"{frame}>       assert said == 'a'\n"
        f"{frame}E       AssertionError: not a\n"
        f"{frame}tests/test_10.py:12: AssertionError\n"
        f"{frame}FAILED tests/test_10.py::test_a - AssertionError: not a\n"
        "\x1b[31mERROR   \x1b[0m Verifier tests failed\n"
    )
    assert runner.tell(said) == [
        "E       AssertionError: not a",
        "tests/test_10.py:12: AssertionError",
        "FAILED tests/test_10.py::test_a - AssertionError: not a",
        "ERROR    Verifier tests failed",
    ]


def test_a_failure_is_told_again_at_the_end(runner: ModuleType) -> None:
    run = runner.Run([stage(runner, "bad", "echo 'E   what it was'; seq 100; exit 1")])
    runner.work_side_by_side(run)
    assert run.told == ["E   what it was"]


def test_a_stage_that_does_not_end_is_ended(runner: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PATIENCE", 0.5)
    deaf = stage(runner, "deaf", "trap '' INT; while :; do sleep 0.1; done")
    run = runner.Run([deaf, stage(runner, "bad", "sleep 0.3; exit 1")])
    runner.work_side_by_side(run)
    assert run.failed == ["bad"]


def test_a_stage_that_cannot_be_run_has_failed(runner: ModuleType) -> None:
    run = runner.Run([runner.Stage("missing", ("/nonexistent/program",))])
    runner.work_side_by_side(run)
    assert (run.passed, run.failed) == (0, ["missing"])
    assert "cannot be run" in run.told[0]
    assert "/nonexistent/program" in run.told[0]
