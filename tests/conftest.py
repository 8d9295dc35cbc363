"""Makes the checkout importable as `ansible_collections.ably.sandbox`, as Ansible does it on hosts."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

REPO = Path(__file__).resolve().parent.parent
COLLECTIONS = REPO / ".cache" / "collections"


def link_checkout(repo: Path, collections: Path) -> None:
    """Point `<collections>/ansible_collections/ably/sandbox` at `repo`; the same link that the Makefile makes."""
    link = collections / "ansible_collections" / "ably" / "sandbox"
    if link.is_symlink() and link.resolve() == repo:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to("../../../..")


link_checkout(REPO, COLLECTIONS)
sys.path.insert(0, str(COLLECTIONS))

# A busy machine must not fail a property.
settings.register_profile("sandbox", deadline=None)
settings.load_profile("sandbox")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With ABLY_SANDBOX_NO_SKIPS, as `make test` sets it, a test that was not made has failed."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("ABLY_SANDBOX_NO_SKIPS"):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"not made, which counts as failed here (ABLY_SANDBOX_NO_SKIPS): {why}"
    return report
