"""The Node of the session image under the filter, in a terminal: everything works, and nothing is missing."""

from __future__ import annotations

import os
import platform
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.spec import DEFAULT_NODE, KNOWN_NODES
from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.profile import read_calls
from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.records import (
    AUDIT_ARCHITECTURES,
    Findings,
    sort_records,
)
from ansible_collections.ably.sandbox.plugins.module_utils._system.audit_records import listen
from ansible_collections.ably.sandbox.plugins.module_utils._system.libseccomp import SystemCalls
from ansible_collections.ably.sandbox.plugins.module_utils._system.npm import fetch_node
from ansible_collections.ably.sandbox.tests.integration.seccomp.filter import load, named_call, outcome

SCRIPT = Path(__file__).parent / "needs.js"
PATIENCE = 25.0
# A user that nobody else is, so that the records are this test's.
UID = 60987


@pytest.fixture
def folder() -> Iterator[Path]:
    if shutil.which("npm") is None or shutil.which("openssl") is None:
        pytest.skip("npm and openssl are not installed")
    with TemporaryDirectory(prefix="ably-seccomp-") as made:
        command = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                   "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem")  # fmt: skip
        subprocess.run(command, cwd=made, check=True, capture_output=True)
        shutil.copy(SCRIPT, made)
        fetch_node(DEFAULT_NODE, KNOWN_NODES[DEFAULT_NODE], Path(made)).chmod(0o755)
        for path in (Path(made), *Path(made).iterdir()):
            os.chown(path, UID, UID)
        yield Path(made)


def run_in_terminal(folder: Path, instructions: bytes) -> tuple[int, str]:
    """Node's exit status, and what was on the terminal; a name is typed when it asks for one."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        ("./node", "needs.js", str(folder)), cwd=folder, stdin=slave, stdout=slave, stderr=slave,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "xterm"}, start_new_session=True,
        user=UID, group=UID, extra_groups=[],
        preexec_fn=lambda: load(instructions, logs=True),  # noqa: PLW1509  # two system calls
    )  # fmt: skip
    os.close(slave)
    seen, is_told, deadline = b"", False, time.monotonic() + PATIENCE
    while time.monotonic() < deadline and select.select([master], [], [], PATIENCE)[0]:
        try:
            seen += os.read(master, 4096)
        except OSError:
            break
        if b"name? " in seen and not is_told:
            is_told = os.write(master, b"somebody\r") > 0
    os.close(master)
    return process.wait(5), seen.decode(errors="replace")


def test_node_works_and_is_refused_only_what_it_does_without(folder: Path, instructions: bytes, profile: str) -> None:
    with listen() as listener:
        status, seen = run_in_terminal(folder, instructions)
        records = listener.records_of(UID)
    print(seen, file=sys.stderr)
    assert (status, "hello somebody" in seen, "all done" in seen) == (0, True, True)
    findings = sort_records(records, AUDIT_ARCHITECTURES[platform.machine()], SystemCalls().name, read_calls(profile))
    assert findings == Findings(done_without=findings.done_without)
    assert "clone3" in findings.done_without


def test_the_kernel_tells_of_each_kind(instructions: bytes, profile: str) -> None:
    """The records that the host's tool makes its proposals from: refused by name, by argument, on purpose; killed."""
    calls = [("personality", 1), ("socket", 2, 3, 1), ("io_uring_setup", 1, 0), ("mount",)]
    with listen() as listener:
        for name, *arguments in calls:
            outcome(named_call(name, *arguments), instructions, UID, logs=True)
        outcome(named_call("memfd_create", 0, 0), instructions, UID + 1, logs=True)
        records = listener.records_of(UID)
    assert listener.is_complete
    findings = sort_records(records, AUDIT_ARCHITECTURES[platform.machine()], SystemCalls().name, read_calls(profile))
    assert findings == Findings(("personality",), ("socket",), ("mount",), ("io_uring_setup",))
