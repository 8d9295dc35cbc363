"""What goes into a session image."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.tree import (
    Entry,
    arrange,
    fixed_entries,
    is_wanted,
    is_wanted_module,
    rewrite_interpreter,
)

NODE = frozenset({"node"})


@pytest.mark.parametrize(
    ("path", "kind", "wanted"),
    [
        ("usr/bin/node", "file", True),
        ("usr/bin/dash", "file", False),
        ("bin/sh", "link", False),
        ("usr/sbin/update-ca-certificates", "file", False),
        ("usr/bin", "folder", True),
        ("usr/lib/x86_64-linux-gnu/libc.so.6", "file", True),
        ("usr/lib/x86_64-linux-gnu/gconv/BIG5.so", "file", False),
        ("usr/lib/x86_64-linux-gnu/perl-base/x.pm", "file", False),
        ("usr/lib/apt/methods/http", "file", False),
        ("usr/lib/aptitude", "file", True),
        ("var/lib/dpkg/status", "file", False),
        ("etc/apt/sources.list", "file", False),
        ("usr/share/doc/libc6/NEWS.gz", "file", False),
        ("usr/share/zoneinfo/UTC", "file", True),
    ],
)
def test_parts_of_debian(path: str, kind: str, wanted: bool) -> None:
    assert is_wanted(path, kind, NODE) is wanted


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("lab-cli.js", True),
        ("node_modules/.package-lock.json", False),
        ("node_modules/.bin/ably", False),
        ("node_modules/ably/ably.d.ts", False),
        ("node_modules/ably/build/ably.js.map", False),
        ("node_modules/ably/build/ably-node.js", True),
        ("node_modules/open/xdg-open", False),
        ("node_modules/@x/y/node_modules/open/xdg-open", False),
        ("node_modules/open/index.js", True),
        ("node_modules/xdg-open/index.js", True),
    ],
)
def test_parts_of_an_npm_project(path: str, wanted: bool) -> None:
    assert is_wanted_module(path) is wanted


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"#!/usr/bin/env node\n1", b"#!/usr/bin/node\n1"),
        (b"#!/usr/bin/env -S node\n1", b"#!/usr/bin/node\n1"),
        (b"#!/usr/bin/env bash\n1", b"#!/usr/bin/env bash\n1"),
        (b"#!/usr/bin/node\n1", b"#!/usr/bin/node\n1"),
        (b"'use strict'", b"'use strict'"),
        (b"", b""),
    ],
)
def test_interpreters_are_made_direct(before: bytes, after: bytes) -> None:
    assert rewrite_interpreter(before) == after


def test_nothing_is_set_user_id_or_writable_by_others() -> None:
    entries = [Entry("usr/bin/node", "file", executable=True), Entry("etc", "folder"), Entry("a", "file")]
    assert [entry.mode for entry in entries] == [0o755, 0o755, 0o644]
    assert Entry("tmp", "folder").mode == 0o1777


def test_arranging_sorts_by_path_fills_in_folders_and_lets_later_entries_win() -> None:
    entries = [Entry("a-b", "file"), Entry("a/c/d", "file"), Entry("a-b", "file", content=b"new")]
    arranged = arrange(entries)
    assert [(entry.path, entry.kind) for entry in arranged] == [
        ("a", "folder"),
        ("a/c", "folder"),
        ("a/c/d", "file"),
        ("a-b", "file"),
    ]
    assert arranged[-1].content == b"new"
    assert arrange(list(reversed(arranged))) == arranged


def test_a_browser_is_opened_by_nothing_but_what_every_session_may_execute() -> None:
    by_path = {entry.path: entry for entry in fixed_entries(())}
    opener = by_path["usr/bin/xdg-open"]
    assert (opener.kind, opener.target) == ("link", "node")


def test_authorities_are_joined_with_line_ends() -> None:
    by_path = {entry.path: entry for entry in fixed_entries((b"one", b"two\n\n"))}
    assert by_path["etc/ssl/certs/ca-certificates.crt"].content == b"one\ntwo\n"
