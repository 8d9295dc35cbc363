"""The specification's fragments on a host: all of them, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._system.fragments import read_fragments


def test_what_is_there_and_ends_in_json(tmp_path: Path) -> None:
    for name in ("10-a.json", "20-b.json", "20-b.json.old"):
        (tmp_path / name).write_text(name)
    assert read_fragments(tmp_path) == {"10-a.json": "10-a.json", "20-b.json": "20-b.json"}


def test_one_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "10-a.json").write_bytes(b"\xff")
    with pytest.raises(SandboxError, match="cannot be read: 'utf-8' codec"):
        read_fragments(tmp_path)
