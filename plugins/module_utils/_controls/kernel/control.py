"""The control `kernel`: what no session needs of the kernel can no longer be loaded or switched on by one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping

from ..._engine.errors import SandboxError
from ..._engine.resources import Control, Resource, Wish
from ..._formats.resource_facts import SysctlFacts
from ..names import FRAGMENTS
from ..wishes import folder, whole_file
from .descriptor import KERNEL
from .items import closed_modules, closed_sysctls, is_closed

# The first command for a module counts, and files are read in the order of their names.
MODULE_RULES = "/etc/modprobe.d/00-ably-sandbox.conf"
# The last value for a parameter counts.
PARAMETERS = "/etc/sysctl.d/zz-ably-sandbox.conf"
FRAGMENT = f"{FRAGMENTS}/13-kernel.json"
COMMAND = "/bin/false"
_HEAD = "# Written by the Ably sandbox: what no session needs. `ably-sandbox rollback` takes it away.\n"


def kernel_control(
    left_out: Collection[str], sysctls: Mapping[str, str], written: Mapping[str, str], rules: str
) -> Control:
    """`sysctls`: of the parameters that can be closed, those that this kernel has, with their values. `written`: those
    that we have closed, with the values that we wrote. `rules`: the text of MODULE_RULES.

    What is loaded stays loaded: nothing is taken from a program that runs. A parameter that the operator has since set
    to another closed value keeps it.
    """
    values = closed_sysctls(left_out, sysctls, written)
    theirs = [
        name for name in values if written.get(name, sysctls[name]) != sysctls[name] and is_closed(name, sysctls[name])
    ]
    _check_rules(rules, left_out)
    # A dash: a kernel without the parameter is no error at boot.
    parameters = _HEAD + "".join(f"-{name} = {value}\n" for name, value in values.items())
    wishes = (
        folder("/etc/modprobe.d"),
        whole_file(MODULE_RULES, rules),
        folder("/etc/sysctl.d"),
        whole_file(PARAMETERS, parameters),
        *(_parameter(name, value) for name, value in values.items() if name not in theirs),
        whole_file(FRAGMENT, render_fragment(rules, values)),
    )
    return Control(KERNEL.owner, wishes)


def rule_of(module: str) -> str:
    """The line of MODULE_RULES that closes the module."""
    return f"install {module} {COMMAND}"


def _check_rules(rules: str, left_out: Collection[str]) -> None:
    lines = rules.splitlines()
    missing = [module for module in closed_modules(left_out) if rule_of(module) not in lines]
    if missing:
        raise SandboxError(
            f"module rules: expected a line `{rule_of(missing[0])}`, found none",
            "correct the template of the role; nothing was changed",
        )


def _parameter(name: str, value: str) -> Wish:
    return Wish(Resource("sysctl", name), SysctlFacts(value).state)


def render_fragment(rules: str, values: Mapping[str, str]) -> str:
    """What has to be so for a session to open."""
    digest = hashlib.sha256(rules.encode("utf-8")).hexdigest()
    fragment = {"kernel": {"module_rules": MODULE_RULES, "sha256": digest, "sysctls": dict(values)}}
    return json.dumps(fragment, indent=2) + "\n"
