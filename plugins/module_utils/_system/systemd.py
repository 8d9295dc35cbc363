"""Asking systemd about units, and making changed files live."""

from __future__ import annotations

import time
from collections.abc import Sequence

from .._engine.errors import DownError, SandboxError
from .._engine.resources import Activation
from .._formats.systemd import RUNS
from .commands import last_lines, run_command
from .outside import Outside

# Docker takes its time to stop its containers: systemd itself gives a unit 90 s for each way.
_PATIENCE = 200.0
_POLL = 0.2
# Else `enable` and `disable` turn the links of an init script of the same name, which systemd itself never reads.
_WITHOUT_SYSV = {"SYSTEMCTL_SKIP_SYSV": "1"}


class Systemd:
    """The host's systemd. Observing asks; everything else goes through the outside."""

    def __init__(self, outside: Outside, patience: float = _PATIENCE) -> None:
        self._outside = outside
        self._patience = patience

    def show(self, unit: str, *properties: str) -> dict[str, str]:
        """The unit's properties as systemd has them; a unit that is not there has LoadState `not-found`."""
        command = ("systemctl", "show", f"--property={','.join(properties)}", "--", unit)
        pairs = (line.partition("=") for line in run_command(command).out.splitlines())
        found = {name: value for name, _unused, value in pairs}
        return {name: found.get(name, "") for name in properties}

    def run(self, *arguments: str, accept: Sequence[int] = (0,)) -> None:
        """A systemctl command that changes something."""
        self._outside.run(("systemctl", *arguments), accept=accept, timeout=self._patience, environment=_WITHOUT_SYSV)

    def token(self, activation: Activation) -> str:
        """Another value once the activation was carried out. A daemon-reload has none: done twice it does no harm."""
        if not activation.unit:
            return ""
        if activation.verb == "restart":
            return self.show(activation.unit, "InvocationID")["InvocationID"]
        facts = self.show(activation.unit, "InvocationID", "StateChangeTimestampMonotonic")
        return " ".join(facts.values())

    def activate(self, activation: Activation) -> None:
        """Carry it out and wait until the unit runs again. A unit that was stopped on purpose stays so.

        One that has failed is started: it may have failed over the very file that was mended. Raises DownError when it
        ran, or had failed, and does not run afterwards.
        """
        if activation.verb == "daemon-reload":
            self.run("daemon-reload")
            return
        found = self.show(activation.unit, "ActiveState", "NeedDaemonReload")
        state = found["ActiveState"]
        if found["NeedDaemonReload"] == "yes" and activation.verb == "restart":
            # What was judged are the unit's files, and the next boot goes by them as well.
            self.run("daemon-reload")
        if state == "failed" or (state in RUNS and activation.verb == "restart"):
            # Also makes systemd forget how often the unit has been started lately: one that fell over a file again and
            # again would not be started once more with a mended one.
            self.run("reset-failed", "--", activation.unit)
        if state == "failed":
            self._change(activation.unit, "restart")
        elif state in RUNS:
            self._change(activation.unit, "try-restart" if activation.verb == "restart" else "try-reload-or-restart")

    def _change(self, unit: str, verb: str) -> None:
        try:
            self.run(verb, "--", unit)
        except SandboxError as error:
            raise self._failed(unit, f"{unit}: {verb} failed: {self.explain(unit)}") from error
        try:
            self.wait_active(unit)
        except SandboxError as error:
            raise self._failed(unit, error.message) from error

    def _failed(self, unit: str, said: str) -> SandboxError:
        """A service that is not to be had may be all that others on the host live by: that is said first."""
        look = f"systemctl status {unit}"
        if self.show(unit, "ActiveState")["ActiveState"] == "active":
            return SandboxError(said, look)
        start = f"systemctl reset-failed {unit}; systemctl start {unit}"
        first = (
            f"{unit} does not run: mend what its journal names (journalctl -u {unit}), then start it with `{start}`."
        )
        return DownError(first, said, look)

    def wait_active(self, unit: str) -> None:
        """Return when the unit is active. Raises SandboxError with its last words when it fails or takes too long."""
        deadline = time.monotonic() + self._patience
        while True:
            state = self.show(unit, "ActiveState")["ActiveState"]
            if state == "active":
                return
            if state not in RUNS or time.monotonic() > deadline:
                said = self.explain(unit)
                raise SandboxError(f"{unit}: is {state}, expected active: {said}", f"systemctl status {unit}")
            time.sleep(_POLL)

    def explain(self, unit: str) -> str:
        """The last lines that the unit wrote to the journal."""
        command = ("journalctl", "--unit", unit, "--lines=8", "--output=cat", "--no-pager", "--quiet")
        try:
            return last_lines(run_command(command))
        except SandboxError as error:
            return str(error)
