"""The glue to Ansible: parameters in, the engine, one result or one error out. Every module of the collection ends here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._core.diffs import describe_change, render_diffs
from .._core.errors import SandboxError
from .._core.resources import Control
from .._host.engine import Engine, Outcome
from .._host.local_host import LocalHost
from .._host.store import LedgerStore

Parameters = Mapping[str, Any]


def run_control(argument_spec: Mapping[str, Any], control_of: Callable[[Parameters], Control], **rules: Any) -> None:
    """Bring the host to the control that the parameters describe.

    `control_of` raises SandboxError for parameters that make no sense: nothing has been changed by then.
    """
    module = AnsibleModule(argument_spec=dict(argument_spec), supports_check_mode=True, **rules)
    guard(module, lambda: (local_engine().apply(control_of(module.params), check_only=module.check_mode),))


def guard(module: AnsibleModule, run: Callable[[], Sequence[Outcome]]) -> None:
    """Exit with what `run` did, or fail with its error. The only place where an error becomes `fail_json`."""
    try:
        outcomes = run()
    except SandboxError as error:
        module.fail_json(msg=str(error), hint=error.hint)
    module.exit_json(**result_of(outcomes))


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
        "diff": render_diffs(changes),
    }
