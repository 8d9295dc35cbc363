"""What a session's container reaches of the kernel, with all of its layers or with some of them switched off."""

from __future__ import annotations

import json
from pathlib import Path

from support.attack import attack
from support.host import Host

_SCRIPT = Path(__file__).parent / "kernel_items.py"


def reached(host: Host, without: tuple[str, ...] = (), capability: str = "") -> dict[str, str]:
    """Each attempt's name to `done` or the name of its error."""
    done = attack(host, _SCRIPT.read_text(encoding="utf-8"), without, capability)
    assert done.status == 0, done
    found: dict[str, str] = json.loads(done.out.splitlines()[-1])
    return found


def reached_past_the_filter(host: Host) -> dict[str, str]:
    """With the layers switched off that would stop an attempt before its item does, but for the capabilities."""
    return reached(host, ("seccomp", "apparmor"))
