"""Each protection, taken away alone, is noticed; a container that has all of them is not refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.apparmor.keys import AppArmor
from ansible_collections.ably.sandbox.plugins.module_utils._controls.kernel.keys import KernelRules
from ansible_collections.ably.sandbox.plugins.module_utils._controls.registry import (
    find_missing,
    find_missing_in_process,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.keys import Seccomp
from ansible_collections.ably.sandbox.plugins.module_utils._controls.session_view import (
    KernelView,
    NetworkView,
    ProcessView,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.userns.keys import Userns
from ansible_collections.ably.sandbox.plugins.module_utils._formats.apparmor_facts import LoadedProfile
from ansible_collections.ably.sandbox.tests.unit.agent.fragments import DIGEST
from ansible_collections.ably.sandbox.tests.unit.controls.test_container_spec import assemble
from ansible_collections.ably.sandbox.tests.unit.controls.test_network_checks import GOOD as NETWORK

SLOT = 3

STATUS = """\
Name:	catatonit
State:	S (sleeping)
Uid:	60603	60603	60603	60603
Gid:	60603	60603	60603	60603
Groups:	 
CapInh:	0000000000000000
CapPrm:	0000000000000000
CapEff:	0000000000000000
CapBnd:	0000000000000000
CapAmb:	0000000000000000
NoNewPrivs:	1
Seccomp:	2
Seccomp_filters:	1
"""  # noqa: W291  # as the kernel writes it

MOUNTS = """\
700 600 0:50 / / ro,relatime - overlay overlay rw,lowerdir=/a,upperdir=/b,workdir=/c
701 700 0:53 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
702 700 0:54 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755,inode64
703 702 0:55 / /dev/pts rw,nosuid,noexec,relatime - devpts devpts rw,gid=5,mode=620,ptmxmode=666
704 700 0:56 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs ro
705 704 0:28 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw
706 702 0:51 / /dev/mqueue rw,nosuid,nodev,noexec,relatime - mqueue mqueue rw
707 702 0:57 / /dev/shm rw,nosuid,nodev,noexec,relatime - tmpfs shm rw,size=8192k,inode64
708 700 0:58 / /tmp rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,size=65536k,uid=60603,gid=60603,inode64
709 700 0:59 / /run rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,size=16384k,mode=755,inode64
710 700 0:60 / /home/ably/.ably rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,size=10240k,mode=700,inode64
711 700 8:1 /usr/bin/catatonit /.ably-pause ro,relatime - ext4 /dev/vda1 rw
712 700 0:24 /ably-sandbox/sessions/x/passwd /etc/passwd ro,nosuid,nodev - tmpfs tmpfs rw,size=200000k
713 701 0:53 /bus /proc/bus ro,nosuid,nodev,noexec,relatime - proc proc rw
"""

LIMITS = """\
Limit                     Soft Limit           Hard Limit           Units     
Max file size             67108864             67108864             bytes     
Max core file size        0                    0                    bytes     
Max open files            1024                 1024                 files     
"""  # noqa: W291  # as the kernel writes it

OWN = {name: f"{name}:[2]" for name in ("cgroup", "ipc", "mnt", "net", "pid", "uts", "user")}
HOST = {name: f"{name}:[1]" for name in OWN}

GOOD = KernelView(
    process=ProcessView(
        status=STATUS,
        cgroup="0::/ably.slice/ably-sandbox.slice/docker-0123.scope\n",
        namespaces=OWN,
        apparmor="docker-default (enforce)\n",
        uid_map="         0          0 4294967295\n",
        oom_score_adj="899\n",
    ),
    mountinfo=MOUNTS,
    network=NETWORK,
    limits=LIMITS,
    host_namespaces=HOST,
    cgroup_files={
        "memory.max": "268435456\n",
        "memory.swap.max": "0\n",
        "pids.max": "50\n",
        "cpu.max": "100000 100000\n",
    },
    nft_digests={("inet", "ably_sandbox"): DIGEST, ("bridge", "ably_sandbox"): DIGEST},
)


def test_a_container_with_every_protection_is_let_through() -> None:
    assert find_missing(assemble(), SLOT, GOOD) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("NoNewPrivs:\t1", "NoNewPrivs:\t0", "no-new-privileges"),
        ("CapInh:\t0000000000000000", "CapInh:\t0000000000000001", "CapInh"),
        ("CapPrm:\t0000000000000000", "CapPrm:\t0000000000002000", "CapPrm"),
        ("CapEff:\t0000000000000000", "CapEff:\t00000000a80425fb", "CapEff"),
        ("CapBnd:\t0000000000000000", "CapBnd:\t000001ffffffffff", "CapBnd"),
        ("CapAmb:\t0000000000000000", "CapAmb:\t0000000000000010", "CapAmb"),
        ("CapBnd:\t0000000000000000\n", "", "CapBnd"),
        ("Uid:\t60603\t60603", "Uid:\t60603\t0", "Uid"),
        ("Gid:\t60603", "Gid:\t0", "Gid"),
        ("Groups:\t ", "Groups:\t0 ", "groups"),
        ("Seccomp:\t2", "Seccomp:\t0", "seccomp"),
    ],
)
def test_a_process_without_a_protection_is_noticed(before: str, after: str, said: str) -> None:
    assert before in STATUS
    view = replace(GOOD, process=replace(GOOD.process, status=STATUS.replace(before, after)))
    missing = find_missing(assemble(), SLOT, view)
    assert len(missing) == 1
    assert said in missing[0]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (" / / ro,relatime", " / / rw,relatime", "root file system is writable"),
        ("/tmp rw,nosuid,nodev,noexec", "/tmp rw,nosuid,nodev", "/tmp is not noexec"),
        ("/tmp rw,nosuid,nodev", "/tmp rw,nodev", "/tmp is not nosuid"),
        ("/run rw,nosuid,nodev", "/run rw,nosuid", "/run is not nodev"),
        ("rw,size=65536k,uid", "rw,uid", "/tmp is not bounded"),
        ("rw,size=10240k", "rw,size=10241k", "/home/ably/.ably is not bounded"),
        ("/dev/shm rw,nosuid,nodev,noexec", "/dev/shm rw,nosuid,nodev", "/dev/shm is not noexec"),
        ("/home/ably/.ably", "/home/ably/other", "nothing is mounted on /home/ably/.ably"),
        ("/etc/passwd ro", "/etc/passwd rw", "/etc/passwd is writable"),
        ("/sys ro", "/sys rw", "/sys is writable"),
        ("/.ably-pause ro", "/.ably-pause rw", "/.ably-pause is writable"),
    ],
)
def test_a_mount_that_is_looser_is_noticed(before: str, after: str, said: str) -> None:
    assert before in MOUNTS
    assert said in find_missing(assemble(), SLOT, replace(GOOD, mountinfo=MOUNTS.replace(before, after)))[0]


def test_the_command_line_goes_before_the_pause_program() -> None:
    process = replace(GOOD.process, oom_score_adj="900\n")
    assert find_missing_in_process(assemble(), SLOT, process) == []
    assert find_missing_in_process(assemble(), SLOT, GOOD.process) == ["oom_score_adj is 899, not 900"]


def test_what_is_mounted_over_a_place_counts() -> None:
    over = "800 708 8:1 / /tmp rw,relatime - ext4 /dev/vda1 rw\n"
    assert "/tmp is not noexec" in find_missing(assemble(), SLOT, replace(GOOD, mountinfo=MOUNTS + over))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"mountinfo": ""}, "nothing is mounted on"),
        ({"mountinfo": "garbage"}, "cannot be read"),
        ({"host_namespaces": {}}, "no net namespace of its own"),
        ({"network": NetworkView()}, "ably-slot-003 is not a port of ably-gateway, but of no bridge"),
        ({"limits": LIMITS.replace("1024", "1048576")}, "the limit nofile is 1048576 1048576, not 1024"),
        ({"limits": ""}, "the limit core is missing"),
        ({"cgroup_files": {}}, "memory.max is missing"),
        ({"cgroup_files": {**GOOD.cgroup_files, "memory.max": "max\n"}}, "memory.max is max, not 268435456"),
        ({"cgroup_files": {**GOOD.cgroup_files, "memory.swap.max": "max\n"}}, "memory.swap.max is max"),
        ({"cgroup_files": {**GOOD.cgroup_files, "pids.max": "max\n"}}, "pids.max is max"),
        ({"cgroup_files": {**GOOD.cgroup_files, "cpu.max": "max 100000\n"}}, "cpu.max is max 100000"),
        ({"nft_digests": {("inet", "ably_sandbox"): DIGEST}}, "bridge ably_sandbox is not there"),
        ({"nft_digests": {**GOOD.nft_digests, ("inet", "ably_sandbox"): "0" * 64}}, "not as it was written"),
        ({"process": replace(GOOD.process, cgroup="0::/system.slice/docker-0123.scope\n")}, "ably-sandbox.slice"),
        ({"process": ProcessView("", "")}, "no-new-privileges"),
        ({"process": replace(GOOD.process, oom_score_adj="-998\n")}, "oom_score_adj is -998, not 899"),
        ({"process": replace(GOOD.process, oom_score_adj="")}, "oom_score_adj is unknown"),
    ],
)
def test_whatever_else_is_missing_is_noticed(changed: dict[str, object], said: str) -> None:
    assert any(said in sentence for sentence in find_missing(assemble(), SLOT, replace(GOOD, **changed)))


@pytest.mark.parametrize("name", ["cgroup", "ipc", "mnt", "net", "pid", "uts"])
def test_a_shared_namespace_is_noticed(name: str) -> None:
    shared = replace(GOOD, process=replace(GOOD.process, namespaces={**OWN, name: HOST[name]}))
    assert find_missing(assemble(), SLOT, shared) == [f"no {name} namespace of its own"]
    unknown = {key: value for key, value in OWN.items() if key != name}
    unseen = replace(GOOD, process=replace(GOOD.process, namespaces=unknown))
    assert find_missing(assemble(), SLOT, unseen) == [f"no {name} namespace of its own"]


POLICY = b"compiled"
WRITTEN = LoadedProfile("enforce", POLICY)
CONFINED = "ably-cli (enforce)\n"


def under_apparmor(label: str, loaded: LoadedProfile | None) -> list[str]:
    view = replace(GOOD, process=replace(GOOD.process, apparmor=label), apparmor_profile=loaded)
    return find_missing(replace(assemble(), parts=(AppArmor("ably-cli", WRITTEN.sha256),)), SLOT, view)


@pytest.mark.parametrize("label", [CONFINED, "ably-cli//&crun (mixed)\n", "crun//&ably-cli (mixed)\n"])
def test_a_session_under_its_profile_is_let_through(label: str) -> None:
    assert under_apparmor(label, WRITTEN) == []


@pytest.mark.parametrize(
    "label",
    [
        "ably-cli (complain)\n",
        "ably-cli (kill)\n",
        "ably-cli-old (enforce)\n",
        ":other://ably-cli (enforce)\n",
        "docker-default (enforce)\n",
        "crun (unconfined)\n",
        "unconfined\n",
        "",
    ],
)
def test_another_label_is_noticed(label: str) -> None:
    assert under_apparmor(label, WRITTEN) == [f"the AppArmor label is {label.strip() or 'unconfined'}, not ably-cli"]


@pytest.mark.parametrize(
    ("loaded", "said"),
    [
        (None, "is not there"),
        (LoadedProfile("complain", POLICY), "is in complain mode"),
        (LoadedProfile("enforce", b"compiled from another source"), "is not as it was written"),
        (LoadedProfile("enforce", None), "is not as it was written"),
    ],
)
def test_what_the_kernel_has_under_the_profiles_name_counts(loaded: LoadedProfile | None, said: str) -> None:
    (missing,) = under_apparmor(CONFINED, loaded)
    assert said in missing


RULES = KernelRules("/etc/modprobe.d/00-ably-sandbox.conf", DIGEST, (("kernel.io_uring_disabled", "1"),))


@pytest.mark.parametrize(
    ("digest", "value", "said"),
    [
        (DIGEST, "1", []),
        (DIGEST, "2", []),
        (DIGEST, "0", ["kernel.io_uring_disabled is 0, not 1"]),
        (DIGEST, "", ["kernel.io_uring_disabled is not there, not 1"]),
        ("", "1", ["/etc/modprobe.d/00-ably-sandbox.conf is not as it was written"]),
    ],
)
def test_what_is_closed_of_the_kernel_is_closed_still(digest: str, value: str, said: list[str]) -> None:
    view = replace(GOOD, module_rules=digest, sysctls={"kernel.io_uring_disabled": value})
    assert find_missing(replace(assemble(), parts=(RULES,)), SLOT, view) == said


def test_apparmor_counts_only_when_it_is_asked_for() -> None:
    assert find_missing(assemble(), SLOT, replace(GOOD, apparmor_profile=None)) == []


MAP = "         0     231072      65536\n"


def test_remapped_ids_count_when_they_are_asked_for() -> None:
    spec = replace(assemble(), parts=(Userns(231072, 65536), Seccomp("/x", DIGEST)))
    missing = find_missing(spec, SLOT, GOOD)
    assert any("remapped" in sentence for sentence in missing)
    assert any("Uid is not 291675" in sentence for sentence in missing)
    process = replace(GOOD.process, status=STATUS.replace("60603", "291675"), uid_map=MAP, gid_map=MAP)
    assert find_missing(spec, SLOT, replace(GOOD, process=process)) == []
    other = replace(GOOD.process, status=process.status, uid_map=MAP, gid_map=MAP.replace("231072", "231073"))
    assert find_missing(spec, SLOT, replace(GOOD, process=other)) == ["the group ids are not remapped"]
