"""Kills a real process at every step that touches the outside, and says what did not hold afterwards.

Run as a program: `crash_driver.py SCENARIO FOLDER EVERY FIRST`, which kills at every so many steps from the first on,
counted from 1. Each victim is a fork of this process that ends by SIGKILL. The answer is one JSON object on standard
output: how many steps there are, at how many it killed, and what failed at which.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import Engine, RollbackWish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._system.commands import ENVIRONMENT
from ansible_collections.ably.sandbox.tests.integration.engine.scratch import (
    QuietOutside,
    Scratch,
    base_control,
    extra_control,
)

Act = Callable[[Engine], bool]
_PR_SET_CHILD_SUBREAPER = 36


def apply_first(engine: Engine) -> bool:
    outcomes = [engine.apply(base_control("first")), engine.apply(extra_control())]
    return any(outcome.changed for outcome in outcomes)


def apply_second(engine: Engine) -> bool:
    outcomes = [engine.apply(base_control("second")), engine.apply(extra_control())]
    return any(outcome.changed for outcome in outcomes)


def edit(engine: Engine) -> bool:
    """Somebody makes by hand, past the ledger, what the second edition wishes of a file."""
    del engine
    (Path(os.environ["FAKE_ROOT"]) / "etc/svc.conf").write_text("mode = second\n")
    return True


def apply_sick(engine: Engine) -> bool:
    """Everything is written, then found to be unhealthy, and taken back."""
    try:
        engine.apply(base_control("second", health=("false",)))
    except SandboxError as error:
        if "undoing it failed" in str(error):
            raise
        return False
    raise SandboxError("the unhealthy control was accepted")


def apply_on_trial(engine: Engine) -> bool:
    return engine.apply(replace(base_control("second"), is_risky=True)).changed


def confirm(engine: Engine) -> bool:
    return engine.confirm(must_be_new=False) is not None


def revert(engine: Engine) -> bool:
    outcome = engine.revert()
    if outcome is not None and outcome.kept:
        raise SandboxError(f"kept: {outcome.kept}")
    return outcome is not None


def roll_back(engine: Engine) -> bool:
    outcomes = engine.roll_back(RollbackWish())
    kept = [reason for outcome in outcomes for reason in outcome.kept]
    if kept:
        raise SandboxError(f"kept: {kept}")
    return bool(outcomes)


@dataclass(frozen=True)
class Scenario:
    """What was done before, what is killed, what is run to go on after that, and what to go back to the first state.

    `arrives`: whether what is killed would have arrived, or failed and been taken back.
    """

    prepare: tuple[Act, ...]
    act: Act
    on: tuple[Act, ...]
    back: tuple[Act, ...]
    arrives: bool = True


SCENARIOS = {
    "apply": Scenario((), apply_first, (apply_first,), (roll_back,)),
    "rollback": Scenario((apply_first,), roll_back, (roll_back,), (apply_first, roll_back)),
    "change": Scenario((apply_first,), apply_second, (apply_second,), (roll_back,)),
    "met": Scenario((apply_first, edit), apply_second, (apply_second,), (apply_second, roll_back)),
    "undo": Scenario((), apply_sick, (apply_sick,), (roll_back,), arrives=False),
    "undo of a change": Scenario((apply_first,), apply_sick, (apply_sick, apply_first), (roll_back,), arrives=False),
    "trial": Scenario((apply_first,), apply_on_trial, (apply_on_trial, confirm), (revert, roll_back)),
    "first trial": Scenario((), apply_on_trial, (apply_on_trial, confirm), (revert, roll_back)),
    "revert": Scenario((apply_first, apply_on_trial), revert, (revert,), (roll_back,)),
}


class CrashingOutside(QuietOutside):
    """Kills this process at the given step. Counts and names them all."""

    def __init__(self, root: str, kill_at: int | None = None) -> None:
        super().__init__(root)
        self.steps: list[str] = []
        self._kill_at = kill_at
        self._is_halfway = False

    def step(self, doing: str, thing: str) -> None:
        self.steps.append(f"{doing} {thing}")
        if len(self.steps) == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def write_some(self, descriptor: int, data: memoryview) -> int:
        """In two parts, and a step between them: a write can be cut off anywhere."""
        if self._is_halfway:
            self._is_halfway = False
            self.step("write on", str(descriptor))
            return super().write_some(descriptor, data)
        self._is_halfway = len(data) > 1
        return super().write_some(descriptor, data[: (len(data) + 1) // 2])


class Driver:
    def __init__(self, scenario: Scenario, folder: Path) -> None:
        self._scenario = scenario
        self._folder = folder
        self._template = Scratch(folder / "template").build()
        self._initial = self._template.fingerprint()
        self._run(self._template, *scenario.prepare)
        (self._template.systemd / "log").write_bytes(b"")
        self._arrived: dict[str, tuple[object, ...]] = {}
        self._restarts = 0

    def drive(self, every: int, first: int) -> dict[str, object]:
        steps = self._rehearse()
        points = list(enumerate(steps, 1))[first - 1 :: every]
        failures: list[str] = []
        for number, step in points:
            for check in (self._check_on, self._check_back):
                host = self._kill(number)
                try:
                    problem = check(host)
                except (SandboxError, OSError) as error:
                    problem = f"{type(error).__name__}: {error}"
                if problem:
                    failures.append(f"{number} ({step}), {check.__name__}: {problem}")
                shutil.rmtree(host.folder)
        failed = {failure.split(" ")[0] for failure in failures}
        held = len(points) - len(failed)
        return {"steps": len(steps), "points": len(points), "held": held, "failures": failures}

    def _rehearse(self) -> list[str]:
        """The steps of an undisturbed run, and where it arrives."""
        host = self._copy()
        outside = CrashingOutside(str(host.root))
        self._environ(host)
        self._scenario.act(host.engine(outside))
        outside.step("end", "of the run")
        self._restarts = host.restarts()
        self._run(host, *self._scenario.on)
        self._arrived = host.fingerprint(times=False, ledger=False)
        shutil.rmtree(host.folder)
        return outside.steps

    def _kill(self, number: int) -> Scratch:
        host = self._copy()
        self._environ(host)
        victim = os.fork()
        if victim == 0:
            try:
                outside = CrashingOutside(str(host.root), number)
                self._scenario.act(host.engine(outside))
                outside.step("end", "of the run")
            finally:
                os._exit(1)
        _unused, status = os.waitpid(victim, 0)
        self._reap_orphans()
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            raise SystemExit(f"step {number}: the victim was not killed, status {status}")
        return host

    def _check_on(self, host: Scratch) -> str:
        """The same again arrives where an undisturbed run does, with as many restarts; then there is nothing to do."""
        self._run(host, *self._scenario.on)
        arrived = host.fingerprint(times=False, ledger=False)
        if arrived != self._arrived:
            return _compare(self._arrived, arrived)
        if host.has_stale_service():
            return "the service has not read what is there"
        if self._scenario.arrives and host.restarts() != self._restarts:
            return f"{host.restarts()} restarts, expected {self._restarts}"
        return self._check_again(host)

    def _check_again(self, host: Scratch) -> str:
        act = self._scenario.on[-1]
        if act is apply_sick:
            return ""
        before = host.fingerprint()
        outside = CrashingOutside(str(host.root))
        changed = act(host.engine(outside))
        written = [
            step for step in outside.steps if "ably-sandbox.lock" not in step and not step.startswith("write on")
        ]
        if changed or written or host.fingerprint() != before:
            return f"the second run was not a no-op: changed {changed}, steps {written}"
        return ""

    def _check_back(self, host: Scratch) -> str:
        """The way back restores the first state to the byte, and the service has read it."""
        so_far = host.restarts()
        self._run(host, *self._scenario.back)
        there = host.fingerprint()
        if there != self._initial:
            return _compare(self._initial, there)
        if host.has_stale_service():
            return "the service has not read what is there"
        if host.restarts() - so_far > len(self._scenario.back):
            return f"{host.restarts() - so_far} restarts on the way back"
        return ""

    def _run(self, host: Scratch, *acts: Act) -> None:
        self._environ(host)
        for act in acts:
            act(host.engine(QuietOutside(str(host.root))))

    def _copy(self) -> Scratch:
        host = Scratch(self._folder / "case")
        subprocess.run(("cp", "-a", str(self._template.folder), str(host.folder)), check=True)
        return host

    @staticmethod
    def _environ(host: Scratch) -> None:
        os.environ.update(host.environment())
        ENVIRONMENT.update(host.environment())

    @staticmethod
    def _reap_orphans() -> None:
        """A killed run's command goes on without it: wait for its end, as the next run would find it by then."""
        try:
            while True:
                os.waitpid(-1, 0)
        except ChildProcessError:
            pass


def _compare(expected: dict[str, tuple[object, ...]], found: dict[str, tuple[object, ...]]) -> str:
    paths = sorted(path for path in {*expected, *found} if expected.get(path) != found.get(path))
    return "; ".join(f"{path}: expected {expected.get(path)}, found {found.get(path)}" for path in paths[:4])


def main() -> None:
    scenario, folder, every, first = sys.argv[1:]
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    print(json.dumps(Driver(SCENARIOS[scenario], Path(folder)).drive(int(every), int(first))))


if __name__ == "__main__":
    main()
