"""One light machine for all tests, in the order in which they stand: each leaves it as it found it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ansible_collections.ably.sandbox.tests.integration.host.machine import Machine, boot_machine, build_tree

NEEDED = ("mmdebstrap", "unshare", "nsenter", "ip")
CACHE = Path(os.environ.get("ABLY_SANDBOX_LAB_DIR", "~/.cache/ably-sandbox-lab")).expanduser()


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    missing = [program for program in NEEDED if shutil.which(program) is None]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"needs root and {', '.join(missing or NEEDED)}")
    base = build_tree(CACHE)
    with TemporaryDirectory(prefix="ably-light-") as scratch, boot_machine(base, Path(scratch)) as machine:
        yield machine
