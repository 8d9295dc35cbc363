"""From the module's parameters to the control `apparmor`: the host's own parser says which text, and its digest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._controls.apparmor.control import apparmor_control
from .._controls.apparmor.profile import SYNTAXES, choose_syntax
from .._engine.resources import Control
from .._formats.apparmor_facts import ENFORCE, LoadedProfile
from .._system.apparmor import compile_profile, read_parser_version

ARGUMENTS: dict[str, Any] = {name: {"type": "str", "required": True} for name in SYNTAXES.values()}
# Only a plan can say this: nothing is written before the package is there.
_UNKNOWN = "known when apparmor is installed"


def apparmor_of(params: Mapping[str, Any]) -> Control:
    """Raises SandboxError with what the parser refuses."""
    version = read_parser_version()
    if version is None:
        return apparmor_control(params[next(iter(SYNTAXES.values()))], _UNKNOWN)
    source = params[SYNTAXES[choose_syntax(version)]]
    return apparmor_control(source, LoadedProfile(ENFORCE, compile_profile(source)).sha256)
