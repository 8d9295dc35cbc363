"""What the filter does in a session with every layer on, and how it compares with Docker's own for this version."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from support.attack import Attack, attack
from support.host import Host
from support.others import others_container
from support.session import CONTAINERS, Terminal, run_script
from support.system_calls import MOST_ALLOWED

SCRIPT = Path(__file__).parent / "scripts" / "system_calls.py"
PROFILE = "/etc/ably-sandbox/seccomp.json"
# By the kernel's own table. The kernel's log says no more than ten words in five seconds unless it is told to.
ALL_RECORDS = "sysctl -q kernel.printk_ratelimit={}"
NUMBERS = """\
import ctypes, json, sys
resolve = ctypes.CDLL("libseccomp.so.2").seccomp_syscall_resolve_name
print(json.dumps({name: resolve(name.encode()) for name in sys.argv[1:]}))
"""
EXPECTED = {
    "x32 getpid": "killed",
    "int 0x80": "killed",
    "socket inet": "done",
    "socket inet, high bits": "EPERM",
    "socket packet": "EPERM",
    "socket packet, high bits": "EPERM",
    "socket raw": "EPERM",
    "socket raw, high bits": "EPERM",
    "socket alg": "EPERM",
    "socket vsock": "EPERM",
    "socket netlink netfilter": "EPERM",
    "ioctl TIOCSTI": "EPERM",
    "ioctl TIOCSTI, high bits": "EPERM",
    "ioctl TIOCLINUX": "EPERM",
    "clone with a user namespace": "EPERM",
    "clone3": "ENOSYS",
    "io_uring_setup": "EPERM",
}


@pytest.fixture(scope="module")
def tripwires(level2: Host) -> dict[str, int]:
    """Name to number of every call that kills, as the profile on the host has them."""
    rules = json.loads(level2.out(f"cat {PROFILE}"))["syscalls"]
    names = [name for rule in rules if rule["action"] == "SCMP_ACT_KILL_PROCESS" for name in rule["names"]]
    return number(level2, names)


def number(host: Host, names: Iterable[str]) -> dict[str, int]:
    """By the host's libseccomp. A negative number, which is left out, stands for another architecture's call."""
    found: dict[str, int] = json.loads(host.out(f"python3 - {' '.join(names)}", NUMBERS.encode()))
    return {name: number for name, number in found.items() if number >= 0}


@pytest.fixture(scope="module")
def found(level2: Host, tripwires: dict[str, int]) -> Attack:
    level2.out(ALL_RECORDS.format(0))
    done = attack(level2, SCRIPT.read_text(encoding="utf-8"), arguments=[json.dumps(tripwires)])
    level2.out(ALL_RECORDS.format(5))
    assert done.status == 0, done
    return done


@pytest.fixture(scope="module")
def outcomes(found: Attack) -> dict[str, str]:
    answer: dict[str, str] = json.loads(found.out.splitlines()[-1])
    return answer


@pytest.mark.parametrize("name", EXPECTED)
def test_outcome(outcomes: dict[str, str], name: str) -> None:
    assert outcomes[name] == EXPECTED[name]


def test_every_tripwire_kills_and_is_logged_with_the_sessions_uid(
    found: Attack, outcomes: dict[str, str], tripwires: dict[str, int]
) -> None:
    print(f"tripwires: {len(tripwires)}")
    assert len(tripwires) > 30
    assert {name for name in tripwires if outcomes[f"tripwire {name}"] != "killed"} == set()
    pattern = re.compile(rf"type=1326 .* uid={found.uid} .* sig=31 .* syscall=(\d+) ")
    logged = {int(record.group(1)) for line in found.records if (record := pattern.search(line))}
    assert {name for name, number in tripwires.items() if number not in logged} == set()


def allowed_in(config: dict[str, Any]) -> set[str]:
    rules = config["linux"]["seccomp"]["syscalls"]
    return {name for rule in rules if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}


def read_config(host: Host, container: str) -> dict[str, Any]:
    """What the runtime was given for a running container."""
    # The folder is named after the map of ids as well.
    path = (
        f"/run/containerd/io.containerd.runtime.v2.task/moby*/$(docker inspect -f {{{{.Id}}}} {container})/config.json"
    )
    found: dict[str, Any] = json.loads(host.out(f"cat {path}"))
    return found


def test_against_dockers_default(level2: Host, tmp_path: Path) -> None:
    with others_container(level2, "default"):
        dockers = allowed_in(read_config(level2, "default"))
    with Terminal(level2):
        session = level2.out("docker ps --quiet --filter label=io.ably.sandbox.session | head -1")
        config = read_config(level2, session)
    dockers, ours = set(number(level2, dockers)), set(number(level2, allowed_in(config)))
    assert config["linux"]["seccomp"]["architectures"] == ["SCMP_ARCH_X86_64"]
    table = [f"{name:<28}{'yes' if name in ours else 'no':<6}{'yes' if name in dockers else 'no'}"
             for name in sorted(ours | dockers)]  # fmt: skip
    (tmp_path / "system-calls.txt").write_text("\n".join([f"{'call':<28}{'ours':<6}Docker's", *table]) + "\n")
    print("\n".join(table))
    print(f"allowed: ours {len(ours)}, Docker's default {len(dockers)}, only ours {sorted(ours - dockers)}")
    assert len(ours) <= MOST_ALLOWED < len(dockers)


def test_record_mode_proposes_what_a_program_is_short_of(level2: Host) -> None:
    watch = "require('fs').watch('/tmp').close()"
    refused = run_script(level2, f"try {{ {watch}; return 'done'; }} catch (e) {{ return e.code; }}")
    assert refused == "EPERM"
    status, text = level2.call(f'ably-sandbox seccomp-record --seconds 60 -- /usr/bin/node -e "{watch}"')
    assert status == 0, text
    proposed = set(re.findall(r"^\+ *- *(\w+)", text, re.MULTILINE))
    print(f"proposed: {sorted(proposed)}")
    assert "inotify_init1" in proposed, text
    assert not {"clone3", "io_uring_setup"} & proposed
    assert level2.out(CONTAINERS) in {"0", "1"}
