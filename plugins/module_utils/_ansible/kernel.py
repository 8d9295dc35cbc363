"""From the module's parameters to the control `kernel`: what this kernel has, and what the host uses, say the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._controls.kernel.control import kernel_control
from .._controls.kernel.items import KernelFacts, check_items, describe_gaps
from .._controls.kernel.preflight import find_problems_in_items
from .._engine.errors import RefusedError
from .._engine.ledger import fold
from .._engine.resources import Control
from .._system.kernel_reader import KernelReader
from .._system.outside import Outside
from .._system.store import LedgerStore
from .control_module import guarded, local_engine, result_of

_NAMES = {"type": "list", "elements": "str", "default": []}
ARGUMENTS: dict[str, Any] = {
    "left_out": _NAMES,
    "confirmed": _NAMES,
    "module_rules": {"type": "str", "required": True},
}


def run_kernel() -> None:
    """Bring the host to the control, and tell besides what is closed from the next boot on only, or not at all."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    facts, control = guarded(module, lambda: _kernel_of(module.params))
    outcome = guarded(module, lambda: local_engine().apply(control, check_only=module.check_mode))
    module.exit_json(**result_of((outcome,)), gaps=list(describe_gaps(module.params["left_out"], facts)))


def _kernel_of(params: Mapping[str, Any]) -> tuple[KernelFacts, Control]:
    """Raises SandboxError for a name that is no item's, and for an item that would be closed although it is used."""
    left_out, confirmed = params["left_out"], params["confirmed"]
    check_items("left_out", left_out)
    check_items("confirmed", confirmed)
    outside = Outside()
    reader = KernelReader(outside)
    facts, closed = reader.read(), reader.closed_items(fold(LedgerStore(outside).read()))
    problems = list(find_problems_in_items(facts, closed, left_out, confirmed))
    if problems:
        raise RefusedError("; ".join(map(str, problems)), "nothing was changed")
    written = {name: value for name, value in closed.items() if value}
    return facts, kernel_control(left_out, facts.sysctls, written, params["module_rules"])
