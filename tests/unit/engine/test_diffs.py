"""Diffs tell what changes, and keep to themselves what not everybody on the host may read."""

from __future__ import annotations

from ansible_collections.ably.sandbox.plugins.module_utils._engine.diffs import render_diffs
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Resource
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT
from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change
from ansible_collections.ably.sandbox.tests.states import present

from .memory_host import MemoryHost

FILE = Resource("file", "/etc/x")


def test_only_what_changes_is_shown() -> None:
    before = present(content="a\n", mode=0o644, uid=0)
    (diff,) = render_diffs([Change(FILE, before, present(content="b\n", mode=0o644))], MemoryHost())
    assert (diff["before"], diff["after"]) == ("mode: 420\na\n", "mode: 420\nb\n")
    assert diff["before_header"] == "file /etc/x"


def test_what_not_everybody_may_read_is_not_shown() -> None:
    host = MemoryHost()
    host.secret = (FILE,)
    (diff,) = render_diffs([Change(FILE, present(content="hash"), present(content="another hash"))], host)
    assert "hash" not in str(diff)
    assert "hidden" in diff["after"]


def test_bytes_that_are_no_text_are_told_by_their_digest() -> None:
    (diff,) = render_diffs([Change(FILE, ABSENT, present(content="\0\udcff"))], MemoryHost())
    assert diff["after"].startswith("content: 2 bytes, sha256 ")
