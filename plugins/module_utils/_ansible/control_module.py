"""The glue to Ansible: parameters in, the engine, one result or one error out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ansible.module_utils.basic import AnsibleModule

from .._engine.changes import Outcome
from .._engine.diffs import describe_change, render_diffs
from .._engine.engine import Engine
from .._engine.errors import SandboxError
from .._engine.resources import Control
from .._system.local_host import LocalHost
from .._system.store import LedgerStore

T = TypeVar("T")
Parameters = Mapping[str, Any]
ControlOf = Callable[[Parameters], Control]


def run_control(argument_spec: Mapping[str, Any], *controls_of: ControlOf) -> None:
    """Bring the host to the control that the parameters describe; several that make one whole go in their order.

    A `control_of` raises SandboxError for parameters that make no sense: its control has changed nothing by then.
    """
    apply_control(AnsibleModule(argument_spec=dict(argument_spec), supports_check_mode=True), *controls_of)


def apply_control(module: AnsibleModule, *controls_of: ControlOf) -> None:
    def run() -> list[Outcome]:
        engine = local_engine()
        return [engine.apply(control_of(module.params), check_only=module.check_mode) for control_of in controls_of]

    guard(module, run)


def guard(module: AnsibleModule, run: Callable[[], Sequence[Outcome]]) -> None:
    """Exit with what `run` did, or fail with its error."""
    outcomes = guarded(module, run)
    for text in (text for outcome in outcomes for text in outcome.unseen):
        module.warn(text)
    module.exit_json(**result_of(outcomes))


def guarded(module: AnsibleModule, run: Callable[[], T]) -> T:
    """What `run` returns, or the module's failure with its error. The only place where one becomes the other."""
    try:
        return run()
    except SandboxError as error:
        module.fail_json(msg=str(error), hint=error.hint)
        raise


def local_engine() -> Engine:
    return Engine(LocalHost(), LedgerStore())


def result_of(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """What a task returns. Contents appear in `diff` alone, which Ansible shows only when it is asked to."""
    changes = [change for outcome in outcomes for change in outcome.plan.changes]
    return {
        "changed": any(outcome.changed for outcome in outcomes),
        "controls": [str(outcome.owner) for outcome in outcomes],
        "plan": [describe_change(change) for change in changes],
        "activations": [str(activation) for outcome in outcomes for activation in outcome.plan.activations],
        "kept": [text for outcome in outcomes for text in outcome.kept],
        "trial": "".join(outcome.trial for outcome in outcomes),
        # Known to the play from its last task on: whether a session has to be opened at its end.
        "ansible_facts": {"sandbox_unproven": "".join(outcome.unproven for outcome in outcomes[-1:])},
        "diff": render_diffs(changes, LocalHost()),
    }
