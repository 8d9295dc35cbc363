"""The parts of the lab that need no virtual machine."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.tests.lab import hardware, images, inventory, packages, sharing, ssh, state
from ansible_collections.ably.sandbox.tests.lab.console import LabError
from ansible_collections.ably.sandbox.tests.lab.serve_packages import PackageHandler
from ansible_collections.ably.sandbox.tests.lab.settings import REPOSITORY, SHARED, Settings

MACHINE = hardware.Hardware(
    accelerator="tcg",
    processors=2,
    kernel=Path("/lab/vmlinuz"),
    initrd=Path("/lab/initrd"),
    disk=Path("/lab/a,b/disk.qcow2"),
    package_server=("python3", "/lab/serve packages.py", "/lab/packages"),
    console_log=Path("/lab/console.log"),
    monitor=Path("/lab/qmp"),
    ssh_port=2222,
)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    found = Settings(tmp_path, "tcg", 2)
    yield found
    shutil.rmtree(found.sockets)


def option(arguments: list[str], name: str) -> str:
    return arguments[arguments.index(name) + 1]


def test_network_lets_in_ssh_from_loopback_and_out_to_the_package_cache_only() -> None:
    assert option(hardware.command_line(MACHINE), "-netdev") == (
        "user,id=net,ipv6=off,restrict=on,hostfwd=tcp:127.0.0.1:2222-10.0.2.15:22,"
        "guestfwd=tcp:10.0.2.100:80-cmd:python3 '/lab/serve packages.py' /lab/packages"
    )


def test_acceleration_is_emulation_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ABLY_SANDBOX_LAB_ACCEL", raising=False)
    assert Settings.from_environment().accelerator == "tcg"
    assert option(hardware.command_line(MACHINE), "-accel") == "tcg,thread=multi"
    assert option(hardware.command_line(replace(MACHINE, accelerator="kvm")), "-accel") == "kvm"


def test_two_processors_unless_asked_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ABLY_SANDBOX_LAB_CPUS", raising=False)
    assert Settings.from_environment().processors == 2
    assert option(hardware.command_line(MACHINE), "-smp") == "2"
    assert option(hardware.command_line(replace(MACHINE, processors=1)), "-smp") == "1"
    monkeypatch.setenv("ABLY_SANDBOX_LAB_CPUS", "all")
    with pytest.raises(LabError, match="'all'"):
        Settings.from_environment()


def test_each_place_has_its_own_machine_over_the_same_images(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    other = replace(settings, place="2")
    assert (other.images, other.session_image, other.key) == (settings.images, settings.session_image, settings.key)
    assert len({settings.disk("ready"), other.disk("ready")}) == len({settings.sockets, other.sockets}) == 2
    other.sockets.rmdir()
    monkeypatch.setenv("ABLY_SANDBOX_LAB_PLACE", "shared")
    with pytest.raises(LabError, match="'shared'"):
        Settings.from_environment()


@pytest.mark.parametrize("identity", ["identity", "another"])
def test_a_machine_begins_with_the_shared_one_only_when_that_is_the_same(settings: Settings, identity: str) -> None:
    shared = replace(settings, place=SHARED)
    shared.machine("ready").mkdir(parents=True)
    shared.disk("ready").write_text("shared")
    state.save(shared, machine("gone", state.Process.of(os.getpid())))
    assert (sharing.adopt(settings, "ready", identity) is not None) == (identity == "identity")
    found = state.load(settings, "ready")
    if identity == "identity":
        assert found
        assert (found.owner, found.ssh_port, settings.disk("ready").read_text()) == (str(REPOSITORY), 0, "shared")
        assert (found.is_running, found.power) == (False, state.OFF)
    else:
        assert found is None


def test_a_machine_is_behind_until_it_has_what_was_shared_last(settings: Settings) -> None:
    shared = replace(settings, place=SHARED)
    assert not sharing.is_behind(settings, "ready", "identity")
    shared.machine("ready").mkdir(parents=True)
    state.save(shared, machine("gone", state.Process.of(os.getpid())))
    for sharing_of in ("once", "and once more"):
        shared.mark("ready").write_text(sharing_of)
        assert sharing.is_behind(settings, "ready", "identity")
        assert not sharing.is_behind(settings, "ready", "another")
        assert sharing.adopt(settings, "ready", "identity")
        assert not sharing.is_behind(settings, "ready", "identity")


def test_nothing_is_shared_at_first(settings: Settings) -> None:
    assert sharing.adopt(settings, "ready", "identity") is None


def test_unknown_acceleration_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABLY_SANDBOX_LAB_ACCEL", "auto")
    with pytest.raises(LabError, match="auto"):
        Settings.from_environment()


def test_commas_in_paths_are_not_taken_for_options() -> None:
    assert "file=/lab/a,,b/disk.qcow2" in option(hardware.command_line(MACHINE), "-drive")


def test_flushes_of_the_guest_are_honoured() -> None:
    assert "cache=writeback" in option(hardware.command_line(MACHINE), "-drive")


def test_a_snapshot_is_asked_for_only_when_named() -> None:
    assert "-loadvm" not in hardware.command_line(MACHINE)
    assert option(hardware.command_line(MACHINE, snapshot="clean"), "-loadvm") == "clean"


def test_mirrors_are_this_machines_own() -> None:
    listing = "Debian|http://a.test/debian/\nDebian|http://b.test/debian/\nNode|http://n.test/\nDebian-Security|http://s.test/"
    assert packages.sources(packages.mirrors(listing)) == [
        "deb http://a.test/debian/ trixie main",
        "deb http://a.test/debian/ trixie-updates main",
        "deb http://s.test/ trixie-security main",
    ]


def test_a_machine_without_debian_mirrors_leaves_the_choice_to_mmdebstrap() -> None:
    assert packages.sources(packages.mirrors("Ubuntu|http://u.test/\n")) == []


def test_package_list_has_names_only(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("# why\n\ndocker.io  # engine\nhaproxy\n")
    assert packages.words(tmp_path / "list") == ("docker.io", "haproxy")


@pytest.mark.parametrize(
    "change", [lambda p: p.write_text("other"), lambda p: p.chmod(0o755), lambda p: p.rename(p.with_name("b"))]
)
def test_image_key_follows_content_mode_and_name(tmp_path: Path, change: object) -> None:
    path = tmp_path / "a"
    path.write_text("input")
    path.chmod(0o644)
    before = images.digest(images.tree_files(tmp_path))
    change(path)  # type: ignore[operator]
    assert images.digest(images.tree_files(tmp_path)) != before


def test_inventory_names_the_shared_connection_where_ansible_looks(settings: Settings) -> None:
    host = json.loads(inventory.render(settings, 2222, image="ready"))["sandbox"]["hosts"]["lab-host"]
    assert host["ansible_port"] == 2222
    assert f"-o ControlPath={settings.sockets}/ssh-%C" in host["ansible_ssh_args"]
    assert f"    ControlPath {settings.sockets}/ssh-%C\n" in ssh.render_config(settings, 2222)


def test_socket_paths_fit_whatever_the_lab_folder_is() -> None:
    sockets = Settings(Path("/" + "long/" * 60), "tcg", 2).sockets
    sockets.rmdir()
    assert len(os.fsencode(sockets / f"ssh-{'0' * 40}.{'x' * 16}")) < 108


def machine(owner: str, process: state.Process) -> state.Machine:
    return state.Machine("ready", "identity", owner, state.ON, process, 2222)


def test_a_process_is_not_mistaken_for_another_with_its_number() -> None:
    own = state.Process.of(os.getpid())
    assert own.is_alive()
    assert not replace(own, started=own.started - 1).is_alive()
    assert not state.NOBODY.is_alive()


def test_record_of_a_machine_is_read_back(settings: Settings) -> None:
    settings.machine("ready").mkdir(parents=True)
    written = machine(str(REPOSITORY), state.Process.of(os.getpid()))
    state.save(settings, written)
    assert state.load(settings, "ready") == written == state.running(settings)
    assert state.load(settings, "bare") is None


def test_the_machine_of_another_checkout_is_left_alone(settings: Settings, tmp_path: Path) -> None:
    settings.machine("ready").mkdir(parents=True)
    state.save(settings, machine(str(tmp_path), state.Process.of(os.getpid())))
    with pytest.raises(LabError, match=str(tmp_path)):
        state.running(settings)


def test_the_machine_of_a_checkout_that_is_gone_is_anybodys(tmp_path: Path) -> None:
    state.refuse_foreign(machine(str(tmp_path / "gone"), state.Process.of(os.getpid())))


def test_packages_are_served_on_a_connection_that_stays_open(tmp_path: Path) -> None:
    (tmp_path / "Packages").write_text("Package: a\n")
    asked = b"GET /Packages HTTP/1.1\r\nHost: cache\r\n\r\n"
    answered = io.BytesIO()

    class Recorded(PackageHandler):
        def setup(self) -> None:
            self.connection = None  # type: ignore[assignment]
            self.rfile, self.wfile = io.BufferedReader(io.BytesIO(asked * 2)), answered  # type: ignore[arg-type]

        def finish(self) -> None:
            pass

    Recorded(None, ("guest", 0), None, directory=str(tmp_path))  # type: ignore[arg-type]
    assert answered.getvalue().count(b"HTTP/1.1 200 OK") == 2
    assert answered.getvalue().count(b"Package: a\n") == 2
