"""The proof's own session, against a stand-in engine: what counts as one, and that none is left behind."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._agent import verify
from ansible_collections.ably.sandbox.tests.unit.agent.fragments import FRAGMENTS
from ansible_collections.ably.sandbox.tests.unit.agent.stand import Stand, wait_until


@pytest.fixture(autouse=True)
def socket_of_the_stand(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "SESSION_SOCKET", stand.socket)
    monkeypatch.setattr(verify, "_BUSY_SECONDS", 0.5)
    monkeypatch.setattr(verify, "_BUSY_STEP", 0.2)


def run(stand: Stand, *command: str) -> None:
    stand.write_fragment("10-filesystem.json", {**FRAGMENTS["10-filesystem.json"], "command": list(command)})


def test_a_command_that_runs_is_a_session_and_is_ended(stand: Stand) -> None:
    run(stand, "sh", "-c", "while :; do echo much output; done")
    with verify._opened_session() as opened:
        assert opened.proven
        assert len(stand.engine.containers) == 1
    stand.wait_until_empty()
    assert [event["event"] for event in stand.events()] == ["opened", "ended"]


@pytest.mark.parametrize("seconds", ["0", "0.4"])
def test_a_command_that_ends_by_itself_is_none(stand: Stand, seconds: str) -> None:
    run(stand, "sh", "-c", f"sleep {seconds}; echo Cannot find module; exit 3")
    said = "ended at once, with status 3: Cannot find module"
    with pytest.raises(verify.VerificationFailed, match=said), verify._opened_session():
        pass
    stand.wait_until_empty()


def test_its_end_is_the_reason_for_whatever_went_wrong_with_it(stand: Stand) -> None:
    run(stand, "sh", "-c", "sleep 0.4; exit 3")
    with pytest.raises(verify.VerificationFailed, match="ended at once, with status 3"), verify._opened_session():
        raise verify.SandboxError("the name server does not answer")


def test_a_missing_protection_is_told_as_it_is(stand: Stand) -> None:
    stand.configure(container=["no seccomp filter"], operators=[0])
    with pytest.raises(verify.VerificationFailed, match=r"^no seccomp filter"), verify._opened_session():
        pass


def test_a_full_house_is_no_success(stand: Stand) -> None:
    run(stand, "sh", "-c", "sleep 1000")
    with stand.person("sleep", "1000") as one, stand.person("sleep", "1000") as two:
        wait_until(lambda: [event["event"] for event in stand.events()] == ["opened"] * 2, "two sessions")
        assert (one.process.poll(), two.process.poll()) == (None, None)
        said = "all 2 sessions are in use"
        with pytest.raises(verify.VerificationFailed, match=said) as failed, verify._opened_session():
            pass
    assert failed.value.status == 75


def test_no_service_is_a_reason(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "SESSION_SOCKET", f"{stand.folder}/none.sock")
    with pytest.raises(verify.VerificationFailed, match="No such file"), verify._opened_session():
        pass
