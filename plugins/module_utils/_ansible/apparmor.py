"""From the module's parameters to the control `apparmor`: syntax and digest are the host's own parser's to say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._controls.apparmor.control import apparmor_control
from .._controls.apparmor.profile import SYNTAXES, choose_syntax, parse_apparmor_policy, render_profile
from .._engine.resources import Control
from .._formats.apparmor_facts import ENFORCE, LoadedProfile
from .._system.apparmor import compile_profile, read_parser_version

_PATHS = {"type": "list", "elements": "path"}
ARGUMENTS: dict[str, Any] = {
    "executables": {**_PATHS, "required": True},
    "home_directory": {"type": "path", "required": True},
    "readable_folders": {**_PATHS, "default": []},
}
# Only a plan can say this: nothing is written before the package is there.
_UNKNOWN = "known when apparmor is installed"


def apparmor_of(params: Mapping[str, Any]) -> Control:
    """Raises SandboxError with what is wrong with the parameters, or what the parser refuses."""
    policy = parse_apparmor_policy(params)
    version = read_parser_version()
    if version is None:
        return apparmor_control(render_profile(policy, SYNTAXES[0]), _UNKNOWN)
    source = render_profile(policy, choose_syntax(version))
    return apparmor_control(source, LoadedProfile(ENFORCE, compile_profile(source)).sha256)
