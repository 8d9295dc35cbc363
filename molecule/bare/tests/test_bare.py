"""The whole way on a host that has none of the packages: told beforehand, up, a session, down, nothing left."""

from __future__ import annotations

from pathlib import Path

import pytest
from lab.settings import REPOSITORY
from support.host import APPARMOR, KERNEL, LEVEL_1, LEVEL_2, Host, compare, play, wait_until
from support.newer_image import write_newer_image
from support.planned import reach, tell_plan
from support.reached import reached, reached_past_the_filter
from support.session import Terminal, run_lines
from support.settled import VISITS

# Made from what Docker has at that moment, and there is no Docker yet.
CARRIED = ("docker_archive ", "remapped_image ", "remapped_network ")
# There by then: a package has it, and which files a package has is not known before.
BROUGHT = {"file /etc/docker"}
AT_LEVEL_2 = "bare-level2"
PROFILE = "/etc/apparmor.d/ably-sandbox"
# The role's own, and one folder more.
_OWN = (REPOSITORY / "roles" / "apparmor" / "templates" / "profile.j2").read_text()
OWN_TEMPLATE = _OWN[: _OWN.rindex("}")] + "  /opt/ours/** r,\n}\n"


@pytest.fixture(scope="module")
def plan(before: dict[str, object]) -> set[str]:
    assert before
    return tell_plan(LEVEL_2)


def test_check_mode_changes_nothing(machine: Host, before: dict[str, object], plan: set[str], tmp_path: Path) -> None:
    assert plan
    assert compare(before, machine.fingerprint(), tmp_path) == ""


def test_level_2_is_what_was_planned_and_a_session_has_an_allowed_answer(
    machine: Host, plan: set[str], packaged: dict[str, object]
) -> None:
    assert packaged
    assert {resource for resource in reach(LEVEL_2) if not resource.startswith(CARRIED)} == plan - BROUGHT
    status, text = run_lines(machine, "whoami", "time", "exit")
    assert (status, "time 1" in text, "uid=606" in text) == (0, True, True), text
    said = machine.out("ably-sandbox status")
    assert "level:      2" in said
    assert "drift" not in said
    # Docker asks for it at each start, and is refused from the first one on.
    assert "xfrm_user" not in machine.out("cat /proc/modules")


def images(host: Host) -> set[str]:
    return set(host.out("docker images --all --no-trunc --quiet").split())


def test_a_newer_image_takes_the_place_of_the_former_one(machine: Host, tmp_path: Path) -> None:
    """Who is in a session stays in it. The former image goes with the last of them, and level 1 has the newer one."""
    machine.save(AT_LEVEL_2)
    (former,) = images(machine)
    archive = tmp_path / "newer.tar.gz"
    newer = write_newer_image(machine.settings.session_image, archive)
    with Terminal(machine) as session:
        status, output = play("site", LEVEL_2, "--extra-vars", f"sandbox_image_archive={archive}")
        assert status == 0, output
        assert session.ask("echo unharmed") == "unharmed"
        assert images(machine) == {former, newer}
        session.client.send("exit\r")
        assert session.end() == 0
    wait_until(lambda: images(machine) == {newer}, "the former image has gone")
    machine.out("ably-sandbox rollback --to-level 1")
    assert images(machine) == {newer}
    status, text = run_lines(machine, "whoami", "exit")
    assert (status, "uid=606" in text) == (0, True), text
    assert "drift" not in machine.out("ably-sandbox status")


def test_rxrpc_is_closed_to_a_level_1_session_by_its_item_alone(machine: Host, tmp_path: Path) -> None:
    """Only Debian's usual kernel has it, which is this machine's. What the attempts load is gone with the snapshot."""
    assert reached(machine)["rxrpc"] != "done"
    assert reached_past_the_filter(machine)["rxrpc"] == "EAFNOSUPPORT"
    left_out = tmp_path / "left-out.yml"
    left_out.write_text(LEVEL_1.read_text() + "sandbox_kernel_left_out: [rxrpc]\n")
    status, output = play("site", left_out, *KERNEL)
    assert status == 0, output
    assert reached_past_the_filter(machine)["rxrpc"] == "done"
    machine.restore(AT_LEVEL_2)


def site_with(folder: Path, template: str) -> tuple[int, str]:
    """Straight to the last control of phase 2, with a template of its own."""
    (folder / "profile.j2").write_text(template)
    variables = folder / "template.yml"
    variables.write_text(LEVEL_2.read_text() + f"sandbox_apparmor_template: {folder / 'profile.j2'}\n")
    return play("site", variables, *APPARMOR)


def test_a_template_that_the_parser_refuses_changes_nothing(machine: Host, tmp_path: Path) -> None:
    was = machine.fingerprint(VISITS)
    status, output = site_with(tmp_path, OWN_TEMPLATE.replace("/opt/ours/** r,", "/opt/ours/** sometimes,"))
    assert status != 0
    assert "AppArmor profile: refused by apparmor_parser: " in " ".join(output.split())
    assert compare(was, machine.fingerprint(VISITS), tmp_path) == ""


def test_another_template_is_used(machine: Host, tmp_path: Path) -> None:
    status, output = site_with(tmp_path, OWN_TEMPLATE)
    assert status == 0, output
    assert "/opt/ours/** r," in machine.out(f"cat {PROFILE}")
    assert "drift" not in machine.out("ably-sandbox status")


def test_rollback_leaves_the_packages_and_nothing_else(
    machine: Host, packaged: dict[str, object], tmp_path: Path
) -> None:
    status, output = play("rollback", LEVEL_2, "--extra-vars", "sandbox_level=0")
    assert status == 0, output
    # Unpacked at another moment, and what the packages moved is still remembered; all the rest has to be the same.
    options = ("--ignore-mtime", "--but", "files/var/lib/ably-sandbox*")
    assert compare(packaged, machine.fingerprint(), tmp_path, *options) == ""


def test_check_mode_tells_the_plan_where_docker_is_stopped(machine: Host, plan: set[str]) -> None:
    """The rollback before has left the packages, and stopped what they had started."""
    assert machine.call("systemctl is-active docker")[0] != 0
    assert tell_plan(LEVEL_2) == {resource for resource in plan - BROUGHT if not resource.startswith("package ")}


def test_rollback_with_packages_gives_the_first_state_back(
    machine: Host, before: dict[str, object], tmp_path: Path
) -> None:
    everything = ("--extra-vars", "sandbox_level=0", "--extra-vars", "sandbox_rollback_packages=true")
    status, output = play("rollback", LEVEL_2, *everything)
    assert status == 0, output
    assert compare(before, machine.fingerprint(), tmp_path) == ""
