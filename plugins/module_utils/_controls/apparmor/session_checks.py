"""Whether a session is under its AppArmor profile. Pure: every function returns what is missing in short sentences."""

from __future__ import annotations

from ..._formats.apparmor_facts import ENFORCE
from ..container.spec import SessionSpec
from ..session_view import KernelView, ProcessView
from .keys import AppArmor


def find_missing_in_process(spec: SessionSpec, _unused: int, process: ProcessView) -> list[str]:
    """A label is `name (mode)`, or several stacked: `ably-cli//&crun (mixed)`."""
    wanted, label = spec.part(AppArmor), process.apparmor.strip()
    if wanted is None:
        return []
    names, _space, mode = label.rpartition(" ")
    if wanted.profile in names.split("//&") and mode in {"(enforce)", "(mixed)"}:
        return []
    return [f"the AppArmor label is {label or 'unconfined'}, not {wanted.profile}"]


def find_missing(spec: SessionSpec, _unused: int, view: KernelView) -> list[str]:
    """A label is a name. What the kernel does under that name may have been replaced since."""
    wanted, loaded = spec.part(AppArmor), view.apparmor_profile
    if wanted is None:
        return []
    if loaded is None:
        return [f"the AppArmor profile {wanted.profile} is not there"]
    missing = []
    if loaded.mode != ENFORCE:
        missing.append(f"the AppArmor profile {wanted.profile} is in {loaded.mode} mode, not in {ENFORCE} mode")
    if loaded.sha256 != wanted.sha256:
        missing.append(f"the AppArmor profile {wanted.profile} is not as it was written")
    return missing
