"""Keys, table entries and before-images of files that several own; kernel parameters."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import Kept, RefusedError, SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Resource
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.json_key import JsonKeyProvider
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.provider import Provider
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.shared_file import SharedFileProvider
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.shared_time import SharedTimeProvider
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.sysctl import SysctlProvider
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.table_entry import TableEntryProvider
from ansible_collections.ably.sandbox.plugins.module_utils._system.shadow_lock import shadow_lock
from ansible_collections.ably.sandbox.tests.states import present

OLD = 1_111_111_111_222_333_444


def plan(kind: Provider, name: str, after: State, check: tuple[str, ...] = ()) -> Change:
    return Change(Resource("any", name), kind.observe(name), after, check=check)


def swap(kind: Provider, name: str, after: State) -> Change:
    done = plan(kind, name, after)
    kind.rehearse(done)
    kind.swap([done])
    assert kind.observe(name).holds(after)
    return done


def write_old(path: Path, text: str) -> None:
    path.write_text(text)
    os.utime(path, ns=(OLD, OLD))


# Keys of a JSON file.


def test_a_key_comes_and_goes(outside: Outside, root: Path) -> None:
    path = root / "etc/d.json"
    path.write_text('{"a": 1}\n')
    path.chmod(0o600)
    os.chown(path, 3, 4)
    kind = JsonKeyProvider(outside)
    assert kind.observe("/etc/d.json#icc") == ABSENT
    done = swap(kind, "/etc/d.json#icc", present(value=False))
    assert path.read_text() == '{"a": 1, "icc": false}\n'
    assert (path.stat().st_uid, path.stat().st_gid, path.stat().st_mode & 0o777) == (3, 4, 0o600)
    kind.swap([done.inverse])
    assert path.read_text() == '{"a": 1}\n'


def test_a_file_for_a_key_is_made(outside: Outside, root: Path) -> None:
    swap(JsonKeyProvider(outside), "/etc/d.json#icc", present(value=None))
    assert (root / "etc/d.json").read_text() == '{\n  "icc": null\n}\n'


def test_a_check_sees_all_keys_so_far(outside: Outside, root: Path) -> None:
    kind = JsonKeyProvider(outside)
    kind.rehearse(plan(kind, "/etc/d.json#a", present(value=1)))
    kind.rehearse(plan(kind, "/etc/d.json#b", present(value=2), ("grep", "-q", '"a": 1', "{}")))
    with pytest.raises(RefusedError, match=r"/etc/d.json: its new content is refused"):
        kind.rehearse(plan(kind, "/etc/d.json#b", present(value=2), ("false",)))
    assert os.listdir(root / "etc") == []


def test_removing_a_key_that_is_gone_writes_nothing(outside: Any, root: Path) -> None:
    (root / "etc/d.json").write_text("{}")
    JsonKeyProvider(outside).swap([Change(Resource("json_key", "/etc/d.json#a"), present(value=1), ABSENT)])
    assert outside.steps == []


# Entries of a table.


def test_an_entry_comes_and_goes(outside: Outside, root: Path) -> None:
    (root / "etc/group").write_bytes(b"root:x:0:\n\xff:x:5:\n")
    (root / "etc/group").chmod(0o604)
    kind = TableEntryProvider(outside)
    done = swap(kind, "/etc/group#box", present(line="box:x:990:"))
    assert (root / "etc/group").read_bytes() == b"root:x:0:\n\xff:x:5:\nbox:x:990:\n"
    assert (root / "etc/group").stat().st_mode & 0o777 == 0o604
    kind.swap([done.inverse])
    assert (root / "etc/group").read_bytes() == b"root:x:0:\n\xff:x:5:\n"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("box:x:0:", "the id of box is root's already"),
        ("box:x:1", "has 3 fields, expected 4"),
        ("b:x:1:", "begins with"),
    ],
)
def test_an_entry_that_must_not_be_there(outside: Outside, root: Path, line: str, words: str) -> None:
    (root / "etc/group").write_text("root:x:0:\n")
    kind = TableEntryProvider(outside)
    with pytest.raises(RefusedError, match=f"/etc/group: .*{words}"):
        kind.rehearse(plan(kind, "/etc/group#box", present(line=line)))


def test_two_programs_do_not_change_accounts_at_once(outside: Outside) -> None:
    ready, told = os.pipe()
    holder = os.fork()
    if holder == 0:
        with shadow_lock(outside):
            os.write(told, b"x")
            os.read(os.pipe()[0], 1)
    os.read(ready, 1)
    try:
        with pytest.raises(SandboxError, match=r"/etc/.pwd.lock: held for 0.2 s"), shadow_lock(outside, patience=0.2):
            pass
    finally:
        os.kill(holder, 9)
        os.waitpid(holder, 0)
        os.close(ready)
        os.close(told)
    with shadow_lock(outside, patience=0.2):
        pass


# Before-images.


@pytest.mark.parametrize(
    ("name", "former", "there"),
    [
        ("d.json", '{"b": 1,\n "a": [1]}', '{\n  "a": [1], "b": 1}\n'),
        ("d.json", None, "{}\n"),
        ("d.json", None, None),
        ("d.json", "", "{}"),
        ("d.json", "not JSON", "not JSON"),
        ("group", "root:x:0:", "root:x:0:\n"),
        ("subuid", None, ""),
        ("other", "a", "a"),
    ],
)
def test_a_file_that_means_the_same_goes_back(
    outside: Outside, root: Path, name: str, former: str | None, there: str | None
) -> None:
    kind, path = SharedFileProvider(outside), root / "etc" / name
    if former is not None:
        write_old(path, former)
    before = kind.observe(f"/etc/{name}")
    path.unlink(missing_ok=True)
    if there is not None:
        path.write_text(there)
    kind.swap([plan(kind, f"/etc/{name}", before)])
    assert kind.observe(f"/etc/{name}") == before


@pytest.mark.parametrize(
    ("name", "former", "there"),
    [
        ("d.json", '{"b": 1}', '{"b": true}'),
        ("d.json", None, '{"b": 1}'),
        ("d.json", "{}", "{"),
        ("d.json", "{}", '{"b": 1}'),
        ("d.json", '{"b": 1}', None),
        ("group", "root:x:0:\n", "root:x:0:\nbob:x:1:\n"),
        ("group", "a:x:0:\nb:x:1:\n", "b:x:1:\na:x:0:\n"),
        ("subuid", None, "bob:1:1\n"),
    ],
)
def test_a_file_with_others_things_in_it_is_kept(
    outside: Outside, root: Path, name: str, former: str | None, there: str | None
) -> None:
    kind, path = SharedFileProvider(outside), root / "etc" / name
    if former is not None:
        write_old(path, former)
    before = kind.observe(f"/etc/{name}")
    path.unlink(missing_ok=True)
    if there is not None:
        path.write_text(there)
    with pytest.raises(Kept, match="others' entries are in it"):
        kind.swap([plan(kind, f"/etc/{name}", before)])
    assert (path.read_text() if path.exists() else None) == there


@pytest.mark.parametrize("former", [None, "root:x:0:\n"])
def test_a_backup_goes_back_with_its_table(outside: Outside, root: Path, former: str | None) -> None:
    (root / "etc/group").write_text("root:x:0:\nalice:x:1000:\n")
    if former is not None:
        write_old(root / "etc/group-", former)
    kind = SharedFileProvider(outside)
    before = kind.observe("/etc/group-")
    (root / "etc/group-").write_text("root:x:0:\nalice:x:1000:\ndocker:x:99:\n")
    (root / "etc/group").write_text("root:x:0:\nalice:x:1000:\nbob:x:1001:\n")
    with pytest.raises(Kept):
        kind.swap([plan(kind, "/etc/group-", before)])
    (root / "etc/group").write_text("root:x:0:\nalice:x:1000:\n")
    kind.swap([plan(kind, "/etc/group-", before)])
    assert kind.observe("/etc/group-") == before
    assert (root / "etc/group-").exists() == (former is not None)


# Kernel parameters.


def test_a_parameter(outside: Outside, root: Path) -> None:
    (root / "proc/sys/net/ipv4/ip_forward").write_text("0\n")
    (root / "proc/sys/net/ipv4/range").write_text("1\t2\n")
    kind = SysctlProvider(outside)
    done = swap(kind, "net.ipv4.ip_forward", present(value="1"))
    assert (root / "proc/sys/net/ipv4/ip_forward").read_text() == "1\n"
    kind.swap([done.inverse])
    assert (root / "proc/sys/net/ipv4/ip_forward").read_text() == "0\n"
    assert kind.observe("net.ipv4.range") == present(value="1 2")


def test_a_dot_in_a_name(outside: Outside, root: Path) -> None:
    (root / "proc/sys/net/ipv4/eth0.5").write_text("0\n")
    assert SysctlProvider(outside).observe("net.ipv4.eth0/5") == present(value="0")


def test_a_parameter_that_is_not_there(outside: Any) -> None:
    kind = SysctlProvider(outside)
    assert kind.observe("net.bridge.x") == ABSENT
    with pytest.raises(RefusedError, match="this kernel does not have it"):
        kind.rehearse(plan(kind, "net.bridge.x", present(value="1")))
    kind.swap([Change(Resource("sysctl", "net.bridge.x"), present(value="1"), present(value="0"))])
    assert outside.steps == []


# The time of a file that several own.


def test_a_time_goes_back_with_the_content_alone(outside: Outside, root: Path) -> None:
    path, kind = root / "etc/group", SharedTimeProvider(outside)
    write_old(path, "a:x:1:\n")
    before = kind.observe("/etc/group")
    path.write_text("a:x:1:\nours:x:2:\n")
    with pytest.raises(Kept, match="/etc/group: others' changes are in it"):
        kind.swap([plan(kind, "/etc/group", before)])
    path.write_text("a:x:1:\n")
    kind.swap([plan(kind, "/etc/group", before)])
    assert path.stat().st_mtime_ns == OLD
    assert kind.observe("/etc/none") == ABSENT
