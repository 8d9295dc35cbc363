"""Which place a session gets, with which uid, and what of a session can stay behind."""

from __future__ import annotations

from ansible_collections.ably.sandbox.tests.unit.agent.fragments import FRAGMENTS
from ansible_collections.ably.sandbox.tests.unit.agent.stand import Stand, wait_until


def test_the_next_session_in_a_place_removes_what_was_left_there(stand: Stand) -> None:
    with stand.person("sh", "-c", "echo ready; sleep 1000") as person:
        person.read_until(b"ready")
        stand.services[0].kill()
        person.wait()
    left = set(stand.engine.containers)
    assert stand.pipe(("echo", "fine")).stdout == b"fine\n"
    assert len(left) == 1
    assert not stand.engine.containers


def test_a_place_that_cannot_be_emptied_is_passed_over(stand: Stand) -> None:
    with stand.person("sh", "-c", "echo ready; sleep 1000") as person:
        person.read_until(b"ready")
        stand.services[0].kill()
        person.wait()
    (left,) = stand.engine.containers
    stand.engine.refuse.add(f"/containers/{left}")
    assert stand.pipe(("echo", "fine")).stdout == b"fine\n"
    assert set(stand.engine.containers) == {left}
    assert stand.engine.created[-1]["User"] == "60601:60601"
    (told,) = [event for event in stand.events() if event["event"] == "left-behind"]
    assert (told["ABLY_UID"], left in told["message"]) == ("60600", True), told
    # With the other place taken as well there is none; the first one is not given to anybody.
    with stand.person("sh", "-c", "echo ready; sleep 1000") as person:
        person.read_until(b"ready")
        assert stand.pipe(("echo", "full")).returncode == 75


def test_a_changed_first_uid_gives_no_two_sessions_the_same(stand: Stand) -> None:
    with stand.person("sh", "-c", "echo ready; sleep 1000") as person:
        person.read_until(b"ready")
        # The first place has the number of the one that is open, and with it its wire; the second one has its uid.
        stand.write_fragment("11-limits.json", {**FRAGMENTS["11-limits.json"], "uid_base": 60599})
        assert stand.pipe(("echo", "neither")).returncode == 75
        stand.write_fragment("11-limits.json", {**FRAGMENTS["11-limits.json"], "uid_base": 60597, "sessions": 3})
        assert stand.pipe(("echo", "second")).stdout == b"second\n"
    assert [body["User"] for body in stand.engine.created] == ["60600:60600", "60598:60598"]


def test_without_an_engine_the_processes_of_a_session_end_all_the_same(stand: Stand) -> None:
    with stand.person("sh", "-c", "echo ready; sleep 1000") as person:
        person.read_until(b"ready")
        (container,) = stand.engine.containers.values()
        stand.engine.refuse.update({"/exec/exec0/json", f"/containers/{container.identifier}", "/containers/json"})
        for stream in stand.engine.streams:
            stream.shutdown(2)
        assert person.wait() == 70
    assert container.pause
    wait_until(lambda: container.pause.poll() is not None, "the pause program has ended")
