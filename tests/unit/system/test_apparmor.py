"""A profile in the kernel: compared by its compiled policy, replaced whole, and never taken from under a process."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.diffs import render_diffs
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import RefusedError, SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Resource, Wish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change
from ansible_collections.ably.sandbox.plugins.module_utils._system.apparmor import (
    compile_profile,
    find_users,
    read_parser_version,
    read_profile,
)
from ansible_collections.ably.sandbox.plugins.module_utils._system.commands import ENVIRONMENT
from ansible_collections.ably.sandbox.plugins.module_utils._system.local_host import LocalHost
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.apparmor_profile import (
    ApparmorProfileProvider,
)
from ansible_collections.ably.sandbox.tests.states import present
from ansible_collections.ably.sandbox.tests.unit.system.conftest import CountingOutside

NAME = "ably-sandbox"
PROFILES = "sys/kernel/security/apparmor/policy/profiles"
PARAMETERS = "sys/module/apparmor/parameters"
# What apparmor_parser 3.0.8 says, and how it ends.
REFUSAL = "AppArmor parser error at line 1: syntax error, unexpected TOK_ID, expecting TOK_MODE"
# A parser that "compiles", and a kernel that is a folder.
PARSER = f"""#!/bin/sh
folder=$ROOT/{PROFILES}/{NAME}.7
case "$*" in
*--version*) echo "AppArmor parser version 4.1.0"; echo "Copyright (C) 1999-2008 Novell Inc." ;;
*--stdout*) text=$(cat); case $text in *wrong*) echo "{REFUSAL}" >&2; exit 1 ;; esac; printf 'compiled %s' "$text" ;;
*--binary*--replace*)
    mkdir -p "$folder" && cat > "$folder/raw_data" && echo enforce > "$folder/mode" && echo {NAME} > "$folder/name" ;;
