"""What `ably-sandbox status` ends with, which docs/upgrading.md has a timer go by."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._agent import status as command
from ansible_collections.ably.sandbox.plugins.module_utils._system.status import Status
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO

FINE = Status(level=2, applied=("docker (phase 1)",), unfinished=(), resources=9, drift=())
SINCE = "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (FINE, 0),
        (replace(FINE, unproven=SINCE), 0),
        (replace(FINE, on_trial="docker (phase 1)"), 0),
        (replace(FINE, warning="realtime.ably.io does not answer"), 0),
        (replace(FINE, lacking=("kernel",)), 0),
        (replace(FINE, drift=("file /etc/x",)), 1),
        (replace(FINE, unfinished=("docker (phase 1)",)), 1),
    ],
)
def test_only_drift_and_a_run_that_was_cut_off_count(
    monkeypatch: pytest.MonkeyPatch, status: Status, expected: int
) -> None:
    monkeypatch.setattr(command, "read_status", lambda *_unused: status)
    assert command.main(()) == expected


def test_the_page_says_so() -> None:
    page = (REPO / "docs" / "upgrading.md").read_text(encoding="utf-8")
    assert "`unproven`, `on trial`, `warning` and a control that is lacking leave it at 0" in page
