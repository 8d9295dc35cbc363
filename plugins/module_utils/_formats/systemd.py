"""What systemd says about units, as values. Source: `systemctl show`, systemd 252 and 257."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .._engine.errors import SandboxError
from .resource_facts import UnitFacts

# Asked for in one call for all units. Id comes first in no release: the order is systemd's own.
PROPERTIES = (
    "Id",
    "LoadState",
    "ActiveState",
    "SubState",
    "UnitFileState",
    "NeedDaemonReload",
    "InvocationID",
    "StateChangeTimestampMonotonic",
)

# A unit that reloads or starts is on its way to being active; whoever waits for it waits on `systemctl`.
RUNS = frozenset({"active", "reloading", "refreshing", "activating"})
# One that has ended and is to be started again is `activating` too, for as long as it keeps failing.
_ENDED = frozenset({"auto-restart", "auto-restart-queued"})
# Settings that `systemctl enable`, `disable` and `mask` can bring about. Others are properties of the unit's file.
SETTABLE = frozenset({"enabled", "disabled", "masked"})


@dataclass(frozen=True)
class UnitStatus:
    """One unit. `load` is `loaded`, `not-found`, `masked`, …; `enabled` is empty where there is no unit file."""

    name: str
    load: str
    active: str
    enabled: str
    is_stale: bool
    invocation: str
    changed: str
    sub: str = ""

    @property
    def is_active(self) -> bool:
        return self.active in RUNS and self.sub not in _ENDED

    @property
    def is_stopped(self) -> bool:
        """And stays so by itself."""
        return self.active in {"inactive", "failed"}

    @property
    def facts(self) -> UnitFacts:
        return UnitFacts(self.enabled or "disabled", "active" if self.is_active else "inactive")

    @property
    def token(self) -> str:
        """Another one after a start, a restart and a reload."""
        return f"{self.invocation} {self.changed}"


def parse_show(text: str, names: Sequence[str]) -> tuple[UnitStatus, ...]:
    """What `systemctl show` printed for these names, one block each, in their order.

    An alias is answered with the Id of the unit that it stands for, so the order counts, not the Id.
    """
    blocks = [block for block in text.split("\n\n") if block.strip()]
    if len(blocks) != len(names):
        raise SandboxError(f"systemctl show: expected {len(names)} units, found {len(blocks)}")
    return tuple(_parse_block(block, name) for block, name in zip(blocks, names))


def _parse_block(block: str, name: str) -> UnitStatus:
    values = dict(line.split("=", 1) for line in block.strip().splitlines() if "=" in line)
    return UnitStatus(
        name=name,
        load=values.get("LoadState", ""),
        active=values.get("ActiveState", ""),
        enabled=values.get("UnitFileState", ""),
        is_stale=values.get("NeedDaemonReload") == "yes",
        invocation=values.get("InvocationID", ""),
        changed=values.get("StateChangeTimestampMonotonic", ""),
        sub=values.get("SubState", ""),
    )


def plan_commands(before: UnitStatus, desired: UnitFacts) -> tuple[tuple[str, ...], ...]:
    """The calls of `systemctl`, without the program's name, from a unit's status to the desired facts.

    A unit is stopped before it is disabled and enabled before it is started, so that a reboot in between leaves it off.
    """
    calls: list[tuple[str, ...]] = []
    if desired.active == "inactive" and not before.is_stopped:
        calls.append(("stop", before.name))
    calls += _enabling(before, desired.enabled)
    if desired.active == "active" and not before.is_active:
        # A unit that failed too often is refused a start until its count is cleared.
        calls += [("reset-failed", before.name)] if before.active == "failed" else []
        calls.append(("start", before.name))
    return tuple(calls)


def _enabling(before: UnitStatus, enabled: str | None) -> list[tuple[str, ...]]:
    there = before.enabled or "disabled"
    if enabled is None or enabled == there:
        return []
    if enabled not in SETTABLE:
        raise SandboxError(
            f"unit {before.name}: is {there}, was {enabled}; that is a matter of its file, not of systemctl",
            "put the unit's file back, then `systemctl daemon-reload`",
        )
    if enabled == "masked":
        return [("mask", before.name)]
    lifted: list[tuple[str, ...]] = [("unmask", before.name)] if there == "masked" else []
    return [*lifted, ("enable" if enabled == "enabled" else "disable", before.name)]
