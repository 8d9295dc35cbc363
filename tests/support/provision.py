"""Level 1 on the lab's machine: by the playbook, and from a snapshot as long as nothing that makes it has changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lab import images, machine, state
from lab.settings import REPOSITORY

from support.host import LEVEL_1, Host, play

_SNAPSHOT = "level1"
_MADE_OF = ("playbooks", "plugins", "roles", "tests/support/vars")


def by_the_playbook() -> None:
    status, output = play("site", LEVEL_1)
    assert status == 0, output


def provision_level_1(host: Host, bring: Callable[[], object] = by_the_playbook) -> None:
    """From the clean state. A snapshot of before is replaced; the new one is shared."""
    mark = _mark(host)
    mark.unlink(missing_ok=True)
    bring()
    host.save(_SNAPSHOT)
    mark.write_text(_key(host))
    host.share()


def bring_to_level_1(host: Host) -> None:
    """In seconds when a scenario before has been there with the same code on the same clean state."""
    if _is_kept(host):
        return_to_level_1(host)
    else:
        provision_level_1(host)


def return_to_level_1(host: Host) -> None:
    host.restore(_SNAPSHOT)


def _is_kept(host: Host) -> bool:
    mark, image = _mark(host), state.running(host.settings).image
    is_same = mark.exists() and mark.read_text() == _key(host)
    return is_same and f" {_SNAPSHOT} " in machine.snapshots(host.settings, image)


def _mark(host: Host) -> Path:
    return host.settings.machine(state.running(host.settings).image) / f"{_SNAPSHOT}.key"


def _key(host: Host) -> str:
    there = state.running(host.settings)
    files = [path for part in _MADE_OF for path in images.tree_files(REPOSITORY / part)]
    return f"{there.identity} {there.world} {images.digest([*files, host.settings.session_image])}"
