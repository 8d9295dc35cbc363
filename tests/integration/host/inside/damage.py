"""What a power cut does to Docker's images, and a kill to the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.ably.sandbox.plugins.module_utils._engine.records import Applying
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Owner
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.plugins.module_utils._system.store import LedgerStore
from ansible_collections.ably.sandbox.tests.integration.host.inside.steps import say


def find_in_docker(pattern: str) -> Path:
    (found,) = Path("/var/lib/docker").glob(pattern)
    return found


def die_before_the_end() -> None:
    """What a run that was killed after its last change leaves in the ledger."""
    store = LedgerStore(Outside())
    with store.lock("a run that died"):
        store.append([Applying(Owner(1, "image"))])


@contextmanager
def docker_stopped() -> Iterator[None]:
    say("systemctl", "stop", "docker.socket", "docker.service")
    yield
    # Three starts within a minute are one too many for its unit.
    say("systemctl", "reset-failed", "docker.socket", "docker.service")
    say("systemctl", "start", "docker.service")


def lose_what_was_not_written_yet() -> None:
    """As a power cut does it: the file has its name and no content, and the run has not ended."""
    with docker_stopped():
        find_in_docker("*/*/diff/hello").write_bytes(b"")
    die_before_the_end()
