"""Which modules a kernel has or could load, by files under a root of a test's own and a modprobe that only answers."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.kernel.control import MODULE_RULES
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.modules import (
    MODULES,
    OPTIONS,
    ModuleFacts,
)
from ansible_collections.ably.sandbox.plugins.module_utils._system import module_reader
from ansible_collections.ably.sandbox.plugins.module_utils._system.commands import Result
from ansible_collections.ably.sandbox.plugins.module_utils._system.module_reader import ModuleReader
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside

KERNEL = "6.12.1"
BUILT_IN = "".join(f"CONFIG_{option}=y\n" for option in OPTIONS.values())


class Modprobe:
    """Knows of modules, and of nothing else."""

    def __init__(self, *known: str) -> None:
        self.known = known
        self.asked: list[Sequence[str]] = []

    def run(self, command: Sequence[str], **_unused: object) -> Result:
        assert command[:5] == ("modprobe", "--all", "--dry-run", "--quiet", "--")
        self.asked.append(command[5:])
        return Result(0 if set(command[5:]) <= set(self.known) else 1, "", "")


def write(root: Path, path: str, content: str | bytes = "") -> None:
    file = root / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture
def modprobe(monkeypatch: pytest.MonkeyPatch) -> Modprobe:
    made = Modprobe(*MODULES)
    monkeypatch.setattr(module_reader, "run_command", made.run)
    monkeypatch.setattr(module_reader, "find_program", lambda name: f"/usr/sbin/{name}")
    return made


def read(root: Path) -> ModuleFacts:
    return ModuleReader(Outside(str(root)), KERNEL).read()


def test_all_are_asked_for_at_once_and_one_by_one_where_that_fails(tmp_path: Path, modprobe: Modprobe) -> None:
    write(tmp_path, f"/lib/modules/{KERNEL}/modules.builtin", "kernel/net/bridge/bridge.ko\n")
    write(tmp_path, "/proc/filesystems", "nodev\toverlay\n")
    (tmp_path / "sys/module/nf_tables").mkdir(parents=True)
    facts = read(tmp_path)
    assert facts.there == ["nf_tables", "bridge", "overlay"]
    assert facts.loadable == tuple(name for name in MODULES if name not in facts.there)
    assert (len(modprobe.asked), facts.has_folder) == (1, True)
    modprobe.known = ("nft_ct", "nft_log", "veth")
    assert read(tmp_path).loadable == ("nft_ct", "nft_log", "veth")


def test_nothing_is_asked_where_all_are_loaded(tmp_path: Path, modprobe: Modprobe) -> None:
    for name in MODULES:
        (tmp_path / "sys/module" / name).mkdir(parents=True)
    assert read(tmp_path) == ModuleFacts(list(MODULES), has_folder=False, has_configuration=False)
    assert modprobe.asked == []


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/proc/config.gz", gzip.compress(BUILT_IN.encode(), mtime=0)),
        (f"/boot/config-{KERNEL}", f"# Linux\nCONFIG_EXT4_FS=m\n{BUILT_IN}"),
        (f"/boot/config-{KERNEL}", BUILT_IN.replace("\n", "\r\n").rstrip()),
    ],
)
def test_a_kernel_without_modules_says_what_it_has(
    tmp_path: Path, modprobe: Modprobe, path: str, content: str | bytes
) -> None:
    modprobe.known = ()
    assert not read(tmp_path).has_configuration
    write(tmp_path, path, content)
    facts = read(tmp_path)
    assert facts.there == list(MODULES)
    assert not facts.has_folder


def test_a_kernel_that_says_it_lacks_one(tmp_path: Path, modprobe: Modprobe) -> None:
    modprobe.known = ()
    write(tmp_path, f"/boot/config-{KERNEL}", BUILT_IN.replace("CONFIG_VETH=y", "# CONFIG_VETH is not set"))
    facts = read(tmp_path)
    assert set(MODULES) - set(facts.there) == {"veth"}
    assert facts.has_configuration
    write(tmp_path, f"/boot/config-{KERNEL}", BUILT_IN.replace("=y", "=m"))
    assert read(tmp_path) == ModuleFacts([], has_folder=False)


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("install overlay /bin/false\nblacklist overlay\n", {"overlay": "`install overlay /bin/false`"}),
        ("install \\\n overlay /bin/true", {"overlay": "`install overlay /bin/true`"}),
        ("install nft-ct* /usr/bin/false\r\n", {"nft_ct": "`install nft_ct* /usr/bin/false`"}),
        ("blacklist veth # no containers\n", {"veth": "`blacklist veth # no containers`"}),
        ("blacklist overlay\nblacklist bridge\n#install veth /bin/false\n", {}),
        ("install veth /sbin/modprobe --ignore-install veth\ninstall veth /bin/false\n", {}),
        ("install sctp /bin/false\noptions overlay metacopy=on\ninstall veth\n", {}),
    ],
)
def test_rules_of_others_are_found(tmp_path: Path, modprobe: Modprobe, text: str, closed: dict[str, str]) -> None:
    write(tmp_path, MODULE_RULES, "install overlay /bin/false\n")
    write(tmp_path, "/etc/modprobe.d/cis.conf", text)
    write(tmp_path, "/lib/modprobe.d/cis.conf", "install veth /bin/false\n")
    assert read(tmp_path).closed == {name: f"{line} in /etc/modprobe.d/cis.conf" for name, line in closed.items()}
    assert modprobe.asked


def test_a_host_without_modprobe_can_load_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_reader, "find_program", lambda _unused: None)
    write(tmp_path, "/proc/sys/kernel/modules_disabled", "1\n")
    facts = read(tmp_path)
    assert (facts.there, facts.loadable, facts.is_sealed) == ([], (), True)
