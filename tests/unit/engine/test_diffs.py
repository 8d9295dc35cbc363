"""Diffs tell what changes, and keep to themselves what not everybody on the host may read."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.diffs import render_diffs
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Resource
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State, present
from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change

FILE = Resource("file", "/etc/x")
SECRET = "root:$y$hash\n"


def test_only_what_changes_is_shown() -> None:
    before = present(content="a\n", mode=0o644, uid=0)
    (diff,) = render_diffs([Change(FILE, before, present(content="b\n", mode=0o644))])
    assert (diff["before"], diff["after"]) == ("mode: 420\na\n", "mode: 420\nb\n")
    assert diff["before_header"] == "file /etc/x"


@pytest.mark.parametrize(
    ("resource", "before", "after"),
    [
        (FILE, present(content=SECRET, mode=0o600), present(content="", mode=0o644)),
        (FILE, ABSENT, present(content=SECRET, mode=0o640)),
        (Resource("shared_file", "/etc/docker/daemon.json"), present(content=SECRET), present(content="")),
        (Resource("table_entry", "/etc/shadow#haproxy"), present(line=SECRET), ABSENT),
        (Resource("shared_file", "/etc/shadow"), present(content="", mode=0o644), present(content=SECRET, mode=0o644)),
    ],
)
def test_what_not_everybody_may_read_is_not_shown(resource: Resource, before: State, after: State) -> None:
    (diff,) = render_diffs([Change(resource, before, after)])
    assert "hash" not in str(diff)
    assert "hidden" in diff["after"]


def test_bytes_that_are_no_text_are_told_by_their_digest() -> None:
    (diff,) = render_diffs([Change(FILE, ABSENT, present(content="\0\udcff"))])
    assert diff["after"].startswith("content: 2 bytes, sha256 ")
