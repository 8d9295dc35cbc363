"""Which kind does what, and how changed files are made live: with a systemctl that is told what its unit is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import (
    DownError,
    SandboxError,
    VerificationError,
)
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Activation, Resource, Wish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change
from ansible_collections.ably.sandbox.plugins.module_utils._system import local_host
from ansible_collections.ably.sandbox.plugins.module_utils._system.commands import ENVIRONMENT
from ansible_collections.ably.sandbox.plugins.module_utils._system.local_host import LocalHost
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.provider import PlainProvider
from ansible_collections.ably.sandbox.tests.states import present

FILE = Resource("file", "/etc/x")
RESTART, RELOAD = Activation("restart", "x.service"), Activation("reload", "x.service")
# `show` prints what $0.state holds; the verb named in $0.breaks fails and leaves the unit failed.
SYSTEMCTL = """#!/bin/sh
case $1 in show) cat "$0.state"; exit ;; esac
echo "$1" >> "$0.log"
case $1 in
"$(cat "$0.breaks" 2>/dev/null)") echo ActiveState=failed > "$0.state"; echo broken >&2; exit 1 ;;
restart) echo ActiveState=active > "$0.state" ;;
esac
"""
JOURNALCTL = "#!/bin/sh\necho starting\necho 'x: line 3 is wrong'\n"

Systemctl = Callable[..., Callable[[], list[str]]]


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemctl:
    """`systemctl(state, breaks)` sets the unit up; what it returns reads the verbs that were carried out."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("systemctl", SYSTEMCTL), ("journalctl", JOURNALCTL)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setitem(ENVIRONMENT, "PATH", f"{programs}:/usr/bin:/bin")

    def set_up(state: str, breaks: str = "") -> Callable[[], list[str]]:
        (programs / "systemctl.state").write_text(
            f"ActiveState={state}\nInvocationID=7\nStateChangeTimestampMonotonic=9\n"
        )
        (programs / "systemctl.breaks").write_text(breaks)
        log = programs / "systemctl.log"
        return lambda: log.read_text().split() if log.exists() else []

    return set_up


@pytest.mark.parametrize(
    ("activation", "state", "verbs"),
    [
        (Activation("daemon-reload"), "inactive", ["daemon-reload"]),
        (RESTART, "active", ["reset-failed", "try-restart"]),
        (RELOAD, "active", ["try-reload-or-restart"]),
        (RESTART, "inactive", []),
        (RELOAD, "inactive", []),
        (RESTART, "failed", ["reset-failed", "restart"]),
        (RELOAD, "failed", ["reset-failed", "restart"]),
    ],
)
def test_a_unit_that_was_stopped_on_purpose_stays_so(
    systemctl: Systemctl, activation: Activation, state: str, verbs: list[str]
) -> None:
    carried_out = systemctl(state)
    LocalHost().activate(activation)
    assert carried_out() == verbs


def test_a_unit_that_does_not_come_back_is_told_with_its_last_words(systemctl: Systemctl) -> None:
    """And first of all that it does not run, and how to start it."""
    systemctl("active", breaks="try-restart")
    with pytest.raises(DownError) as caught:
        LocalHost().activate(RESTART)
    assert str(caught.value) == (
        "x.service does not run: mend what its journal names (journalctl -u x.service), then start it with "
        "`systemctl reset-failed x.service; systemctl start x.service`. "
        "x.service: try-restart failed: starting | x: line 3 is wrong; systemctl status x.service"
    )


def test_a_unit_whose_files_have_changed_is_read_anew_before_it_restarts(systemctl: Systemctl) -> None:
    carried_out = systemctl("active\nNeedDaemonReload=yes")
    LocalHost().activate(RESTART)
    assert carried_out() == ["daemon-reload", "reset-failed", "try-restart"]


def test_tokens(systemctl: Systemctl) -> None:
    systemctl("active")
    tokens = [LocalHost().token(activation) for activation in (RESTART, RELOAD, Activation("daemon-reload"))]
    assert tokens == ["7", "7 9", ""]


def test_health_is_waited_for(tmp_path: Path) -> None:
    host = LocalHost(health_patience=5)
    host.check_health(("sh", "-c", f"test -e {tmp_path}/ready || {{ touch {tmp_path}/ready; false; }}"))


def test_health_that_does_not_come() -> None:
    with pytest.raises(VerificationError, match=r"not healthy after 0 s: sh -c .*: exit code 1: no answer"):
        LocalHost(health_patience=0).check_health(("sh", "-c", "echo no answer; exit 1"))


class Noting(PlainProvider):
    """Marks what went through it."""

    def complete(self, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        names = ",".join(wish.resource.name for wish in wishes)
        return tuple(Wish(wish.resource, present(seen=names)) for wish in wishes)


def test_a_kind_completes_its_wishes_together_and_their_order_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_host, "PROVIDERS", {"noting": Noting, "plain": PlainProvider})
    wishes = [Wish(Resource(kind, name), ABSENT) for kind, name in (("noting", "a"), ("plain", "b"), ("noting", "c"))]
    completed = LocalHost().complete(wishes)
    assert [wish.resource.name for wish in completed] == ["a", "b", "c"]
    assert [wish.state for wish in completed] == [present(seen="a,c"), ABSENT, present(seen="a,c")]


@pytest.mark.parametrize(
    ("resource", "before", "after", "is_secret"),
    [
        (FILE, present(mode=0o600), present(mode=0o644), True),
        (FILE, ABSENT, present(mode=0o640), True),
        (FILE, present(mode=0o644), ABSENT, False),
        (Resource("file", "/etc/link"), present(type="link"), ABSENT, False),
        (Resource("shared_file", "/etc/docker/daemon.json"), present(mode=0o644), present(mode=0o644), True),
        (Resource("table_entry", "/etc/shadow#haproxy"), present(line="x"), ABSENT, True),
        (Resource("table_entry", "/etc/passwd#haproxy"), present(line="x"), ABSENT, False),
        (Resource("shared_time", "/etc/gshadow"), present(sha256="1"), present(sha256="2"), True),
        (Resource("sysctl", "net.x"), present(value="1"), present(value="2"), False),
    ],
)
def test_what_not_everybody_on_the_host_may_read(
    resource: Resource, before: State, after: State, is_secret: bool
) -> None:
    assert LocalHost().is_secret(Change(resource, before, after)) is is_secret


def test_packages_go_in_one_call_of_their_manager_and_stay_unless_asked() -> None:
    traits = {kind: LocalHost().traits(kind) for kind in local_host.PROVIDERS}
    assert [kind for kind, its in traits.items() if its.is_swapped_together] == ["package"]
    assert [kind for kind, its in traits.items() if its.is_lasting] == ["package"]


def test_a_kind_of_a_newer_release() -> None:
    with pytest.raises(SandboxError, match="kind 'hologram' is not known"):
        LocalHost().observe(Resource("hologram", "x"))


def test_every_kind_can_be_made_without_touching_the_host(outside: Any) -> None:
    assert isinstance(outside, Outside)
    for make in local_host.PROVIDERS.values():
        make(outside)
    assert outside.steps == []


def test_arming_begins_the_countdown_anew(systemctl: Systemctl) -> None:
    verbs = systemctl("active")
    LocalHost().arm()
    assert verbs() == ["restart"]


def test_a_countdown_that_does_not_start_is_said(systemctl: Systemctl) -> None:
    systemctl("active", breaks="restart")
    with pytest.raises(SandboxError, match=r"systemctl restart -- ably-sandbox-revert.service: exit code 1: broken"):
        LocalHost().arm()
