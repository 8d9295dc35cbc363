"""Why a configured command cannot be started: what is read in a container, and what becomes of the session."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._agent.container import explain_start
from ansible_collections.ably.sandbox.plugins.module_utils._agent.kernel import read_environment
from ansible_collections.ably.sandbox.tests.unit.agent.fragments import FRAGMENTS
from ansible_collections.ably.sandbox.tests.unit.agent.stand import Stand

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


def write_script(stand: Stand, first: str) -> Path:
    """The configured command, with this first line."""
    script = stand.folder / "command"
    script.write_text(f"{first}\nexit 4\n")
    script.chmod(0o755)
    stand.write_fragment("10-filesystem.json", {**FRAGMENTS["10-filesystem.json"], "command": [str(script), "-x"]})
    return script


def test_a_script_whose_interpreter_is_not_there_is_told_by_its_true_cause(stand: Stand) -> None:
    script = write_script(stand, "#!/opt/none/env sh")
    stand.configure(operators=[os.getuid()])
    done = stand.pipe(())
    cause = (
        f"{script} begins with #!/opt/none/env, which the image does not have; "
        f"name the interpreter: sandbox_container_command: [{shutil.which('sh')}, {script}, -x]"
    )
    assert done.returncode == 69
    assert cause in done.stderr.decode()
    stand.wait_until_empty()
    assert [(event["event"], event.get("ABLY_REASON")) for event in stand.events()][1:] == [("refused", cause)]


def test_others_are_told_the_number_of_the_session(stand: Stand) -> None:
    write_script(stand, "#!/opt/none/env sh")
    with stand.person() as person:
        assert person.wait() == 69
        assert b"its command cannot be started; please tell the operator" in person.seen.replace(b"\r\n", b" ")
        assert b"begins with" not in person.seen


def test_a_command_that_fails_for_another_reason_keeps_its_status(stand: Stand) -> None:
    write_script(stand, "#!/bin/sh")
    assert stand.pipe(()).returncode == 4
    own = stand.folder / "own"
    own.write_text("#!/opt/none\n")
    own.chmod(0o755)
    assert stand.pipe((str(own),)).returncode == 1
