"""Accounts of tables and of NSS together. NSS is played: its answers are those of a directory that lists nobody."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.asked import Asked
from ansible_collections.ably.sandbox.plugins.module_utils._system import account_reader
from ansible_collections.ably.sandbox.plugins.module_utils._system.account_reader import AccountReader
from ansible_collections.ably.sandbox.plugins.module_utils._system.commands import Result
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside

LISTED = {"root": 0, "walt": 60610}
# Found by name and by id alone.
UNLISTED = {"DOM\\user": 70001, "far": 1879048192}


def user(name: str, uid: int) -> SimpleNamespace:
    return SimpleNamespace(pw_name=name, pw_uid=uid)


@pytest.fixture(autouse=True)
def nss(monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = {**LISTED, **UNLISTED}
    ids = {uid: user(name, uid) for name, uid in everybody.items()}
    names = {name.lower(): user(name, uid) for name, uid in everybody.items()}
    users = SimpleNamespace(
        getpwall=lambda: [user(name, uid) for name, uid in LISTED.items()],
        getpwuid=lambda uid: ids[uid],
        getpwnam=lambda name: names[name.lower()],
    )
    groups = SimpleNamespace(
        getgrall=lambda: [SimpleNamespace(gr_name="staff", gr_gid=50)],
        getgrgid=lambda gid: {60591: SimpleNamespace(gr_name="doors", gr_gid=60591)}[gid],
    )
    monkeypatch.setattr(account_reader, "pwd", users)
    monkeypatch.setattr(account_reader, "grp", groups)


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    write(tmp_path, "passwd", "root:x:0:0::/root:/bin/sh\n")
    write(tmp_path, "group", "staff:x:50:\n")
    return Outside(str(tmp_path))


def write(root: Path, name: str, text: str) -> None:
    path = root / "etc" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def read(outside: Outside, ids: tuple[int, ...] = (), names: tuple[str, ...] = ()) -> list[str]:
    return [str(taken) for taken in AccountReader(outside).read(Asked(ids, names)).ids]


def test_who_is_in_a_table_is_named_once(outside: Outside) -> None:
    assert read(outside) == [
        "root has 0 in /etc/passwd",
        "staff has 50 in /etc/group",
        "walt has 60610 in NSS (getent passwd)",
    ]


def test_who_is_not_listed_is_found_by_the_ids_that_are_asked_for(outside: Outside) -> None:
    found = read(outside, (1879048192, 60591, 5))
    assert "far has 1879048192 in NSS (getent passwd)" in found
    assert "doors has 60591 in NSS (getent group)" in found
    assert not any("DOM" in text for text in found)


def test_accounts_are_known_by_the_name_that_nss_has(outside: Outside) -> None:
    found = AccountReader(outside).read(Asked(names=("dom\\user", "root", "john.doe")))
    assert found.accounts == {"dom\\user": "DOM\\user", "root": "root"}


@pytest.mark.parametrize(
    ("nsswitch", "expected"),
    [
        ("passwd: files sss\n", "SSSD's domain corp has 200000 to 999999999 in /etc/sssd/sssd.conf"),
        ("group: files sss\n", "SSSD's domain corp has 200000 to 999999999 in /etc/sssd/sssd.conf"),
        ("passwd: files winbind\n", "winbind's domain * has 3000 to 4000 in /etc/samba/smb.conf"),
        ("passwd: files\n", ""),
    ],
)
def test_what_a_directory_may_give_counts_where_nss_asks_it(
    outside: Outside, tmp_path: Path, nsswitch: str, expected: str
) -> None:
    write(tmp_path, "nsswitch.conf", nsswitch)
    write(tmp_path, "sssd/sssd.conf", "[domain/corp]\nid_provider = ad\n")
    write(tmp_path, "sssd/conf.d/50-range.conf", "[domain/corp]\nldap_idmap_range_max = 1000000000\n")
    write(tmp_path, "sssd/conf.d/.hidden.conf", "[domain/corp]\nldap_idmap_range_max = 3000000\n")
    write(tmp_path, "samba/smb.conf", "idmap config * : range = 3000-4000\n")
    assert [text for text in read(outside) if "domain" in text] == [expected][: bool(expected)]


def test_a_plug_in_for_ranges_is_asked(outside: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(command: tuple[str, ...], accept: tuple[int, ...]) -> Result:
        asked.append(" ".join(command))
        assert accept == (0, 1)
        return Result(0, "0: walt 200000 65536\n", "") if command[1:] == ("-g", "walt") else Result(1, "", "")

    monkeypatch.setattr(account_reader, "find_program", lambda _unused: "/usr/bin/getsubids")
    monkeypatch.setattr(account_reader, "run_command", answer)
    write(tmp_path, "nsswitch.conf", "subid: sss\n")
    assert "walt has 200000 to 265535 in NSS (getsubids -g)" in read(outside, names=("DOM\\user",))
    assert [line for line in asked if " -g" not in line] == [
        "getsubids root", "getsubids walt", "getsubids DOM\\user",
    ]  # fmt: skip


@pytest.mark.parametrize(("nsswitch", "is_told"), [("subid: sss\n", True), ("subid: files\n", False), ("", False)])
def test_a_plug_in_that_nobody_can_ask_is_told(
    outside: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nsswitch: str, is_told: bool
) -> None:
    monkeypatch.setattr(account_reader, "find_program", lambda _unused: None)
    write(tmp_path, "nsswitch.conf", nsswitch)
    expected = "subid: sss in /etc/nsswitch.conf, and no getsubids to ask it with" if is_told else ""
    assert AccountReader(outside).read(Asked()).unasked_ranges == expected