*) exit 9 ;;
esac
"""


def load(root: Path, name: str = NAME, mode: str = "enforce", policy: bytes | None = b"old", number: int = 3) -> Path:
    # The kernel leaves a leading slash out of the folder's name.
    folder = root / PROFILES / f"{name.lstrip('/')}.{number}"
    folder.mkdir(parents=True)
    (folder / "name").write_text(f"{name}\n")
    (folder / "mode").write_text(f"{mode}\n")
    if policy is not None:
        (folder / "raw_data").write_bytes(policy)
    return folder


def run_under(root: Path, pid: int, label: str, program: str = "node") -> None:
    folder = root / "proc" / str(pid)
    (folder / "attr").mkdir(parents=True)
    (folder / "attr" / "current").write_text(label)
    (folder / "comm").write_text(f"{program}\n")


def digest(policy: bytes) -> str:
    return hashlib.sha256(policy).hexdigest()


@pytest.fixture
def kind(outside: CountingOutside, root: Path, monkeypatch: pytest.MonkeyPatch) -> ApparmorProfileProvider:
    """On a host whose kernel has AppArmor, and the parser above."""
    (root / PROFILES).mkdir(parents=True)
    (root / PARAMETERS).mkdir(parents=True)
    (root / PARAMETERS / "mode").write_text("enforce")
    (root / "bin").mkdir()
    (root / "bin/apparmor_parser").write_text(PARSER)
    (root / "bin/apparmor_parser").chmod(0o755)
    monkeypatch.setitem(ENVIRONMENT, "PATH", f"{root}/bin:/usr/bin:/bin")
    monkeypatch.setitem(ENVIRONMENT, "ROOT", str(root))
    compile_profile.cache_clear()
    return ApparmorProfileProvider(outside)


def complete(kind: ApparmorProfileProvider, source: str = "a profile") -> State:
    (wish,) = kind.complete([Wish(Resource("apparmor_profile", NAME), present(source=source))])
    assert wish.state is not None
    return wish.state


def change(kind: ApparmorProfileProvider, after: State) -> Change:
    return Change(Resource("apparmor_profile", NAME), kind.observe(NAME), after)


def test_a_source_becomes_what_the_kernel_will_show(kind: ApparmorProfileProvider) -> None:
    wished = complete(kind)
    assert wished.holds(present(profile_mode="enforce", sha256=digest(b"compiled a profile")))
    assert complete(kind, "another").fact("sha256") != wished.fact("sha256")
    done = change(kind, wished)
    kind.rehearse(done)
    kind.swap([done])
    assert kind.observe(NAME).holds(wished)
    # A person sees both, and not the compiled bytes.
    assert render_diffs([done], LocalHost()) == [
        {"prepared": f"create apparmor_profile {NAME}: profile_mode enforce, sha256 {digest(b'compiled a profile')}"}
    ]


def test_what_was_loaded_before_comes_back(kind: ApparmorProfileProvider, root: Path) -> None:
    folder = load(root, policy=b"\xff\x00 somebody's", number=7)
    before = kind.observe(NAME)
    done = change(kind, complete(kind))
    kind.swap([done])
    assert (folder / "raw_data").read_bytes() == b"compiled a profile"
    kind.swap([done.inverse])
    assert (folder / "raw_data").read_bytes() == b"\xff\x00 somebody's"
    assert kind.observe(NAME) == before


def test_only_the_very_name_counts(kind: ApparmorProfileProvider, root: Path) -> None:
    load(root, f"{NAME}.1")
    load(root, f"{NAME}-old")
    load(root, f"/{NAME}", policy=b"of a program's path", number=2)
    assert kind.observe(NAME) == ABSENT
    load(root)
    assert kind.observe(NAME).fact("sha256") == digest(b"old")


def test_another_mode_is_another_state(kind: ApparmorProfileProvider, root: Path) -> None:
    load(root, mode="complain", policy=b"compiled a profile")
    assert not kind.observe(NAME).holds(complete(kind))


def test_the_switch_for_all_profiles_counts(kind: ApparmorProfileProvider, root: Path) -> None:
    load(root)
    (root / PARAMETERS / "mode").write_text("complain\n")
    loaded = read_profile(NAME, str(root))
    assert loaded is not None
    assert loaded.mode == "complain"


def test_a_wrong_source_is_refused_in_the_parsers_words(
    kind: ApparmorProfileProvider, outside: CountingOutside
) -> None:
    with pytest.raises(RefusedError, match=f"apparmor_profile {NAME}: .*{REFUSAL}"):
        complete(kind, "wrong")
    assert outside.steps == []


def test_a_missing_parser_is_named(kind: ApparmorProfileProvider, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "bin/apparmor_parser").unlink()
    monkeypatch.setitem(ENVIRONMENT, "PATH", str(root / "bin"))
    assert read_parser_version() is None
    wished = complete(kind)
    assert wished == present(source="a profile")
    with pytest.raises(RefusedError, match="apparmor_parser is missing; install the package apparmor"):
        kind.rehearse(change(kind, wished))


def test_a_kernel_without_apparmor_is_refused(kind: ApparmorProfileProvider, root: Path) -> None:
    (root / PROFILES).rmdir()
    (root / PROFILES).parent.rmdir()
    with pytest.raises(RefusedError, match="AppArmor is off in the kernel"):
        kind.rehearse(change(kind, complete(kind)))


def test_a_kernel_that_hides_its_policies_is_refused(kind: ApparmorProfileProvider, root: Path) -> None:
    (root / PARAMETERS / "export_binary").write_text("Y\n")
    kind.rehearse(change(kind, complete(kind)))
    (root / PARAMETERS / "export_binary").write_text("N\n")
    with pytest.raises(RefusedError, match="does not show the policies"):
        kind.rehearse(change(kind, complete(kind)))
    (root / PARAMETERS / "export_binary").unlink()
    load(root, policy=None)
    with pytest.raises(RefusedError, match="does not show the policies"):
        kind.rehearse(change(kind, complete(kind)))


@pytest.mark.parametrize("label", [f"{NAME} (enforce)\n", f"{NAME}//&crun (mixed)\n", f"crun//&{NAME} (mixed)\n"])
def test_nothing_is_removed_from_under_a_process(
    kind: ApparmorProfileProvider, root: Path, outside: CountingOutside, label: str
) -> None:
    load(root)
    run_under(root, 41, "unconfined\n")
    run_under(root, 42, label)
    with pytest.raises(SandboxError, match=r"not removed, .*: 42 \(node\); end the sessions"):
        kind.swap([change(kind, ABSENT)])
    assert outside.steps == []
    assert not kind.observe(NAME).is_absent


def test_a_profile_that_nobody_runs_under_is_removed(kind: ApparmorProfileProvider, root: Path) -> None:
    load(root)
    for pid, label in enumerate(
        ("unconfined\n", f"{NAME}-old (enforce)\n", f"{NAME}.1//&crun (mixed)\n", ""), start=40
    ):
        run_under(root, pid, label)
    assert find_users(NAME, str(root)) == []
    kind.swap([change(kind, ABSENT)])
    assert (root / "sys/kernel/security/apparmor/.remove").read_text() == NAME


def test_what_was_compiled_at_a_boot_goes_as_well(kind: ApparmorProfileProvider, root: Path) -> None:
    cache = root / "var/cache/apparmor/979b3ac6.0"
    cache.mkdir(parents=True)
    for name in (NAME, "crun"):
        (cache / name).write_text("compiled")
    kind.swap([change(kind, complete(kind))])
    assert [path.name for path in cache.iterdir()] == ["crun"]


def test_a_removal_of_what_is_gone_does_nothing(kind: ApparmorProfileProvider, outside: CountingOutside) -> None:
    kind.swap([Change(Resource("apparmor_profile", NAME), present(profile_mode="enforce", sha256=""), ABSENT)])
    assert outside.steps == []
