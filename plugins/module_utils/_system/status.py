"""What a host says of itself: its level, its controls, what is open, what drifted. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from .._controls.registry import find_lacking, find_role, level_reached
from .._engine.drift import Drift, describe_drift, find_drift
from .._engine.ledger import fold
from .._engine.ports import Host, Store


@dataclass(frozen=True)
class Status:
    """`lacking` names the level's controls that the host is without: those of a newer release, until it has run.

    `resources` counts what the ledger remembers; `unfinished` names the controls whose run was cut off.

    `on_trial` names the control that waits to be confirmed; empty when none does. `unproven`: since when the host has
    changed without a session having been opened on it; `proven`: when one was; `warning`: what did not answer then.

    `drift`: a sentence for each resource: control, object, what was expected, what was found, what to do.
    """

    level: int
    applied: tuple[str, ...]
    unfinished: tuple[str, ...]
    resources: int
    drift: tuple[str, ...]
    lacking: tuple[str, ...] = ()
    on_trial: str = ""
    unproven: str = ""
    proven: str = ""
    warning: str = ""


def read_status(host: Host, store: Store) -> Status:
    """Raises SandboxError when the ledger or a resource cannot be read."""
    ledger = fold(store.read())
    observed = {resource: host.observe(resource) for resource, memory in ledger.memories.items() if memory.written}
    return Status(
        level=level_reached(ledger.applied),
        applied=tuple(str(owner) for owner in ledger.applied),
        lacking=find_lacking(ledger.applied),
        unfinished=tuple(str(owner) for owner in ledger.applying),
        resources=len(ledger.memories),
        on_trial=str(ledger.trial.owner) if ledger.trial else "",
        unproven=ledger.unproven,
        proven=ledger.proof.at if ledger.proof else "",
        warning=ledger.proof.warning if ledger.proof else "",
        drift=tuple(_tell(drift, host) for drift in find_drift(ledger, observed)),
    )


def _tell(drift: Drift, host: Host) -> str:
    return f"{describe_drift(drift, host)}; run the playbook again, --tags {find_role(drift.owner)} is enough"
