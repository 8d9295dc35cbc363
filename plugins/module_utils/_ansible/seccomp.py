"""From the module's parameters to the control `seccomp`: what this host knows of system calls says the rest."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._controls.seccomp.calls import CALL_ARGUMENTS, parse_calls
from .._controls.seccomp.control import CRUN, seccomp_control
from .._controls.seccomp.profile import SeccompPolicy, parse_additional, render_profile
from .._engine.errors import RefusedError
from .._engine.resources import Control
from .._system.files import lstat
from .._system.libseccomp import SystemCalls
from .._system.outside import Outside
from .._system.runtime_features import find_log_obstacle
from .control_module import guarded, local_engine, result_of

ARGUMENTS: dict[str, Any] = {**CALL_ARGUMENTS, "additional": {"type": "list", "elements": "str", "default": []}}


def run_seccomp() -> None:
    """Bring the host to the control, and tell besides whether what is refused will be in the kernel's log."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    obstacle = guarded(module, lambda: find_log_obstacle(Outside()))
    control = guarded(module, lambda: seccomp_of(module.params, module.check_mode, is_logged=not obstacle))
    outcome = guarded(module, lambda: local_engine().apply(control, check_only=module.check_mode))
    module.exit_json(**result_of((outcome,)), logs_denials=not obstacle, log_obstacle=obstacle)


def seccomp_of(params: Mapping[str, Any], check_only: bool, is_logged: bool) -> Control:
    """Raises SandboxError for lists that make no sense, and where there is no crun. A plan is made without crun."""
    if not check_only and lstat(Outside(), CRUN) is None:
        raise RefusedError(f"{CRUN}: is not there", "leave crun in sandbox_docker_packages; nothing was changed")
    calls = parse_calls(params)
    additional = parse_additional(params["additional"], calls)
    known = SystemCalls().known((*calls.names, *additional))
    policy = SeccompPolicy(calls, platform.machine(), known, additional, is_logged)
    return seccomp_control(render_profile(policy))
