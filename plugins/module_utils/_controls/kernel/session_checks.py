"""Whether what was closed of the kernel is closed still. Pure: returns what is missing in short sentences."""

from __future__ import annotations

from ..container.spec import SessionSpec
from ..session_view import KernelView
from .items import is_closed
from .keys import KernelRules


def find_missing(spec: SessionSpec, _unused: int, view: KernelView) -> list[str]:
    """A parameter may have become tighter since."""
    rules = spec.part(KernelRules)
    if rules is None:
        return []
    missing = [] if view.module_rules == rules.sha256 else [f"{rules.module_rules} is not as it was written"]
    for name, value in rules.sysctls:
        found = view.sysctls.get(name, "")
        if found != value and not is_closed(name, found):
            missing.append(f"{name} is {found or 'not there'}, not {value}")
    return missing
