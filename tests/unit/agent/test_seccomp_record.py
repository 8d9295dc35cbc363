"""Recording from end to end: the real tool, with an engine and records that are stand-ins."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._agent.slots import free_slots
from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.profile import (
    SeccompPolicy,
    render_profile,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.records import AUDIT_ARCHITECTURES
from ansible_collections.ably.sandbox.plugins.module_utils._system.libseccomp import SystemCalls
from ansible_collections.ably.sandbox.tests.role_data import CALLS
from ansible_collections.ably.sandbox.tests.unit.agent.stand import PATIENCE, Stand, python_environment, wait_until

RECORDER = "ansible_collections.ably.sandbox.tests.unit.agent.stand_in_recorder"
ARCH = AUDIT_ARCHITECTURES[platform.machine()]
POLICY = SeccompPolicy(CALLS, platform.machine(), (*CALLS.names, "flock", "eventfd"), ())
UID = 60600

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="the tool is for root")


@pytest.fixture
def stand(stand: Stand) -> Stand:
    """With a filter."""
    write_profile(stand, render_profile(replace(POLICY, additional=("eventfd",))))
    record(stand)
    return stand


def write_profile(stand: Stand, text: str) -> None:
    path = stand.folder / "seccomp.json"
    path.write_text(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    stand.write_fragment("21-seccomp.json", {"seccomp": {"profile": str(path), "sha256": digest}})


def record(stand: Stand, *names: str, uid: int = UID) -> None:
    numbers = [SystemCalls().number(name) for name in names]
    (stand.folder / "records.json").write_text(json.dumps([(uid, ARCH, number) for number in numbers]))


def start(stand: Stand, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        (sys.executable, "-m", RECORDER, str(stand.folder), *arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=python_environment(),
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    try:
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    return process.returncode, out, err


def run(stand: Stand, *arguments: str) -> tuple[int, str, str]:
    with start(stand, *arguments) as process:
        return finish(process)


def assert_empty(stand: Stand) -> None:
    assert not stand.engine.containers
    assert not list((stand.folder / "run" / "sessions").iterdir())


def test_the_command_runs_under_the_filter_that_records(stand: Stand) -> None:
    assert run(stand, "--", "sh", "-c", "echo out; echo err >&2; exit 7")[:2] == (7, "out\n")
    (body,) = stand.engine.created
    (option,) = [option for option in body["HostConfig"]["SecurityOpt"] if option.startswith("seccomp=")]
    assert json.loads(option[len("seccomp=") :])["defaultAction"] == "SCMP_ACT_LOG"
    assert_empty(stand)


def test_what_is_missing_is_proposed_beside_what_was_added_before(stand: Stand) -> None:
    record(stand, "inotify_init1", "socket", "mount", "clone3")
    status, _unused, err = run(stand, "--", "true")
    assert status == 0
    assert err.splitlines()[3:] == [
        " sandbox_seccomp_additional:",
        "   - eventfd",
        "+  - inotify_init1",
        "# allowed with other arguments only, and not proposed: socket",
        "# killed the program, and not proposed: mount",
        "# always refused, programs do without: clone3",
    ]


def test_records_of_others_are_not_ours(stand: Stand) -> None:
    record(stand, "inotify_init1", uid=UID + 1)
    assert run(stand, "--", "true") == (0, "", "# nothing is missing\n")


def test_it_ends_when_the_time_is_over(stand: Stand) -> None:
    assert run(stand, "--seconds", "0.5", "--", "sleep", "1000")[0] == 128 + signal.SIGTERM
    assert_empty(stand)


def test_it_ends_and_clears_away_when_it_is_told_to(stand: Stand) -> None:
    record(stand, "inotify_init1")
    with start(stand, "--", "sh", "-c", "echo ready; exec sleep 1000") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.terminate()
        status, _unused, err = finish(process)
    assert (status, "+  - inotify_init1" in err) == (128 + signal.SIGTERM, True)
    assert_empty(stand)


def test_a_profile_that_was_changed_is_refused(stand: Stand) -> None:
    (stand.folder / "seccomp.json").write_text("{}")
    status, _unused, err = run(stand, "--", "true")
    assert (status, "is not the seccomp profile that was written" in err) == (1, True)
    assert_empty(stand)


def test_a_missing_protection_is_named(stand: Stand) -> None:
    stand.configure(container=["no seccomp filter"])
    status, _unused, err = run(stand, "--", "true")
    assert (status, "the container is not as it has to be: no seccomp filter" in err) == (1, True)
    assert_empty(stand)


def test_a_host_without_a_filter_is_told(stand: Stand) -> None:
    (stand.folder / "container.d" / "21-seccomp.json").unlink()
    status, _unused, err = run(stand, "--", "true")
    assert (status, "sessions have no filter on this host; bring it to level 2" in err) == (1, True)


def test_no_session_gives_up_its_place(stand: Stand) -> None:
    slots = list(free_slots(stand.folder / "run" / "slots", (60600, 60601)))
    assert run(stand, "--", "true") == (75, "", "ably-sandbox: all 2 sessions are in use\n")
    assert len(slots) == 2
    for slot in slots:
        slot.close()


def test_a_killed_recorder_leaves_its_place_to_be_cleared(stand: Stand) -> None:
    with start(stand, "--", "sh", "-c", "echo ready; exec sleep 1000") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.kill()
    wait_until(lambda: stand.engine.containers, "left behind")
    assert run(stand, "--", "true")[0] == 0
    assert not stand.engine.containers
