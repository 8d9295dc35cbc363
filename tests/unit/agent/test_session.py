"""A session from end to end: the real client and the real service over real terminals, pipes and sockets; engine and
kernel are stand-ins.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.tests.unit.agent.fragments import FRAGMENTS
from ansible_collections.ably.sandbox.tests.unit.agent.stand import PATIENCE, Stand, python_environment, wait_until


def test_a_terminal_shows_the_command_and_takes_over_its_exit_status(stand: Stand) -> None:
    with stand.person("sh", "-c", "stty size; read line; echo got:$line; exit 7", rows=31, columns=97) as person:
        person.read_until(b"31 97")
        person.type("zażółć 🙂\r".encode())
        person.read_until("got:zażółć 🙂".encode())
        assert person.wait() == 7
        assert person.settings == person.before
    stand.wait_until_empty()


def test_without_arguments_the_configured_command_runs(stand: Stand) -> None:
    with stand.person() as person:
        person.read_until(b"configured command")
        assert person.wait() == 0


def test_a_new_window_size_arrives(stand: Stand) -> None:
    script = "trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.05; done"
    with stand.person("sh", "-c", script) as person:
        person.read_until(b"ready")
        person.resize(50, 132)
        person.read_until(b"50 132")
        assert person.wait() == 0


def test_ctrl_c_reaches_the_command_and_nobody_else(stand: Stand) -> None:
    script = "trap 'echo interrupted; exit 3' INT; sleep 60 & echo ready; wait"
    with stand.person("sh", "-c", script) as person:
        person.read_until(b"ready")
        person.type(b"\x03")
        person.read_until(b"interrupted")
        assert person.wait() == 3


def test_ctrl_d_is_the_end_of_input(stand: Stand) -> None:
    with stand.person("sh", "-c", "echo ready; cat; echo over") as person:
        person.read_until(b"ready")
        person.type(b"\x04")
        person.read_until(b"over")
        assert person.wait() == 0


def test_a_signal_that_ends_the_command_shows_in_the_status(stand: Stand) -> None:
    assert stand.pipe(("sh", "-c", "kill -TERM $$")).returncode == 128 + signal.SIGTERM


def test_pipes_keep_outputs_apart_and_pass_the_end_of_input(stand: Stand) -> None:
    done = stand.pipe(("sh", "-c", "sort; echo complaint >&2; exit 4"), b"b\na\n")
    assert (done.stdout, done.stderr, done.returncode) == (b"a\nb\n", b"complaint\n", 4)


def test_much_output_and_input_arrive_whole(stand: Stand) -> None:
    given = os.urandom(3_000_000)
    done = stand.pipe(("cat",), given)
    assert hashlib.sha256(done.stdout).digest() == hashlib.sha256(given).digest()
    assert done.returncode == 0


def test_a_reader_that_stops_ends_the_session(stand: Stand) -> None:
    command = " ".join(f"'{part}'" for part in stand.client("yes"))
    shell = ("bash", "-c", f"set -o pipefail; {command} | head -n 1")
    done = subprocess.run(shell, capture_output=True, env=python_environment(), timeout=PATIENCE, check=False)
    assert done.stdout == b"y\n"
    stand.wait_until_empty()


def test_a_killed_client_leaves_a_sane_terminal_and_no_container(stand: Stand) -> None:
    with stand.person("sh", "-c", "echo ready; sleep 1000") as person:
        person.read_until(b"ready")
        assert person.settings != person.before
        person.process.kill()
        wait_until(lambda: person.settings == person.before, "terminal restored")
        stand.wait_until_empty()


def test_a_client_told_to_end_waits_for_its_terminal(stand: Stand) -> None:
    with stand.person("sh", "-c", "echo ready; sleep 1000") as person:
        person.read_until(b"ready")
        person.process.terminate()
        assert person.wait() == 128 + signal.SIGTERM
        assert person.settings == person.before
    stand.wait_until_empty()


def test_a_terminal_that_hangs_up_ends_the_session(stand: Stand) -> None:
    with stand.person("sh", "-c", "echo ready; sleep 1000") as person:
        person.read_until(b"ready")
        os.close(person.master)
        wait_until(lambda: stand.services[0].poll() is not None, "service ends")
        stand.wait_until_empty()
        person.master = os.open(os.devnull, os.O_RDONLY)


def test_systemctl_stop_lets_the_command_finish(stand: Stand) -> None:
    script = "trap 'echo saved; exit 5' TERM; echo ready; while :; do sleep 0.05; done"
    with stand.person("sh", "-c", script) as person:
        person.read_until(b"ready")
        stand.services[0].terminate()
        person.read_until(b"saved")
        assert person.wait() == 5
    stand.wait_until_empty()


def test_a_command_that_does_not_end_is_killed_after_its_grace(stand: Stand) -> None:
    stand.configure(grace=0.3)
    with stand.person("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done") as person:
        person.read_until(b"ready")
        stand.services[0].terminate()
        assert person.wait() == 128 + signal.SIGKILL
        assert b"ended by the host" in person.seen
        assert person.settings == person.before
    stand.wait_until_empty()


def test_a_terminal_that_takes_nothing_does_not_hold_up_the_end(stand: Stand) -> None:
    stand.configure(grace=0.3)
    with stand.person("sh", "-c", "trap '' TERM; while :; do echo much much output; done") as person:
        person.read_until(b"much")
        wait_until(lambda: stand.events()[-1]["event"] == "opened", "session opened")
        stand.services[0].terminate()
        wait_until(lambda: stand.services[0].poll() is not None, "service ends though nobody reads")
        stand.wait_until_empty()


def test_an_engine_that_goes_away_ends_the_session(stand: Stand) -> None:
    with stand.person("sh", "-c", "echo ready; sleep 1000") as person:
        person.read_until(b"ready")
        stand.engine.refuse.add("/exec/exec0/json")
        for stream in stand.engine.streams:
            stream.shutdown(2)
        assert person.wait() == 70
        assert b"container engine" in person.seen
        assert person.settings == person.before


@pytest.mark.parametrize("which", ["container", "process"])
def test_a_missing_protection_refuses_the_session(stand: Stand, which: str) -> None:
    stand.configure(**{which: ["no seccomp filter"]})
    with stand.person("sh", "-c", "read line; echo got:$line") as person:
        person.type(b"typed ahead\r")
        assert person.wait() == 69
        assert b"protections is not in force" in person.seen
        assert b"got:" not in person.seen
    stand.wait_until_empty()
    event = stand.events()[-1]
    assert (event["event"], event["ABLY_REASON"]) == ("refused", "no seccomp filter")
    executed = [path for method, path in stand.engine.requests if path.endswith("/exec")]
    assert len(executed) == (0 if which == "container" else 1)


def test_an_operator_is_told_why(stand: Stand) -> None:
    stand.configure(container=["no seccomp filter"], operators=[os.getuid()])
    done = stand.pipe(())
    assert (done.returncode, done.stderr) == (69, b"ably-sandbox: no seccomp filter\n")


def test_a_full_house_says_so(stand: Stand) -> None:
    with stand.person("sh", "-c", "echo ready; cat") as one, stand.person("sh", "-c", "echo ready; cat") as two:
        one.read_until(b"ready")
        two.read_until(b"ready")
        users = {config["User"] for config in stand.engine.created}
        assert users == {"60600:60600", "60601:60601"}
        third = stand.pipe(())
        assert third.returncode == 75
        assert third.stderr == b"ably-sandbox: all 2 sessions are in use, please try again later\n"
        one.type(b"\x04")
        assert one.wait() == 0
        assert stand.pipe(("echo", "room")).stdout == b"room\n"


def test_a_command_of_ones_own_is_refused_unless_allowed(stand: Stand) -> None:
    stand.write_fragment("30-limits.json", {"any_command": False})
    done = stand.pipe(("id",))
    assert done.returncode == 69
    assert b"its own command only" in done.stderr


def test_the_environment_is_what_was_allowed_and_is_not_written_to_the_container(stand: Stand) -> None:
    given = {"ABLY_ACCESS_TOKEN": "planted-secret", "ABLY_OTHER": "x", "LANG": "pl_PL.UTF-8", "LD_PRELOAD": ""}
    done = stand.pipe(("env",), env=given)
    seen = dict(line.split("=", 1) for line in done.stdout.decode().splitlines())
    assert seen["ABLY_ACCESS_TOKEN"] == "planted-secret"
    assert seen["LANG"] == "pl_PL.UTF-8"
    assert (seen["HOME"], seen["USER"]) == ("/home/ably", "ably")
    assert not {"ABLY_OTHER", "LD_PRELOAD", "PYTHONPATH"} & set(seen)
    assert "planted-secret" not in str(stand.engine.created)


@pytest.mark.parametrize(
    ("image", "given", "found"),
    [
        ({}, {}, ("true", "1", "/tmp/.cache")),
        ({"XDG_CACHE_HOME": "/opt/cache"}, {}, ("true", "1", "/opt/cache")),
        ({}, {"XDG_CACHE_HOME": "/run/c", "NO_UPDATE_NOTIFIER": "0"}, ("true", "0", "/run/c")),
    ],
)
def test_what_can_only_fail_is_not_tried_unless_image_or_operator_say_so(
    stand: Stand, image: dict[str, str], given: dict[str, str], found: tuple[str, ...]
) -> None:
    stand.engine.image_env.update(image)
    stand.write_fragment("10-filesystem.json", {**FRAGMENTS["10-filesystem.json"], "env": given})
    lines = stand.pipe(("env",)).stdout.decode().splitlines()
    seen = dict(line.split("=", 1) for line in lines)
    names = ("ABLY_SKIP_NEW_VERSION_CHECK", "NO_UPDATE_NOTIFIER", "XDG_CACHE_HOME")
    assert tuple(seen[name] for name in names) == found


def test_a_killed_service_is_cleaned_up_after(stand: Stand) -> None:
    with stand.person("sh", "-c", "echo ready; sleep 1000") as person:
        person.read_until(b"ready")
        stand.services[0].kill()
        assert person.wait() == 70
        assert b"broke off" in person.seen
        assert person.settings == person.before
    assert stand.engine.containers
    stand.clean_up(0)
    stand.wait_until_empty()


def test_broken_fragments_refuse_without_telling_the_person_why(stand: Stand) -> None:
    stand.write_fragment("30-limits.json", {"pids": 51})
    done = stand.pipe(("id",))
    assert done.returncode == 69
    assert b"could not be opened" in done.stderr
    assert b"pids" not in done.stderr
    assert "30-limits.json loosens pids" in stand.events()[-1]["ABLY_REASON"]


def test_events_tell_who_and_how(stand: Stand) -> None:
    stand.pipe(("sh", "-c", "exit 9"))
    stand.wait_until_empty()
    opened, ended = stand.events()
    assert (opened["event"], ended["event"]) == ("opened", "ended")
    assert ended["ABLY_UID"] == "60600"
    assert ended["ABLY_PEER_UID"] == str(os.getuid())
    assert ended["ABLY_STATUS"] == "9"
    assert ended["ABLY_SESSION"] == opened["ABLY_SESSION"]


def test_who_leaves_a_former_image_has_it_looked_after(stand: Stand) -> None:
    with stand.person("sh", "-c", "echo ready; sleep 1000") as person:
        person.read_until(b"ready")
        newer = {**FRAGMENTS["00-image.json"], "image": f"sha256:{'2' * 64}"}
        stand.write_fragment("00-image.json", newer)
        person.type(b"\x03")
        person.wait()
    stand.wait_until_empty()
    assert [event["event"] for event in stand.events()] == ["opened", "tidy", "ended"]


def test_no_service_is_a_sentence(stand: Stand) -> None:
    Path(stand.socket).unlink()
    done = stand.pipe(())
    assert done.returncode == 69
    assert b"no sessions are served" in done.stderr
