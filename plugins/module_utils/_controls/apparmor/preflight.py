"""What the control `apparmor` asks of a host. Pure: facts in, problems out."""

from __future__ import annotations

from collections.abc import Iterator

from ..preflight.facts import HostFacts
from ..preflight.needs import Needs
from ..problem import Problem


def find_problems(facts: HostFacts, _unused: Needs) -> Iterator[Problem]:
    if not facts.has_apparmor:
        yield Problem("AppArmor", "off in the kernel", "on", "boot with apparmor=1 security=apparmor")


def find_notes(facts: HostFacts, needs: Needs) -> Iterator[str]:
    if not facts.has_apparmor and needs.level < 2:
        yield "AppArmor is off in the kernel; level 2 will need it (kernel command line: apparmor=1)"
