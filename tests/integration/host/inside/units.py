"""Units are enabled and started, restarted once when their file changes, and gone again afterwards."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.ably.sandbox.plugins.module_utils._controls.wishes import (
    DAEMON_RELOAD,
    restart_unit,
    unit,
    whole_file,
)
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Resource, Wish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import State
from ansible_collections.ably.sandbox.tests.integration.host.inside.steps import (
    apply,
    apply_twice,
    control,
    engine,
    observe,
    refused,
    roll_back,
    say,
)
from ansible_collections.ably.sandbox.tests.states import present

NAME = "ably-test.service"
PATH = f"/etc/systemd/system/{NAME}"
OFF = present(enabled="disabled", active="inactive")
ON = present(enabled="enabled", active="active")


def service(command: str) -> Wish:
    return service_file(f"ExecStart={command}")


def service_file(lines: str) -> Wish:
    text = f"[Service]\n{lines}\n[Install]\nWantedBy=multi-user.target\n"
    return whole_file(PATH, text, DAEMON_RELOAD, restart_unit(NAME))


def invocation() -> str:
    return say("systemctl", "show", "--property=InvocationID", "--value", NAME)


def come_and_go() -> None:
    apply_twice(control("container", service("/usr/bin/sleep 1001"), unit(NAME)))
    assert observe("unit", NAME) == ON
    first = invocation()
    outcome = engine().apply(control("container", service("/usr/bin/sleep 1002"), unit(NAME)))
    assert [str(activation) for activation in outcome.plan.activations] == ["daemon-reload", f"restart {NAME}"]
    assert invocation() != first
    assert "sleep 1002" in say("systemctl", "show", "--property=ExecStart", NAME)
    say("systemctl", "stop", NAME)
    assert apply(control("container", service("/usr/bin/sleep 1002"), unit(NAME))) == [f"unit {NAME}"]
    roll_back()
    assert observe("unit", NAME) == OFF
    assert not Path(PATH).exists()
    assert "not-found" in say("systemctl", "show", "--property=LoadState", NAME)


def undo_a_unit_that_does_not_start() -> None:
    with refused(NAME, "expected active", "203/EXEC", "restored as they were"):
        apply(control("container", service("/usr/bin/nosuchprogram"), unit(NAME)))
    assert observe("unit", NAME) == OFF
    assert not Path(PATH).exists()
    assert say("systemctl", "--failed", "--no-legend", "--plain").strip() == ""


def undo_a_restart_that_fails() -> None:
    apply(control("container", service("/usr/bin/sleep 1001"), unit(NAME)))
    # Before its program, which systemd takes for started whatever becomes of it.
    failing = service_file("ExecStartPre=/usr/bin/false\nExecStart=/usr/bin/sleep 1002")
    with refused(NAME):
        apply(control("container", failing, unit(NAME)))
    assert "sleep 1001" in Path(PATH).read_text(encoding="utf-8")
    assert observe("unit", NAME) == ON
    roll_back()


def mask_and_unmask() -> None:
    Path(PATH).write_text("[Service]\nExecStart=/usr/bin/sleep 1003\n[Install]\nWantedBy=multi-user.target\n")
    # A mask takes the file's place, so the file that is masked lies where vendors put theirs.
    vendors = Path("/usr/lib/systemd/system") / NAME
    Path(PATH).rename(vendors)
    say("systemctl", "daemon-reload")
    say("systemctl", "enable", "--now", NAME)
    apply_twice(control("container", Wish(Resource("unit", NAME), State({"enabled": "masked", "active": "inactive"}))))
    roll_back()
    assert observe("unit", NAME) == ON
    say("systemctl", "disable", "--now", NAME)
    vendors.unlink()
    say("systemctl", "daemon-reload")


def refuse_what_systemctl_cannot_do() -> None:
    with refused("cannot be made static"):
        apply(control("container", Wish(Resource("unit", NAME), present(enabled="static"))))


if __name__ == "__main__":
    for check in (
        come_and_go,
        undo_a_unit_that_does_not_start,
        undo_a_restart_that_fails,
        mask_and_unmask,
        refuse_what_systemctl_cannot_do,
    ):
        print(check.__name__, flush=True)
        check()
