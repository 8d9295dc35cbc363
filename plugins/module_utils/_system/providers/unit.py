"""Whether a systemd unit runs, and whether it starts at boot."""

from __future__ import annotations

import time

from ..._engine.errors import RefusedError, SandboxError
from ..._engine.states import State
from ..._engine.steps import Change
from ..._formats.resource_facts import UnitFacts, facts_of
from ..._formats.systemd import PROPERTIES, SETTABLE, UnitStatus, parse_show, plan_commands
from ..commands import run_command
from ..outside import Outside
from ..systemd import Systemd
from .provider import PlainProvider

_SETTLE = 0.3


class UnitProvider(PlainProvider):
    """name: the unit's, of the system's own systemd. facts: UnitFacts."""

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self._systemd = Systemd(outside)

    def observe(self, name: str) -> State:
        return self._status(name).facts.state

    def rehearse(self, change: Change) -> None:
        """What `enable` cannot do is refused. Whether the unit exists cannot be said: its file may come in this run."""
        there, enabled = _read(change.before).enabled, _read(change.after).enabled
        if enabled is not None and enabled not in SETTABLE and enabled != there:
            raise RefusedError(
                f"unit {change.resource.name}: cannot be made {enabled}",
                f"expected one of {', '.join(sorted(SETTABLE))}",
            )

    def swap_one(self, change: Change) -> None:
        name, desired = change.resource.name, _read(change.after)
        for call in plan_commands(self._fresh_status(name, desired), desired):
            self._call(name, call)
        if desired.active == "active":
            self._systemd.wait_active(name)
            # A plain service counts as active before its program is known to run at all.
            time.sleep(_SETTLE)
            self._systemd.wait_active(name)
        elif desired.active == "inactive" and self._status(name).active == "failed":
            # A stopped unit that is remembered as failed is not what was there before.
            self._systemd.run("reset-failed", "--", name)

    def _call(self, name: str, call: tuple[str, ...]) -> None:
        verb, unit = call
        try:
            self._systemd.run(verb, "--", unit)
        except SandboxError as error:
            raise SandboxError(
                f"unit {name}: {verb} failed: {error.message}; it said: {self._systemd.explain(name)}",
                f"systemctl status {name}",
            ) from error

    def _fresh_status(self, name: str, desired: UnitFacts) -> UnitStatus:
        """The status once systemd has read the unit's file. It says when one changed, but not when one is new."""
        status = self._status(name)
        is_needed = desired.enabled in {"enabled", "masked"} or desired.active == "active"
        if status.is_stale or (is_needed and status.load == "not-found"):
            self._systemd.run("daemon-reload")
            return self._status(name)
        return status

    def _status(self, name: str) -> UnitStatus:
        command = ("systemctl", "show", f"--property={','.join(PROPERTIES)}", "--", name)
        return parse_show(run_command(command).out, (name,))[0]


def _read(state: State) -> UnitFacts:
    return facts_of(UnitFacts, state) or UnitFacts()
