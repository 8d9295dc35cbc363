"""Why a configured command cannot be started: what is said of a container's files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._agent.container import explain_start
from ansible_collections.ably.sandbox.plugins.module_utils._agent.kernel import read_environment

SEARCH = "/usr/local/bin:/usr/bin"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """With node, with absolute and relative links, and without env."""
    for folder in ("usr/bin", "usr/local/bin", "usr/lib/cli", "opt/node/bin"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "bin").symlink_to("usr/bin")
    (tmp_path / "opt/node/bin/node").touch()
    (tmp_path / "usr/bin/node").symlink_to("/opt/node/bin/node")
    (tmp_path / "usr/bin/ably").symlink_to("../lib/cli/run.js")
    (tmp_path / "usr/local/bin/tool").symlink_to("/usr/../../../usr/lib/cli/run.js")
    return tmp_path


@pytest.mark.parametrize(
    ("first", "command", "said"),
    [
        (
            "#!/usr/bin/env node",
            ["ably", "interactive"],
            ("/usr/bin/ably", "/usr/bin/env", "[/usr/bin/node, /usr/bin/ably, interactive]"),
        ),
        (
            "#! /usr/bin/env -S NODE_ENV=production node --no-warnings",
            ["tool"],
            ("/usr/local/bin/tool", "/usr/bin/env", "[/usr/bin/node, --no-warnings, /usr/local/bin/tool]"),
        ),
        (
            "#!/usr/local/bin/node",
            ["/usr/lib/cli/run.js"],
            ("/usr/lib/cli/run.js", "/usr/local/bin/node", "[/usr/bin/node, /usr/lib/cli/run.js]"),
        ),
        (
            "#!/bin/sh -e",
            ["ably"],
            ("/usr/bin/ably", "/bin/sh", ""),
        ),
        (
            "#!/usr/bin/env",
            ["ably"],
            ("/usr/bin/ably", "/usr/bin/env", ""),
        ),
        (
            "#!/usr/bin/node\r",
            ["ably"],
            ("/usr/bin/ably", "/usr/bin/node\\r", ""),
        ),
        ("#!/usr/bin/node --no-warnings", ["ably"], None),
        ("#!/bin/node", ["ably"], None),
        ("#!node", ["ably"], None),
        ("#!", ["ably"], None),
        ("\x7fELF", ["ably"], None),
        ("#!/usr/bin/env node", ["absent"], None),
        ("#!/usr/bin/env node", ["/usr/bin/absent"], None),
        ("#!/usr/bin/env node", ["bin/ably"], None),
        ("#!/usr/bin/env node", ["/usr/lib"], None),
    ],
)
def test_the_interpreter_is_looked_for_where_the_container_has_it(
    root: Path, first: str, command: list[str], said: tuple[str, str, str] | None
) -> None:
    (root / "usr/lib/cli/run.js").write_bytes(f"{first}\nmore\n".encode())
    expected = ""
    if said:
        script, interpreter, better = said
        advice = f"name the interpreter: sandbox_container_command: {better}" if better else "use an image that has it"
        expected = f"{script} begins with #!{interpreter}, which the image does not have; {advice}"
    assert explain_start(root, SEARCH, command) == expected


def test_nothing_is_said_of_what_is_no_file(root: Path) -> None:
    (root / "usr/bin/loop").symlink_to("loop")
    os.mkfifo(root / "usr/bin/pipe")
    assert [explain_start(root, SEARCH, [name]) for name in ("loop", "pipe")] == ["", ""]


def test_the_variables_are_those_of_the_process(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "environ").write_text("HOME=/\0PATH=/a:/b\0OPTION=a=b\0")
    assert read_environment(7, tmp_path) == {"HOME": "/", "PATH": "/a:/b", "OPTION": "a=b"}
    assert read_environment(8, tmp_path) == {}
